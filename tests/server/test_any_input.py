"""Whatever a model sends and the PBX answers: an answer, or an error in our own words, without secrets."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import stamina
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp_types import CallToolResult
from support.scripted_transcriber import ScriptedTranscriber
from support.tool_answers import text_of

from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server
from vm_mcp.simulator import FAULT_NAMES, Simulator
from vm_mcp.simulator.faults import steps_of

KEY = "K0b1c2d3e-4f50-4617-8829-3a4b5c6d7e8f"
LINK = "R-nobody-may-see-this"
FORBIDDEN = (
    "internal error",
    "Traceback",
    "pydantic",
    "httpx",
    "sqlite3.O",
    "sqlite3.D",
    "Error executing",
    "Input should",
    "Field required",
    "not permitted",
    "should have",
    "can't be used as it is",
)
UUID = "651f8a68-782e-11g7-a6b6-5bedc26e2ab3"
FIELDS = ["start_stamp", "read_stamp", "user_number", "uuid", "caller_id_number", "caller_id_name", "duration"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
# What a model might really send, so that examples get past the first check.
plausible: dict[str, list[Any]] = {
    "since": ["7d", "2026-11-23", "0001-01-01", "9999-12-31", "9999w", "bugün"],
    "until": ["today", "0001-01-01", "9999-12-31T23:59:59+00:00"],
    "status": ["all", "open", "unread", "read", "unheard"],
    "state": ["told", "done", "open"],
    "note": ["Ayşe Hanım'la konuştuk", "\u202e", "a" * 300],
    "returned": ["all", "yes", "no"],
    "extension": ["1001", 1001, "١٠٠١", "%", "' OR 1=1 --"],
    "caller": ["Ayşe", "+90", "0532", "\u202e", "*"],
    "uuid": [UUID, "a/b", "..", "x" * 129, "\u202e"],
    "uuids": [[UUID], UUID, json.dumps([UUID]), [UUID] * 21, ["a", ""], []],
    "cursor": ["e30=", "%%%", "bnVsbA==", "eyJzaW5jZSI6IjAwMDEtMDEtMDFUMDA6MDA6MDBaIn0="],
    "limit": [1, 100, 0, -1, 10**9, "5", 2.5],
    "delivery": ["link", "file", "inline"],
    "start_seconds": [0, 8.9, -1, 1e9, float("nan")],
    "seconds": [2, 0.1, 0, 31, float("nan")],
    "language": ["auto", "tr", "zz", "TR"],
    "wait_seconds": [0, 0.1, float("nan"), float("inf"), -1],
    "refresh": [True, "yes", 1],
    "query": ["randevu", '"a b"', "AND", "NEAR(a b)", "0532 123 45 67", '"', "*", "a" * 300, "a " * 40, "said : x"],
}


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture(scope="module", autouse=True)
def nothing_that_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, stamina.set_testing(True, attempts=1):
        patch.setattr("vm_mcp.pbx.transport.BURST_SECONDS", 3600)
        patch.setattr("vm_mcp.pbx.transport.MAX_ANSWER", 2_000_000)
        yield


@contextlib.asynccontextmanager
async def client_of(settings: Settings) -> AsyncIterator[Client]:
    async with Client(build_server(Inbox(settings, ScriptedTranscriber()))) as client:
        yield client


def settings_for(base_url: str, folder: Path, **changes: object) -> Settings:
    values: dict[str, Any] = {"base_url": base_url, "api_key": KEY, "data_dir": folder, **changes}
    return Settings(_env_file=None, **values)


Host = dict[str, Client]
Call = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def host(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Clients by tool: two servers, since each has a tool that the other lacks; one is read-only."""
    folder = tmp_path_factory.mktemp("any")
    with Simulator() as simulator, contextlib.ExitStack() as stack:
        simulator.scenario.api_key = KEY
        open_one = settings_for(simulator.base_url, folder)
        clients = [
            stack.enter_context(portal.wrap_async_context_manager(client_of(each)))
            for each in (open_one, open_one.model_copy(update={"read_only": True}))
        ]
        yield {tool.name: client for client in clients for tool in portal.call(client.list_tools).tools}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    tool = draw(st.sampled_from(sorted(ARGUMENTS)))
    names = draw(st.lists(st.sampled_from(ARGUMENTS[tool]), max_size=4, unique=True))
    named = {name: draw(st.sampled_from(plausible[name]) | json_values | st.just(10**4400)) for name in names}
    unknown = draw(st.just({}) | st.dictionaries(st.text(max_size=12), json_values, max_size=1))
    return tool, unknown | named


