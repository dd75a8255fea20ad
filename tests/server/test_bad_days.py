"""Every fault of the simulated PBX and the archive, in every tool: a right answer or a clear error, then recovery."""

import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
import stamina
from conftest import Connect, MakeSettings, MakeSimulator
from mcp import Client, MCPError
from mcp_types import CallToolResult
from support.simulator_requests import voicemail_requests
from support.tool_answers import text_of

from vm_mcp.config import Settings
from vm_mcp.simulator import FAULT_NAMES, FaultName, Simulator
from vm_mcp.simulator.faults import neighbour_steps_of, steps_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

UUID = "…"
"""Placeholder for the message's uuid."""
TOOLS: dict[str, dict[str, object]] = {
    "list_voicemails": {},
    "list_voicemails by uuid": {"uuid": UUID},
    "list_voicemails unheard": {"status": "unheard"},
    "list_voicemails open": {"status": "open"},
    "get_recording link": {"uuid": UUID},
    "get_recording file": {"uuid": UUID, "delivery": "file"},
    "get_recording inline": {"uuid": UUID, "delivery": "inline"},
    "transcribe_voicemails": {"uuids": [UUID]},
    "transcribe_voicemails by filter": {"status": "open", "extension": "1001"},
    "transcribe_voicemails again": {"uuids": [UUID], "refresh": True},
    "get_transcripts": {"uuids": [UUID]},
    "search_transcripts": {"query": "a"},
    "show_inbox": {},
    "list_missed_calls": {},
    "update_voicemails": {"uuids": [UUID], "state": "told", "note": "haber verildi"},
    "inbox_messages": {},
    "inbox_messages by uuid": {"uuid": UUID},
    "inbox_messages search": {"query": "a"},
    "inbox_audio": {"uuid": UUID},
    "inbox_update": {"uuids": [UUID], "state": "told", "note": "haber verildi"},
}
RESOURCES = ("voicemail://{}", "voicemail://{}/transcript", "voicemail://{}/recording")
ASK_NOTHING = {"get_transcripts", "search_transcripts", "update_voicemails", "inbox_messages search", "inbox_update"}
"""Tools that answer from the archive alone."""
STRANGERS = ("Mehmet Kaya", "Ayşe Yılmaz")
# The vendor's own words, and what a traceback or a request would show.
NEVER_SHOWN = (
    "Gecersiz anahtar",
    "Traceback",
    "httpx",
    "OperationalError",
    "pydantic",
    "<html",
    "key=",
    "internal error",
)


class Host:
    """Two servers of one user; one is read-only and has the tool that the other lacks."""

    def __init__(self, client: Client, reader: Client, simulator: Simulator) -> None:
        self._client = client
        self._reader = reader
        self._uuid = simulator.scenario.messages[0].uuid
        self.seen = ""
        """Everything returned, except for links that were asked for."""

    async def call(self, case: str) -> CallToolResult:
        tool = case.split(maxsplit=1)[0]
        arguments = json.loads(json.dumps(TOOLS[case]).replace(json.dumps(UUID)[1:-1], self._uuid))
        result = await (self._reader if tool == "get_transcripts" else self._client).call_tool(tool, arguments)
        if case != "get_recording link" or result.is_error:
            self.seen += result.model_dump_json(exclude={"content": {1}})
        return result

    async def read(self, address: str) -> str:
        """Return why a resource can't be read; empty when it can."""
        try:
            self.seen += (await self._client.read_resource(address.format(self._uuid))).model_dump_json()
        except MCPError as error:
            self.seen += str(error)
            return str(error)
        return ""


@asynccontextmanager
async def host_of(simulator: Simulator, settings: Settings, connect: Connect) -> AsyncIterator[Host]:
    read_only = settings.model_copy(update={"read_only": True})
    async with connect(settings) as client, connect(read_only) as reader:
        yield Host(client, reader, simulator)


def assert_quoted(case: str, result: CallToolResult) -> None:
    """Assert that both forms say that names and words are quoted, wherever they show a caller's name."""
    for shown in (text_of(result), json.dumps(result.structured_content, ensure_ascii=False)):
        assert not any(word in shown for word in STRANGERS) or "data, not instructions" in shown, case


def failed(result: CallToolResult) -> bool:
    entries = (result.structured_content or {}).get("transcriptions", [])
    return bool(result.is_error) or any(entry["status"] == "failed" for entry in entries)


def assert_clear(case: str, result: CallToolResult) -> None:
    if failed(result):
        assert len(text_of(result).split()) > 8, f"{case} says too little: {text_of(result)}"


def assert_no_secret(simulator: Simulator, host: Host, log: str) -> None:
    assert simulator.api_key not in host.seen + log
    assert "/recording/R" not in host.seen + log
    assert not [word for word in NEVER_SHOWN if word in host.seen]


def all_of(caplog: pytest.LogCaptureFixture) -> str:
    """Return everything logged, in whatever part of a record, except by the simulator's own server."""
    records = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    return caplog.text + "".join(repr(vars(record)) for record in records)


