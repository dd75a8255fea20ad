"""Measure how the server responds while its worker computes, with a real client, a real server and a simulated PBX.

The processes are started as a host starts them. Whether a process has ended is read from the process table.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import anyio
import psutil
from accuracy import call
from cold_start import INITIALIZE, ask, send
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPDeprecationWarning

from speech.figures import percentile
from speech.memory import peak_mib, resident_mib
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.simulator import Simulator

Environment = dict[str, str]

_POLL = 0.01
# Longest wait, in seconds.
_PATIENCE = 60.0
# Seconds after which an idle worker ends here; a user's server keeps it for minutes.
_IDLE = 1.0
# Id of the request that transcribes.
_REQUEST = 3


@dataclass(frozen=True)
class Measured:
    """One figure with its goal."""

    what: str
    goal: str
    value: str
    raw: float
    """The number in ``value``, in the same unit."""

    def as_json(self) -> dict[str, object]:
        """Return the figure as JSON, for the file of raw figures."""
        return asdict(self)


def measure(base: Path) -> list[Measured]:
    """Measure all figures with the weights in the folder ``base``."""
    measured: list[Measured] = []
    for part in (pinged, cancelled, ended, rested):
        with environment_of(base) as environment:
            measured += part(environment)
    return measured


@contextmanager
def environment_of(base: Path) -> Iterator[Environment]:
    """Yield a server's environment for a fresh simulated PBX."""
    with Simulator() as simulator, tempfile.TemporaryDirectory() as folder:
        yield {
            "VM_MCP_BASE_URL": simulator.base_url,
            "VM_MCP_API_KEY": simulator.api_key,
            "VM_MCP_MODEL": str(base),
            "VM_MCP_ENGINE": "faster-whisper",
            "VM_MCP_DATA_DIR": folder,
        }


def pinged(environment: Environment) -> list[Measured]:
    """Send pings without pause while a backlog is transcribed."""
    seconds, server, worker = anyio.run(_ping_through_a_backlog, environment)
    slow = percentile(seconds, 99) * 1000
    return [
        Measured(f"ping while transcribing, p99 of {len(seconds)}", "under 50 ms", f"{slow:.1f} ms", slow),
        Measured("memory of the server's process, at most", "under 100 MiB", f"{server:.0f} MiB", server),
        Measured("memory of the worker's process, at most", "under 1024 MiB", f"{worker:.0f} MiB", worker),
    ]


async def _ping_through_a_backlog(environment: Environment) -> tuple[list[float], float, float]:
    """Return the pings' times in seconds, and the peak memory of the server and the worker in MiB."""
    seconds: list[float] = []
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=environment)
    # The newest protocol version has no ping; hosts that send pings use the one before.
    async with Client(parameters, mode="legacy") as client, anyio.create_task_group() as group:
        [server] = psutil.Process().children()

        async def ping() -> None:
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            while True:
                before = time.perf_counter()
                await client.send_ping()
                seconds.append(time.perf_counter() - before)
                await anyio.sleep(_POLL)

        listed = (await call(client, "list_voicemails", limit=20))["voicemails"]
        group.start_soon(ping)
        await _transcribe(client, [item["uuid"] for item in listed])
        group.cancel_scope.cancel()
        workers = [peak_mib(child.pid) for child in server.children(recursive=True)]
        memory = peak_mib(server.pid), max(workers, default=0.0)
    return seconds, *memory


async def _transcribe(client: Client, uuids: list[str]) -> None:
    """Call again until no message is pending."""
    while True:
        entries = (await call(client, "transcribe_voicemails", uuids=uuids))["transcriptions"]
        if all(entry["status"] != "pending" for entry in entries):
            return


def cancelled(environment: Environment) -> list[Measured]:
    """Cancel a running call and call again at once, as agents do whose host times out after seconds."""
    with _transcribing(environment) as (process, call):
        send(process, {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": _REQUEST}})
        again = ask(process, _REQUEST + 1, "tools/call", call)
    entries = again["structuredContent"]["transcriptions"]
    failed = sum(entry["status"] == "failed" for entry in entries)
    return [Measured("failed in a call right after a cancelled one", "0", f"{failed} of {len(entries)}", failed)]


def ended(environment: Environment) -> list[Measured]:
    """Close the server's stdin while it works, as a host does when it exits."""
    with _transcribing(environment) as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        started = time.perf_counter()
        assert process.stdin  # noqa: S101 - for the type checker: it is a pipe
        process.stdin.close()
        process.wait(_PATIENCE)
        seconds = time.perf_counter() - started
        _, alive = psutil.wait_procs(children, timeout=1)
        orphans = sum(child.status() != psutil.STATUS_ZOMBIE for child in alive)
    return [
        Measured("exit with work in flight", "under 1 s", f"{seconds:.2f} s", seconds),
        Measured("processes left behind 1 s later", "0", f"{orphans}", orphans),
    ]


def rested(environment: Environment) -> list[Measured]:
    """Leave a worker idle until it should end, here after a second, and measure its memory before and after."""
    before, after = anyio.run(_rest, environment["VM_MCP_MODEL"])
    return [
        Measured("memory of the worker, loaded", "under 1024 MiB", f"{before:.0f} MiB", before),
        Measured("the same once it was idle for its time", "0 MiB", f"{after:.0f} MiB", after),
    ]


async def _rest(base: str) -> tuple[float, float]:
    """Return the worker's memory before and after its idle time, in MiB; with two lanes, it holds the model twice."""
    settings = EngineSettings(model=base, languages=("tr", "en"), device="cpu", data_dir=Path(base).parent, lanes=2)
    transcriber = WorkerTranscriber(settings, idle_seconds=_IDLE)
    try:
        await transcriber.prepare()
        workers = psutil.Process().children()
        before = sum(resident_mib(worker.pid) for worker in workers)
        await anyio.sleep(_IDLE + 1)
        return before, sum(resident_mib(worker.pid) for worker in psutil.Process().children())
    finally:
        await transcriber.aclose()


@contextmanager
def _transcribing(environment: Environment) -> Iterator[tuple["subprocess.Popen[bytes]", dict[str, object]]]:
    """Yield a server that transcribes a backlog in request `_REQUEST`, and that call; kill the server afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "vm_mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    ) as process:
        try:
            ask(process, 1, "initialize", INITIALIZE)
            send(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
            listed = ask(process, 2, "tools/call", {"name": "list_voicemails", "arguments": {"limit": 20}})
            uuids = [item["uuid"] for item in listed["structuredContent"]["voicemails"]]
            call: dict[str, object] = {"name": "transcribe_voicemails", "arguments": {"uuids": uuids}}
            watched = {**call, "_meta": {"progressToken": _REQUEST}}
            send(process, {"jsonrpc": "2.0", "id": _REQUEST, "method": "tools/call", "params": watched})
            _wait_for_progress(process)
            yield process, call
        finally:
            process.kill()


def _wait_for_progress(process: "subprocess.Popen[bytes]") -> None:
    """Read until the first progress: by then the model is loaded, and most of the backlog is still to do."""
    assert process.stdout  # noqa: S101 - for the type checker: it is a pipe
    for line in process.stdout:
        message = json.loads(line)
        if message.get("method") == "notifications/progress" and message["params"]["progress"] > 0:
            return
        if message.get("id") == _REQUEST:
            break
    raise RuntimeError("the server finished or ended before it reported any progress")