ARGUMENTS = {
    "list_voicemails": ["since", "until", "status", "extension", "caller", "uuid", "limit", "cursor"],
    "get_recording": ["uuid", "delivery", "start_seconds"],
    "transcribe_voicemails": [
        "uuids",
        "status",
        "since",
        "extension",
        "caller",
        "cursor",
        "language",
        "wait_seconds",
        "refresh",
    ],
    "get_transcripts": ["uuids"],
    "search_transcripts": ["query", "since", "until", "extension", "limit"],
    "show_inbox": ["extension", "since"],
    "list_missed_calls": ["since", "until", "extension", "returned"],
    "update_voicemails": ["uuids", "state", "note"],
    "inbox_messages": ["status", "query", "extension", "since", "uuid", "cursor", "limit", "language"],
    "inbox_audio": ["uuid", "start_seconds", "seconds", "language"],
    "inbox_update": ["uuids", "state", "note", "language"],
}


def assert_clear(result: CallToolResult) -> None:
    text = text_of(result)
    shown = result.model_dump_json()
    assert not [word for word in FORBIDDEN if word in text]
    assert KEY not in shown
    if result.is_error:
        assert len(text.split()) > 5


def test_the_generated_calls_cover_every_tool_and_argument(portal: BlockingPortal, host: Host) -> None:
    tools = {tool.name: tool for client in host.values() for tool in portal.call(client.list_tools).tools}
    assert {name: list(tool.input_schema["properties"]) for name, tool in tools.items()} == ARGUMENTS


@given(call=calls())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_argument_of_any_type_gives_an_answer_or_a_clear_error(
    portal: BlockingPortal, host: Host, call: Call
) -> None:
    tool, arguments = call
    assert_clear(portal.call(host[tool].call_tool, tool, arguments))