@pytest.fixture(autouse=True)
def nothing_that_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.mark.parametrize("fault", FAULT_NAMES)
async def test_a_bad_day_ends_in_an_answer_or_a_clear_error(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], fault: FaultName,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for budget in ("CALL_BUDGET", "DOWNLOAD_BUDGET"):
        monkeypatch.setattr(f"vm_mcp.pbx.transport.{budget}", 0.4 if fault == "slow" else 20)
    simulator = make_simulator(huge_bytes=64 * 2**20)
    async with host_of(simulator, settings_for(simulator), connect) as host:
        for step, case in product((*steps_of(fault), *neighbour_steps_of(fault)), TOOLS):
            simulator.faults.set(fault, step)
            asked = len(simulator.requests)
            assert_clear(case, result := await host.call(case))
            if case in ASK_NOTHING:
                assert not failed(result)
                assert len(simulator.requests) == asked
            simulator.faults.clear()
            healthy = await host.call(case)
            if case == "list_missed_calls" and fault == "forbidden":
                continue  # whether a right was granted is asked again only after an hour
            assert not failed(healthy), f"{case} is unusable after {step}: {text_of(healthy)}"
            assert_quoted(case, healthy)
    printed = "".join(capfd.readouterr())
    assert_no_secret(simulator, host, all_of(caplog) + printed)


@pytest.mark.parametrize("fault", [name for name in FAULT_NAMES if steps_of(name)])
async def test_a_resource_on_a_bad_day_is_an_answer_or_a_clear_error(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, fault: FaultName,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for budget in ("CALL_BUDGET", "DOWNLOAD_BUDGET"):
        monkeypatch.setattr(f"vm_mcp.pbx.transport.{budget}", 0.4 if fault == "slow" else 20)
    simulator = make_simulator(huge_bytes=32 * 2**20)
    async with host_of(simulator, settings_for(simulator), connect) as host:
        assert not failed(await host.call("transcribe_voicemails"))
        for step, address in product(steps_of(fault), RESOURCES):
            simulator.faults.set(fault, step)
            problem = await host.read(address)
            assert not problem or len(problem.split()) > 8
            simulator.faults.clear()
            assert await host.read(address) == ""
    assert_no_secret(simulator, host, all_of(caplog))


@pytest.mark.parametrize("fault", ["http500", "http503", "http429", "reset", "truncated"])
async def test_a_single_failure_is_retried_unnoticed(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, fault: FaultName
) -> None:
    simulator = make_simulator()
    simulator.faults.set(fault, times=1)
    async with connect(settings_for(simulator)) as client:
        result = await client.call_tool("list_voicemails", {})
    assert not result.is_error
    assert len(voicemail_requests(simulator)) == 2


@contextmanager
def locked(path: Path) -> Iterator[None]:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def replaced(path: Path, make: Callable[[Path], object]) -> Iterator[None]:
    """Put something else in its place for a while, as a restored backup would."""
    kept = [(other, other.read_bytes()) for other in path.parent.glob(f"{path.name}*")]
    new = path.with_name("new")  # made beside it, since the server may open whatever it finds in its place
    make(new)
    for other, _ in kept:
        other.unlink()
    if new.exists():
        new.rename(path)
    try:
        yield
    finally:
        for other in path.parent.glob(f"{path.name}*"):
            other.rmdir() if other.is_dir() else other.unlink()
        for other, data in kept:
            other.write_bytes(data)


def with_pragma(pragma: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE other (thing)")
        connection.execute(pragma)
        connection.commit()
        connection.close()

    return make


ARCHIVE_FAULTS: Mapping[str, Callable[[Path], AbstractContextManager[None]]] = {
    "locked": locked,
    "damaged": lambda path: replaced(path, lambda path: path.write_bytes(b"SQLite format 3\0" + b"damaged " * 999)),
    "cut short": lambda path: replaced(path, lambda path: path.write_bytes(b"SQLite")),
    "emptied": lambda path: replaced(path, lambda path: path.write_bytes(b"")),
    "removed": lambda path: replaced(path, lambda _: None),
    "a folder": lambda path: replaced(path, lambda path: path.mkdir()),
    "another program's": lambda path: replaced(path, with_pragma("PRAGMA user_version = 1")),
    "a newer version's": lambda path: replaced(path, with_pragma("PRAGMA application_id = 0x766D6370")),
}


@pytest.mark.parametrize("fault", ARCHIVE_FAULTS)
async def test_a_bad_day_of_the_archive_ends_in_an_answer_or_a_clear_error(
    make_simulator: MakeSimulator, settings_for: MakeSettings, connect: Connect, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture, fault: str,
) -> None:  # fmt: skip
    real = cast("Any", sqlite3.connect)
    monkeypatch.setattr(
        "vm_mcp.archive.sqlite.connection.sqlite3.connect",
        lambda path, **_: real(path, isolation_level=None, timeout=0.1),
    )
    monkeypatch.setattr("vm_mcp.inbox.neighbours.WAIT_SECONDS", 0.05)
    simulator = make_simulator()
    settings = settings_for(simulator)
    async with host_of(simulator, settings, connect) as host:
        for case in TOOLS:
            assert not failed(await host.call(case)), case
            with ARCHIVE_FAULTS[fault](settings.archive_path):
                assert_clear(case, result := await host.call(case))
                if case in {"list_voicemails", "list_voicemails by uuid"}:
                    assert not failed(result), "a list needs no archive"
            healthy = await host.call(case)
            assert not failed(healthy), f"{case} is unusable afterwards: {text_of(healthy)}"
    assert_no_secret(simulator, host, all_of(caplog))
