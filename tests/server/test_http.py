"""Streamable HTTP: real clients over a real port, and requests that are refused."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import uvicorn
from conftest import MakeSettings
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pydantic import SecretStr
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp.cli import main
from vm_mcp.errors import ConfigError, InputError
from vm_mcp.inbox import Inbox
from vm_mcp.net.listening import ListenAddress, parse_address
from vm_mcp.server import build_server
from vm_mcp.server.http import build_app, check_token
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.prompt_server import PromptServer

EVERY = "0.0.0.0"  # noqa: S104 - nothing listens there
TOKEN = "a-token-of-twenty-characters-or-more"
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

Serve = Callable[..., str]


@pytest.fixture
def serve(simulator: Simulator, settings_for: MakeSettings) -> Iterator[Serve]:
    """Serve the clinic's inbox; the fixture's function returns the URL."""
    running: list[tuple[PromptServer, threading.Thread]] = []

    def start(host: str = "127.0.0.1", token: str = "", names: tuple[str, ...] = ()) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        address = ListenAddress(host, listening.getsockname()[1])
        built = build_server(Inbox(settings_for(simulator), ScriptedTranscriber()))
        app = build_app(built, address, SecretStr(token) if token else None, names)
        server = PromptServer(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{address.port}/mcp"

    yield start
    for server, thread in running:
        server.stop()
        thread.join()


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_real_client_lists_and_transcribes_in_both_eras(serve: Serve, mode: str) -> None:
    async with Client(serve(), mode=mode) as client:
        assert client.protocol_version == {"legacy": "2025-11-25", "auto": "2026-07-28"}[mode]
        result = await client.call_tool("list_voicemails", {"status": "unread"})
        assert result.structured_content
        assert "Ayşe Yılmaz" in text_of(result)
        uuid = result.structured_content["voicemails"][0]["uuid"]
        assert not (await client.call_tool("transcribe_voicemails", {"uuids": [uuid]})).is_error


@pytest.mark.anyio
async def test_clients_come_and_go_and_the_inbox_stays_open(serve: Serve) -> None:
    url = serve()

    async def visit(mode: str) -> bool:
        async with Client(url, mode=mode) as client:
            return bool((await client.call_tool("list_voicemails", {})).is_error)

    assert await asyncio.gather(*map(visit, ["legacy", "auto", "legacy"])) == [False] * 3
    assert await visit("legacy") is False


@pytest.mark.anyio
async def test_a_token_lets_its_owner_in_and_nobody_else(serve: Serve) -> None:
    url = serve(token=TOKEN)
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        assert not (await client.call_tool("list_voicemails", {})).is_error
    async with httpx2.AsyncClient(headers=HEADERS) as http:
        for shown in ("", TOKEN, f"Bearer {TOKEN}x", "Bearer", f"Basic {TOKEN}", f"bearer {TOKEN}".upper()):
            headers = {"Authorization": shown} if shown else {}
            for path in (url, url.replace("/mcp", "/"), url.replace("/mcp", "/mcp/x")):
                refused = await http.post(path, json=PING, headers=headers)
                assert refused.status_code == 401
                assert refused.headers["WWW-Authenticate"] == "Bearer"


def status_of(url: str, *authorization: str, query: str = "", body: object = PING) -> int:
    """Post a request that no library would send: any header, any number of times."""
    place, data = urlsplit(url), json.dumps(body).encode()
    sent = {**HEADERS, "Host": place.netloc, "Content-Length": len(data), "Connection": "close"}
    lines = [f"{name}: {value}" for name, value in sent.items()]
    lines += [f"Authorization: {value}" for value in authorization]
    head = "\r\n".join([f"POST {place.path}{query} HTTP/1.1", *lines, "", ""])
    assert place.hostname
    with socket.create_connection((place.hostname, place.port or 0)) as line, line.makefile("rb") as answer:
        line.sendall(head.encode() + data)
        return int(answer.readline().split()[1])


@pytest.mark.parametrize("shown", [f"bearer {TOKEN}", f"BEARER {TOKEN}", f"Bearer   {TOKEN}", f"Bearer {TOKEN} \t"])
def test_the_scheme_may_have_any_case_and_space_around_the_token_is_ignored(serve: Serve, shown: str) -> None:
    url = serve(token=TOKEN)
    assert status_of(url, shown) == status_of(url, f"Bearer {TOKEN}") != 401


def test_space_around_the_token_in_the_settings_is_ignored(serve: Serve) -> None:
    assert status_of(serve(token=f" {TOKEN}\n"), f"Bearer {TOKEN}") != 401


@pytest.mark.parametrize(
    "shown",
    [
        (f"Bearer {TOKEN}", f"Bearer {TOKEN}"),
        (f"Bearer {TOKEN}", "Bearer x"),
        ("Bearer x", f"Bearer {TOKEN}"),
        (f"Bearer {TOKEN}, Bearer {TOKEN}",),
        (f"Bearer\t{TOKEN}",),
        (f"Bearer{TOKEN}",),
        (f"Bearer {TOKEN[:-1]}",),
        (f"Bearer {TOKEN} {TOKEN}",),
        (f"bearer {TOKEN.upper()}",),
        ("Bearer ",),
        ("\xff",),
    ],
)
def test_anything_but_one_header_with_the_whole_token_is_refused(serve: Serve, shown: tuple[str, ...]) -> None:
    assert status_of(serve(token=TOKEN), *shown) == 401


def test_a_token_in_the_url_or_the_body_is_ignored(serve: Serve) -> None:
    url = serve(token=TOKEN)
    for name in ("access_token", "token", "authorization"):
        assert status_of(url, query=f"?{name}={TOKEN}", body=PING | {name: f"Bearer {TOKEN}"}) == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "rebound.example"}, 421),
        ({"Host": "rebound.example:80"}, 421),
        ({"Host": "localhost.rebound.example"}, 421),
        ({"Host": "0.0.0.0:8000"}, 421),
        ({"Origin": "https://rebound.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_another_sites_page_is_refused(
    serve: Serve, headers: dict[str, str], status: int, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    sent = HEADERS | {"MCP-Protocol-Version": version} | headers
    assert httpx2.post(serve(EVERY), json=PING, headers=sent).status_code == status


def test_only_the_names_in_the_settings_are_accepted(serve: Serve) -> None:
    url = serve(EVERY, names=("desk.lan", "fd00::1"))
    for host in ("desk.lan", "desk.lan:8000", "[fd00::1]:8000", "localhost:1", "127.0.0.1"):
        known = httpx2.post(url, json=PING, headers=HEADERS | {"Host": host, "Origin": f"http://{host}"})
        assert known.status_code not in {403, 421}, host
    assert httpx2.post(url, json=PING, headers=HEADERS | {"Host": "desk"}).status_code == 421


@pytest.mark.parametrize(
    ("text", "host", "port", "is_loopback"),
    [
        ("127.0.0.1:8000", "127.0.0.1", 8000, True),
        ("localhost:0", "localhost", 0, True),
        ("[::1]:8000", "::1", 8000, True),
        ("127.9.9.9:1", "127.9.9.9", 1, True),
        (f"{EVERY}:8000", EVERY, 8000, False),
        ("[::]:8000", "::", 8000, False),
        ("localhost.evil.example:80", "localhost.evil.example", 80, False),
        ("192.168.1.5:8000", "192.168.1.5", 8000, False),
    ],
)
def test_an_address_is_read_as_people_write_it(text: str, host: str, port: int, is_loopback: bool) -> None:  # noqa: FBT001 - an expectation
    address = parse_address(text)
    assert (address.host, address.port, address.is_loopback) == (host, port, is_loopback)
    assert parse_address(address.netloc) == address


@pytest.mark.parametrize("text", ["", "8000", "localhost", ":8000", "localhost:", "localhost:x", "a:65536", "a:²"])
def test_an_unusable_address_is_explained(text: str) -> None:
    with pytest.raises(InputError, match="HOST:PORT"):
        parse_address(text)


@pytest.mark.parametrize("host", [EVERY, "192.0.2.1", "::", "desk.lan"])
def test_serving_beyond_this_computer_requires_a_token(host: str) -> None:
    with pytest.raises(ConfigError, match="VM_MCP_HTTP_TOKEN"):
        check_token(ListenAddress(host, 0), None)
    with pytest.raises(ConfigError, match="too short"):
        check_token(ListenAddress(host, 0), SecretStr("short"))


def test_the_command_refuses_an_address_that_it_can_not_serve(
    simulator: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("VM_MCP_HTTP_TOKEN", raising=False)
    taken = simulator.base_url.removeprefix("http://")
    for address, words in (("0.0.0.0:0", "VM_MCP_HTTP_TOKEN"), (taken, "Can't listen on"), ("x", "HOST:PORT")):
        assert main(["serve", "--http", address]) == 1
        assert words in capsys.readouterr().err


@contextmanager
def started(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "vm_mcp", "serve", "--demo", "--http", "127.0.0.1:0", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.anyio
async def test_the_program_says_where_it_serves_and_ends_at_ctrl_c_while_a_client_is_connected(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stderr
        url = process.stderr.readline().split()[3].rstrip(";")
        async with Client(url, mode="legacy") as client:
            assert "Ayşe Yılmaz" in text_of(await client.call_tool("list_voicemails", {}))
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 10) == 130
        assert "Traceback" not in process.stderr.read()