class Pbx:
    """Answers each step with the given bytes."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["Pbx"]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            step = "list" if b"_messages" in head else "url" if head.startswith(b"POST") else "download"
            writer.write(self.answers[step].replace(b"PORT", str(self.port).encode()))
            await writer.drain()
        writer.close()


Strange = tuple[Pbx, Client]


@pytest.fixture(scope="module")
def strange(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strange]:
    """A client of a server whose PBX answers anything."""
    with contextlib.ExitStack() as stack:
        pbx = stack.enter_context(portal.wrap_async_context_manager(Pbx().serving()))
        configured = settings_for(f"http://127.0.0.1:{pbx.port}", tmp_path_factory.mktemp("strange"))
        yield pbx, stack.enter_context(portal.wrap_async_context_manager(client_of(configured)))


rows = st.dictionaries(
    st.sampled_from(FIELDS),
    json_values
    | st.sampled_from(
        ["2026-11-20 12:30:32 +0300", "9999-12-31 23:59:59 +0000", "0001-01-01 00:00:00 +0000", "00:01:05", UUID, KEY]
    ),
)
pages = st.fixed_dictionaries(
    {"messages": st.lists(rows, max_size=4)},
    optional={
        "pagination": json_values | st.fixed_dictionaries({"total_count": json_values, "total_pages": json_values})
    },
)
bodies = (
    st.binary(max_size=200)
    | (pages | json_values).map(lambda value: json.dumps(value).encode())
    | st.sampled_from([f"http://127.0.0.1:PORT/recording/{LINK}".encode(), f"Gecersiz anahtar: {KEY}".encode()])
    | st.sampled_from([b"RIFF\x24\x00\x00\x00WAVEfmt ", b"cannot find voicemail with uuid x", b"Too Many Requests"])
)
headers = st.lists(
    st.sampled_from(
        [
            b"Retry-After: 9999999", b"Retry-After: Mon, 01 Jan 2020 00:00:00 +99999999999999",
            b"Date: Fri, 31 Dec 9999 23:59:59 GMT", b"Date: Mon, 01 Jan 0001 00:00:00 GMT",
            b"Content-Encoding: gzip", b"Content-Encoding: gzip, gzip", b"Content-Length: 5", b"Content-Length: -1",
            b"Content-Length: 99999999999999999999999", b"Transfer-Encoding: chunked", b"Location: https://[",
            b"Location: /recording/x", b"Location: https://169.254.169.254/", b"Set-Cookie: a=b",
            b"X: \xff\xfe", b"no header",
        ]
    ),
    max_size=3,
)  # fmt: skip
answers = st.builds(
    lambda status, fields, body: (
        b"HTTP/1.1 %d X\r\n" % status
        + b"".join(field + b"\r\n" for field in fields)
        + b"Connection: close\r\n\r\n"
        + body
    ),
    st.sampled_from([200, 200, 200, 200, 204, 301, 302, 400, 401, 404, 418, 429, 500, 503, 999]),
    headers,
    bodies,
) | st.binary(max_size=60)
WHOLE: list[Call] = [
    ("list_voicemails", {}),
    ("list_voicemails", {"status": "unheard"}),
    ("list_voicemails", {"uuid": UUID}),
    ("get_recording", {"uuid": UUID, "delivery": "inline"}),
    ("transcribe_voicemails", {"uuids": [UUID]}),
    ("show_inbox", {}),
]


@given(list_=answers, url=answers, download=answers, call=st.sampled_from(WHOLE))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_response_of_the_pbx_gives_an_answer_or_a_clear_error(
    portal: BlockingPortal,
    strange: Strange,
    list_: bytes,
    url: bytes,
    download: bytes,
    call: Call,
) -> None:
    pbx, client = strange
    pbx.answers = {"list": list_, "url": url, "download": download}
    result = portal.call(client.call_tool, *call)
    text = text_of(result)
    assert not [word for word in FORBIDDEN if word in text]
    assert LINK not in result.model_dump_json()
    if result.is_error:
        assert KEY not in text


TAKE_LONG = {"slow", "huge", "huge_declared"}
# The sign § keeps a key from being a word of some answer.
keys = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=12, max_size=40).map("K§{}".format)
faults = st.sampled_from([(name, step) for name in FAULT_NAMES if name not in TAKE_LONG for step in steps_of(name)])
options = st.fixed_dictionaries(
    {"auth_status": st.sampled_from([400, 401]), "url_answer": st.sampled_from(["text", "json"])}
)


@given(
    key=keys,
    chosen=options,
    days=st.lists(st.tuples(st.none() | faults, st.sampled_from(WHOLE)), min_size=1, max_size=3),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_neither_the_key_nor_a_link_is_shown_or_logged_on_any_day(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], key: str, chosen: dict[str, Any], days: list[tuple[Any, Call]],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    seen = ""
    with Simulator() as simulator, contextlib.ExitStack() as stack:
        simulator.scenario.api_key = key
        for name, value in chosen.items():
            setattr(simulator.scenario, name, value)
        configured = settings_for(simulator.base_url, tmp_path_factory.mktemp("secret"), api_key=key)
        client = stack.enter_context(portal.wrap_async_context_manager(client_of(configured)))
        uuid = simulator.scenario.messages[0].uuid
        for fault, (tool, arguments) in days:
            simulator.faults.clear()
            if fault:
                simulator.faults.set(*fault)
            mine = json.loads(json.dumps(arguments).replace(UUID, uuid))
            seen += portal.call(client.call_tool, tool, mine).model_dump_json(exclude={"content": {1}})
    records = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    seen += "".join(record.getMessage() + repr(vars(record)) for record in records) + "".join(capfd.readouterr())
    for spelling in {key, quote(key), quote_plus(key), json.dumps(key)[1:-1]}:
        assert spelling not in seen
    assert "/recording/R" not in seen
