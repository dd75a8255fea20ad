"""Fixtures for the whole suite."""

import functools
import gc
import importlib.util
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
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.config import Settings, load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server
from vm_mcp.simulator import SCENARIOS, Simulator

# The time of an example depends more on the machine than on the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

MakeSimulator = Callable[..., Simulator]
MakeSettings = Callable[..., Settings]
Connect = Callable[..., AbstractAsyncContextManager[Client]]

HAS_PLAYWRIGHT = importlib.util.find_spec("playwright") is not None
# Without it, the tests in a browser can't be imported. Where they are required, that is a failure.
collect_ignore_glob = [] if HAS_PLAYWRIGHT or "browser" in os.environ.get("TESTS_REQUIRE", "") else ["browser/*"]


@pytest.fixture(autouse=True, scope="session")
def _no_keyring() -> Iterator[None]:
    """Keep tests, and the programs that they start, away from the user's keyring."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        yield


@pytest.fixture(autouse=True, scope="session")
def _speak_english() -> Iterator[None]:
    """Have the command line speak English, whatever the computer that the tests run on is set to."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("VM_MCP_LANG", raising=False)
        patched.setenv("LC_ALL", "C.UTF-8")
        yield


@pytest.fixture(autouse=True, scope="session")
def _handle_interrupts() -> None:
    """Handle Ctrl-C even in a background job, where the shell has it ignored; servers that tests start inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tests away from the user's home folder, and check that no archive of a simulated PBX is written there."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HOME", str(home))
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patched.delenv(name, raising=False)
        yield
    assert [*home.rglob("archive-*")] == [], "a test started a server without a data folder of its own"


@pytest.fixture(autouse=True, scope="session")
def _wait_without_spinning() -> Iterator[None]:
    """Have engines' idle threads sleep, which would otherwise spin on the cores that the other test processes use."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OMP_WAIT_POLICY", "passive")
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what needs PostgreSQL, before `-m` chooses by it; then order what is left."""
    for item in items:
        if isinstance(item, pytest.Function) and _needs_postgres(item):
            item.add_marker("postgres")
    yield
    _run_slow_files_first(items)


def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than there are cores, since every process waits now and then; four at most."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is left out, so that nobody takes it for tested."""
    chosen = config.option.markexpr
    lines = {
        "postgres": "tests of a team's PostgreSQL are left out: `uv run pytest -m postgres` runs them",
        "benchmarks": "tests of the benchmarks are left out: `uv run pytest -m benchmarks` runs them",
        "thorough": "thorough tests of speech are left out: `uv run pytest -m thorough` runs them",
        "browser": "tests of the inbox page in a browser are left out: `uv run pytest -m browser` runs them",
    }
    left_out = [line for marker, line in lines.items() if f"not {marker}" in chosen]
    if chosen == "browser" and collect_ignore_glob:
        left_out.append("Playwright is not installed: `uv sync --group browser` brings it")
    return left_out


def _needs_postgres(item: pytest.Function) -> bool:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return "postgres_server" in item.fixturenames or parameters.get("make_room") == "postgres"


def _run_slow_files_first(items: list[pytest.Item]) -> None:
    """Run the files with the real model first: they take longest, and at the end one process would wait for another."""
    slow = {item.path for item in items if item.get_closest_marker("model")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Exclude imported modules from garbage collection; otherwise each collection would visit all of their objects."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _read_certificates_once() -> Iterator[None]:
    """Read the certificates once for all clients; reading them takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def make_simulator() -> Iterator[MakeSimulator]:
    """Start a simulator: ``make_simulator("busy", clock=clock, order="oldest")``. Options are fields of a Scenario."""
    with ExitStack() as running:

        def make(name: str = "clinic", *, clock: Callable[[], datetime] = _now, **options: Any) -> Simulator:  # noqa: ANN401 - any field
            scenario = replace(SCENARIOS[name](clock()), **options)
            return running.enter_context(Simulator(scenario, clock=clock))

        yield make


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    """The clinic's PBX, without a rate limit and before the first request."""
    return make_simulator()


@pytest.fixture
def settings_for(tmp_path: Path) -> MakeSettings:
    def make(simulator: Simulator, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
        given = {"base_url": simulator.base_url, "api_key": simulator.api_key, "data_dir": tmp_path}
        return load_settings(given | changes)

    return make


@pytest.fixture
def no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let clients send requests without waiting; otherwise the tenth request waits for the rate limit."""
    monkeypatch.setattr("vm_mcp.pbx.transport.BURST_SECONDS", 3600)


@pytest.fixture
async def transcriber() -> ScriptedTranscriber:
    return ScriptedTranscriber()


@pytest.fixture
def connect(transcriber: ScriptedTranscriber) -> Connect:
    """Connect a client to a server with given settings: ``async with connect(settings) as client``."""

    @asynccontextmanager
    async def opened(settings: Settings, **options: Any) -> AsyncIterator[Client]:  # noqa: ANN401 - any of Client's
        async with Client(build_server(Inbox(settings, transcriber)), **options) as client:
            yield client

    return opened


@pytest.fixture
async def client(simulator: Simulator, settings_for: MakeSettings, connect: Connect) -> AsyncIterator[Client]:
    """A client of a server for the clinic's PBX."""
    async with connect(settings_for(simulator)) as opened:
        yield opened


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for the real engines of all test processes, so that weights are assembled only once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "data"
    folder.mkdir(exist_ok=True)
    return folder
