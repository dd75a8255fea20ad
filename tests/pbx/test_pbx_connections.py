"""What the client does when a proxy, a certificate or a body is not what it should be."""

import asyncio
import datetime as dt
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from support.fake_vendor import BASE, KEY, client_for
from support.tls_servers import answering, certificate, leave_surroundings, listening

from vm_mcp.config import Settings
from vm_mcp.errors import ConfigError, PbxProtocolError, PbxUnavailableError
from vm_mcp.models import VoicemailQuery
from vm_mcp.pbx import PbxClient, transport

pytestmark = pytest.mark.anyio

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
QUERY = VoicemailQuery(since=NOW - dt.timedelta(days=1), until=NOW)
EMPTY = b'{"messages": [], "pagination": {"total_count": 0, "total_pages": 0}}'
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt "


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    leave_surroundings(monkeypatch)
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "ftp://me:geheim@proxy.example"), ("SSL_CERT_FILE", "/nowhere/geheim.pem")]
)
def test_a_proxy_or_certificates_that_can_not_be_used_show_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name) as caught:
        PbxClient(Settings(_env_file=None, api_key=KEY, base_url=BASE))
    assert "geheim" not in str(caught.value)


async def test_a_proxy_that_refuses_is_named_and_learns_the_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with listening(refuse) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with PbxClient(Settings(_env_file=None, api_key=KEY, base_url=BASE)) as client:
            with pytest.raises(PbxUnavailableError, match="HTTPS_PROXY"):
                await client.voicemails.list(QUERY, 5)
    assert len(asked) == 1
    assert asked[0].startswith(b"CONNECT pbx.example:443 ")
    assert KEY.encode() not in asked[0]


async def test_a_proxy_that_does_not_answer_is_named_and_one_that_is_not_used_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening(answering(EMPTY, [])) as free:
        pass
    proxy = f"http://127.0.0.1:{free}"
    for name, base in (("HTTPS_PROXY", BASE), ("HTTP_PROXY", proxy)):
        monkeypatch.setenv(name, proxy)
        async with PbxClient(Settings(_env_file=None, api_key=KEY, base_url=base)) as client:
            with pytest.raises(PbxUnavailableError) as caught:
                await client.voicemails.list(QUERY, 5)
        assert ("through the proxy that HTTPS_PROXY" in str(caught.value)) == (base == BASE)


@pytest.mark.parametrize("fault", ["", "nobody vouches for it", "another host's"])
async def test_nothing_is_sent_before_the_certificate_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    path, context = certificate(tmp_path, "other.example" if fault == "another host's" else "localhost")
    if fault != "nobody vouches for it":
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    asked: list[bytes] = []
    async with listening(answering(EMPTY, asked), context) as port:
        settings = Settings(_env_file=None, api_key=KEY, base_url=f"https://localhost:{port}")
        async with PbxClient(settings) as client:
            if not fault:
                assert (await client.voicemails.list(QUERY, 5)).voicemails == ()
                return
            with pytest.raises(PbxUnavailableError, match="certificate can't be verified"):
                await client.voicemails.list(QUERY, 5)
    assert asked == []


async def test_a_cookie_is_not_kept() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=EMPTY, headers={"Set-Cookie": "who=you; Path=/"})

    async with client_for(answer) as client:
        await client.voicemails.list(QUERY, 5)
        await client.voicemails.list(QUERY, 5)
    assert [request.headers.get("Cookie") for request in asked] == [None, None]


async def test_a_compressed_list_is_read_and_one_compressed_in_an_unknown_way_is_a_clear_error() -> None:
    encoding = "gzip"

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": encoding}, stream=Chunks([gzip.compress(EMPTY)]))

    async with client_for(answer) as client:
        assert (await client.voicemails.list(QUERY, 5)).total_count == 0
        encoding = "gzip, gzip"
        with pytest.raises(PbxProtocolError, match="garbled"):
            await client.voicemails.list(QUERY, 5)


class Chunks(httpx.AsyncByteStream):
    """A body in pieces; then the end, silence, or the last piece again and again."""

    def __init__(self, chunks: list[bytes], then: str = "end") -> None:
        self._chunks = chunks
        self._then = then

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._then == "silence":
            await asyncio.Event().wait()
        while self._then == "trickle":
            await asyncio.sleep(0)
            yield self._chunks[-1]


@pytest.mark.parametrize(("then", "call_budget", "download_budget"), [("silence", 0.1, 3600), ("trickle", 3600, 0.1)])
async def test_a_download_ends_that_falls_silent_or_never_ends(
    monkeypatch: pytest.MonkeyPatch, then: str, call_budget: float, download_budget: float
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            # What follows is the download's.
            monkeypatch.setattr(transport, "CALL_BUDGET", call_budget)
            monkeypatch.setattr(transport, "DOWNLOAD_BUDGET", download_budget)
            return httpx.Response(200, text=f"{BASE}/recording/R1")
        return httpx.Response(200, stream=Chunks([WAV, b""], then))

    async with client_for(answer) as client:
        with pytest.raises(PbxUnavailableError, match="in time"):
            await client.voicemails.fetch_recording("m1")


async def test_a_download_that_keeps_sending_outlasts_the_idle_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = 0.2

    async def for_longer_than_the_limit() -> AsyncIterator[bytes]:
        yield WAV
        loop = asyncio.get_running_loop()
        end = loop.time() + 2 * silence
        while loop.time() < end:
            await asyncio.sleep(0)
            yield b"a"

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            monkeypatch.setattr(transport, "CALL_BUDGET", silence)
            return httpx.Response(200, text=f"{BASE}/recording/R1")
        return httpx.Response(200, content=for_longer_than_the_limit())

    async with client_for(answer) as client:
        assert (await client.voicemails.fetch_recording("m1")).data.startswith(WAV)


def test_a_dead_pbx_is_told_of_within_half_a_minute() -> None:
    assert transport.CALL_BUDGET < 30
