"""Where a recording may be downloaded from, and where not."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stamina
from support.fake_vendor import BASE, KEY, client_for
from support.tls_servers import leave_surroundings

from vm_mcp.errors import PbxProtocolError, PbxUnavailableError, RecordingError

pytestmark = pytest.mark.anyio

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "
PUBLIC = "142.250.1.1"
MALFORMED_NAME = "https://xn--pbx-x.example/"
"""For which httpx raises an error of another library."""
Hosts = dict[str, list[str]]


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Hosts:
    """What names resolve to; any other name is unknown. No proxy is set."""
    known: Hosts = {"drive.example": [PUBLIC]}

    async def look_up(_loop: object, host: str, port: int, **_: Any) -> list[tuple[object, ...]]:  # noqa: ANN401
        if host not in known:
            raise socket.gaierror(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port)) for address in known[host]]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", look_up)
    leave_surroundings(monkeypatch)
    return known


class Pbx:
    """Hands out one link, and answers each path with the response in ``pages``, by default with audio."""

    def __init__(self, link: str, **pages: httpx.Response) -> None:
        self.link = link
        self.pages = pages
        self.downloads: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, text=self.link)
        self.downloads.append(request)
        return self.pages.get(request.url.path.strip("/"), httpx.Response(200, content=WAV))


def to(url: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": url})


async def fetch(pbx: Callable[[httpx.Request], httpx.Response]) -> bytes:
    async with client_for(pbx) as client:
        return (await client.voicemails.fetch_recording("m1")).data


async def test_the_vendors_plain_http_link_is_followed_over_https() -> None:
    pbx = Pbx("http://pbx.example/recording/R1")
    assert await fetch(pbx) == WAV
    assert str(pbx.downloads[0].url) == f"{BASE}/recording/R1"


async def test_a_redirect_to_a_public_host_is_followed_to_the_very_address_that_was_checked(hosts: Hosts) -> None:
    hosts["cdn.example"] = ["2607:f8b0::1"]
    pbx = Pbx(f"{BASE}/r", r=to("https://drive.example/d"), d=to("//cdn.example:8443/e"), e=to("f"))
    assert await fetch(pbx) == WAV
    assert [request.url.host for request in pbx.downloads] == ["pbx.example", PUBLIC, "2607:f8b0::1", "2607:f8b0::1"]
    assert [request.headers["Host"] for request in pbx.downloads[1:]] == [
        "drive.example",
        "cdn.example:8443",
        "cdn.example:8443",
    ]
    assert [request.extensions.get("sni_hostname") for request in pbx.downloads[1:]] == [
        "drive.example",
        "cdn.example",
        "cdn.example",
    ]
    for request in pbx.downloads:
        assert KEY not in f"{request.url} {request.headers} {request.content!r}"


PRIVATE = ["127.0.0.1", "10.0.0.8", "172.16.3.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"]
ODD = ["0.0.0.0", "255.255.255.255", "100.100.100.200", "168.63.129.16"]  # noqa: S104 - an address to refuse
PRIVATE_V6 = ["::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:10.0.0.8", "::ffff:169.254.169.254"]
TUNNELS = ["64:ff9b::a00:8", "64:ff9b:1::a00:8", "2002:a00:8::1", "2002:7f00:1::", "::10.0.0.8", "::ffff:0:10.0.0.8"]
UNASSIGNED = ["fec0::1", "4000::1", "5f00::1", "3fff::1", "192.88.99.1", "192.0.0.8"]


@pytest.mark.parametrize("address", [*PRIVATE, *ODD, *PRIVATE_V6, *TUNNELS, *UNASSIGNED])
async def test_a_redirect_into_a_private_network_is_not_followed(hosts: Hosts, address: str) -> None:
    hosts["drive.example"] = [PUBLIC, address]
    pbx = Pbx(f"{BASE}/r", r=to("https://drive.example/d"))
    with pytest.raises(RecordingError, match="private network"):
        await fetch(pbx)
    assert len(pbx.downloads) == 1


UNSAFE = ["http://drive.example/d", "https://me:pw@drive.example/d", "https://u@pbx.example/d", "ftp://drive.example/d"]


@pytest.mark.parametrize("url", [*UNSAFE, "http://pbx.example:8080/d", "http://pbx.example/d"])
async def test_a_redirect_to_anything_but_https_without_a_password_is_not_followed(hosts: Hosts, url: str) -> None:
    hosts.clear()  # so that looking a name up would show
    pbx = Pbx(f"{BASE}/r", r=to(url))
    with pytest.raises(RecordingError, match="not one that this program downloads") as caught:
        await fetch(pbx)
    assert url not in str(caught.value)
    assert len(pbx.downloads) == 1


@pytest.mark.parametrize("url", [*UNSAFE, "http://pbx.example:8080/d", "file:///etc/passwd", "https:///d"])
async def test_a_link_to_anything_but_https_without_a_password_is_not_followed(hosts: Hosts, url: str) -> None:
    hosts.clear()
    pbx = Pbx(url)
    with pytest.raises((RecordingError, PbxProtocolError)) as caught:
        await fetch(pbx)
    assert url not in str(caught.value)
    assert pbx.downloads == []


async def test_redirects_are_followed_five_times() -> None:
    pbx = Pbx(f"{BASE}/r", r=to("/r"))
    with pytest.raises(RecordingError, match="redirects too often"):
        await fetch(pbx)
    assert len(pbx.downloads) == 6


@pytest.mark.parametrize(
    "location", ["https://[", "https://x:port/", "\x00", "data:audio/wav;base64,AA==", MALFORMED_NAME]
)
async def test_a_redirect_to_no_address_is_a_clear_error(location: str) -> None:
    with pytest.raises((PbxUnavailableError, PbxProtocolError)), stamina.set_testing(True, attempts=1):
        await fetch(Pbx(f"{BASE}/r", r=to(location)))


async def test_a_link_to_a_malformed_name_is_a_clear_error() -> None:
    with pytest.raises(RecordingError, match="address is unusable"):
        await fetch(Pbx(MALFORMED_NAME))


async def test_a_host_that_cannot_be_found_is_a_clear_error(hosts: Hosts) -> None:
    with pytest.raises(PbxUnavailableError, match="can't be found") as caught:
        await fetch(Pbx(f"{BASE}/r", r=to("https://gone.example/secret-path")))
    assert hosts
    assert "secret-path" not in str(caught.value)
    assert caught.value.__context__ is None


async def test_a_retry_connects_to_another_address_of_the_host(hosts: Hosts) -> None:
    hosts["drive.example"] = [PUBLIC, "142.250.1.2"]
    tried = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, text="https://drive.example/d")
        tried.append(request.url.host)
        if len(tried) == 1:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, content=WAV)

    with stamina.set_testing(True, attempts=2):
        assert await fetch(answer) == WAV
    assert set(tried) == {PUBLIC, "142.250.1.2"}


async def test_a_proxy_resolves_the_name_itself_after_it_was_checked_here(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    pbx = Pbx(f"{BASE}/r", r=to("https://drive.example/d"))
    assert await fetch(pbx) == WAV
    assert pbx.downloads[1].url.host == "drive.example"
    hosts["drive.example"] = ["10.0.0.8"]
    with pytest.raises(RecordingError, match="private"):
        await fetch(pbx)


@pytest.mark.parametrize(
    "surroundings",
    [{"HTTP_PROXY": "http://proxy.example:1"}, {"HTTPS_PROXY": "http://proxy.example:1", "NO_PROXY": "drive.example"}],
)
async def test_where_no_proxy_is_used_the_checked_address_is_connected_to(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str]
) -> None:
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    pbx = Pbx(f"{BASE}/r", r=to("https://drive.example/d"))
    assert await fetch(pbx) == WAV
    assert hosts
    assert pbx.downloads[1].url.host == PUBLIC
