"""Fixtures that every part of the suite shares."""

import functools
import gc
import os
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from mcp import Client
from mcp.server.mcpserver.tools import Tool
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.config import Settings, load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server
from vm_mcp.server.tools.inbox_tool import InboxTool
from vm_mcp.simulator import SCENARIOS, Simulator

# How long an example takes says more about the machine than about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

MakeSimulator = Callable[..., Simulator]
MakeSettings = Callable[..., Settings]
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(autouse=True, scope="session")
def _no_keyring() -> Iterator[None]:
    """Leave the keyring of whoever runs the tests alone, also in the programs that tests start."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield


@pytest.fixture(autouse=True, scope="session")
def _interrupts_are_heard() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and each server that a test starts would as well."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _home_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the home folder of whoever runs the tests alone, and show that no archive of a simulated PBX goes there."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patched.delenv(name, raising=False)
        yield
    assert [*home.rglob("archive-*")] == [], "a test started a server without a data folder of its own"


def pytest_collection_finish() -> None:
    """Take all that stays until the end out of the garbage collector's rounds, which else walk over it each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _certificates_are_read_once() -> Iterator[None]:
    """Read the same certificates once for all clients of the suite: that takes longer than most of the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture(autouse=True, scope="session")
def _schemas_are_made_once() -> Iterator[None]:
    """Derive each tool's schemas once for all servers of the suite."""
    build = InboxTool.build
    built: dict[InboxTool, Tool] = {}

    def build_once(self: InboxTool, inbox: Inbox) -> Tool:
        if self not in built:
            built[self] = build(self, inbox)
        return built[self].model_copy(update={"fn": self.bind(inbox)})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(InboxTool, "build", build_once)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def make_simulator() -> Iterator[MakeSimulator]:
    """Start a simulator: ``make_simulator("busy", clock=clock, order="oldest")``, options being a Scenario's fields."""
    with ExitStack() as running:

        def make(name: str = "clinic", *, clock: Callable[[], datetime] = _now, **options: Any) -> Simulator:  # noqa: ANN401 - any field
            scenario = replace(SCENARIOS[name](clock()), **options)
            return running.enter_context(Simulator(scenario, clock=clock))

        yield make


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    """The clinic's PBX without a rate limit, as it is before anybody asked."""
    return make_simulator()


@pytest.fixture
def settings_for(tmp_path: Path) -> MakeSettings:
    def make(simulator: Simulator, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
        given = {"base_url": simulator.base_url, "api_key": simulator.api_key, "data_dir": tmp_path}
        return load_settings(given | changes)

    return make


@pytest.fixture
def no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients ask as fast as they can; without, the tenth request waits for its turn."""
    monkeypatch.setattr("vm_mcp.pbx.transport.BURST_SECONDS", 3600)


@pytest.fixture
async def transcriber() -> ScriptedTranscriber:
    return ScriptedTranscriber()


@pytest.fixture
def connect(transcriber: ScriptedTranscriber) -> Connect:
    """Connect a client to a server of those settings: ``async with connect(settings) as client``."""

    @asynccontextmanager
    async def opened(settings: Settings, **options: Any) -> AsyncIterator[Client]:  # noqa: ANN401 - any of Client's
        async with Client(build_server(Inbox(settings, transcriber)), **options) as client:
            yield client

    return opened


@pytest.fixture
async def client(simulator: Simulator, settings_for: MakeSettings, connect: Connect) -> AsyncIterator[Client]:
    """A client of a server over the clinic's PBX."""
    async with connect(settings_for(simulator)) as opened:
        yield opened


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the real engines of the whole suite share, in whichever process: weights are joined once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "data"
    folder.mkdir(exist_ok=True)
    return folder
