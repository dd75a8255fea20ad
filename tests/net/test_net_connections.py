"""Which proxy a request goes through, and what a client sends along of itself."""

import asyncio
from pathlib import Path

import httpx
import pytest
from support.tls_servers import answering, certificate, leave_surroundings, listening

from vm_mcp.errors import ConfigError
from vm_mcp.net.connections import Connections, is_certificate_refused, proxy_for

pytestmark = pytest.mark.anyio

API = "https://pbx.example"
PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    leave_surroundings(monkeypatch)


@pytest.mark.parametrize(
    ("surroundings", "url", "proxy"),
    [
        ({}, API, None),
        ({"HTTPS_PROXY": PROXY}, API, PROXY),
        ({"https_proxy": "proxy.example:3128"}, API, PROXY),
        ({"ALL_PROXY": PROXY}, API, PROXY),
        ({"HTTP_PROXY": PROXY}, API, None),
        ({"HTTP_PROXY": PROXY, "ALL_PROXY": "http://other.example"}, "http://gpu.example", PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "other.example,pbx.example"}, API, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "pbx.example:8443"}, API, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "pbx.example:8443"}, f"{API}:8443", None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": ".example"}, API, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "bx.example"}, API, PROXY),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, API, None),
        ({"ALL_PROXY": PROXY}, "http://127.0.0.1:8008", None),
        ({"ALL_PROXY": PROXY}, "https://localhost", None),
        ({"ALL_PROXY": PROXY}, "https://[::1]:8443", None),
    ],
)
def test_a_proxy_is_the_one_that_the_environment_names_for_the_address(
    monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str], url: str, proxy: str | None
) -> None:
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(httpx.URL(url)) == proxy


def test_there_is_one_client_for_each_proxy_and_a_direct_one() -> None:
    connections = Connections("the PBX", None)
    direct, through_proxy = connections.through(None), connections.through(PROXY)
    assert direct is connections.through(None)
    assert through_proxy is connections.through(PROXY)
    assert direct is not through_proxy


@pytest.mark.parametrize(
    "proxy", ["ftp://me:geheim@proxy.example", "socks5://me:geheim@proxy.example", "http://me:geheim@proxy:port"]
)
def test_a_proxy_that_can_not_be_used_is_an_error_that_names_the_peer_and_no_password(proxy: str) -> None:
    with pytest.raises(ConfigError, match=r"HTTPS_PROXY.*or name the speech server in NO_PROXY\.$") as caught:
        Connections("the speech server", None).through(proxy)
    assert "geheim" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_can_not_be_read_are_a_clear_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "certificates.pem"
    if content:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
        Connections("the PBX", None).through(None)


def test_all_clients_share_the_certificates_until_the_environment_names_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second = Connections("the PBX", None)._certificates, Connections("the speech server", None)._certificates
    assert first is second
    folder = tmp_path / "certificates"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    assert Connections("the PBX", None)._certificates is not first


async def test_a_client_sends_its_headers_keeps_no_cookie_and_follows_no_redirect() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"Location": f"{API}/elsewhere", "Set-Cookie": "who=you; Path=/"})

    connections = Connections("the PBX", None, {"Authorization": "Bearer k"}, httpx.MockTransport(answer))
    client = connections.through(None)
    assert [(await client.get(API)).status_code for _ in range(2)] == [302, 302]
    await connections.aclose()
    assert client.is_closed
    for request in asked:
        assert (request.headers["User-Agent"], request.headers["Accept-Encoding"]) == ("vm-mcp", "gzip")
        assert request.headers["Authorization"] == "Bearer k"
        assert "Cookie" not in request.headers


async def test_a_peer_that_stalls_is_left_after_the_seconds_allowed() -> None:
    async def stall(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(stall) as port:
        connections = Connections("the PBX", 0.05)
        with pytest.raises(httpx.ReadTimeout):
            await connections.through(None).get(f"http://127.0.0.1:{port}")
        await connections.aclose()


async def test_a_refused_certificate_is_told_from_other_failures_and_nothing_was_sent(tmp_path: Path) -> None:
    requests: list[bytes] = []
    _, untrusted = certificate(tmp_path, "localhost")
    connections = Connections("the PBX", None)
    async with listening(answering(b"", requests), untrusted) as port:
        with pytest.raises(httpx.TransportError) as refused:
            await connections.through(None).get(f"https://localhost:{port}")
    with pytest.raises(httpx.TransportError) as gone:
        await connections.through(None).get(f"https://localhost:{port}")
    await connections.aclose()
    assert (is_certificate_refused(refused.value), is_certificate_refused(gone.value)) == (True, False)
    assert requests == []
