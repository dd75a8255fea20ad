"""Call the tools thousands of times while the PBX fails in every way, and check that nothing leaks.

uv run python benchmarks/soak.py            10,000 calls
uv run python benchmarks/soak.py 500 --seed 3

The server and its client run in this process, whose memory, tasks, open files and child processes are counted. The
simulated PBX runs in another process. A stand-in for the speech engine computes nothing. The rate limit and the waits
between retries are removed. Exits with status 1 if something leaks.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import stamina
from mcp import Client

from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript
from vm_mcp.pbx import transport
from vm_mcp.server import build_server
from vm_mcp.simulator import FAULT_NAMES, SCENARIOS, Simulator
from vm_mcp.simulator.faults import steps_of

WARM_UP = 0.1
"""Fraction of the calls after which memory is first measured."""
MAX_GROWTH = 0.05
"""Largest growth of memory after the warm-up that is no leak, as a fraction."""
FAULTS = [(name, step) for name in FAULT_NAMES for step in steps_of(name)]
SLOW = {"slow", "huge", "huge_declared"}
"""Faults that take time; they are played a tenth as often."""
UNUSABLE, CALM, LEFT_OUT = 0.1, 0.5, 0.9
"""Fractions: of calls with unusable arguments, of calls without a fault, and of slow faults that are not played."""
Call = tuple[str, dict[str, Any]]


class Parrot:
    """A speech engine that returns the size of the recording as its text."""

    engine, model, waiting_for = "parrot", "none", ""

    async def warm_up(self) -> None:
        """Do nothing."""

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Do nothing."""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,  # noqa: ARG002 - the protocol's
        demand: Demand | None = None,  # noqa: ARG002 - the protocol's
    ) -> Transcript:
        """Return the number of bytes as the text."""
        text = f"{len(audio)} bytes"
        segment = Segment(text=text, start_seconds=0, end_seconds=1, avg_logprob=-0.1, no_speech_prob=0)
        return Transcript(
            language=options.language or "tr",
            segments=(segment,),
            duration_seconds=1,
            engine=self.engine,
            model=self.model,
        )

    async def aclose(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Left:
    """Resources that a process holds."""

    memory_mb: float
    tasks: int
    files: int
    children: int

    @classmethod
    def now(cls) -> "Left":
        """Count this process's resources after a garbage collection."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        threads = Path("/proc/self/task").iterdir()
        children = [(thread / "children").read_text(encoding="ascii").split() for thread in threads]
        return cls(
            memory_mb=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            tasks=len(asyncio.all_tasks()),
            files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
            children=sum(map(len, children)),
        )


@dataclass
class Soak:
    """The outcome of a soak."""

    calls: int
    warm: Left
    end: Left
    """`warm` and `end` are measured while the server runs."""
    before: Left
    closed: Left
    """`before` and `closed` are measured without a server."""
    course: list[float] = field(default_factory=list)
    """Memory in MB after each tenth of the calls."""
    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """Growth of memory since the warm-up, as a fraction."""
        return self.end.memory_mb / self.warm.memory_mb - 1

    @property
    def leaks(self) -> list[str]:
        """Resources that leaked, in words."""
        found = [f"memory changed by {self.growth:+.1%}"] if abs(self.growth) > MAX_GROWTH else []
        for kind in ("tasks", "files", "children"):
            if getattr(self.end, kind) > getattr(self.warm, kind) + 2:
                found.append(
                    f"{kind}: {getattr(self.warm, kind)} after the warm-up, {getattr(self.end, kind)} at the end"
                )
            if getattr(self.closed, kind) > getattr(self.before, kind):
                found.append(f"{kind}: {getattr(self.before, kind)} before, {getattr(self.closed, kind)} once closed")
        return found


def _play(commands: Connection) -> None:
    """Run the simulated PBX and play the faults that come through the pipe, until the pipe closes."""
    from datetime import UTC, datetime

    scenario = SCENARIOS["clinic"](datetime.now(UTC))
    scenario.huge_bytes = 2**20
    with Simulator(scenario) as simulator, contextlib.suppress(EOFError):
        commands.send((simulator.base_url, simulator.api_key, [message.uuid for message in scenario.messages]))
        while True:
            fault = commands.recv()
            simulator.faults.clear()
            simulator.requests.clear()
            if fault:
                simulator.faults.set(*fault)
            commands.send(None)


class Pbx:
    """The simulated PBX in its own process."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._commands, theirs = context.Pipe()
        self._process = context.Process(target=_play, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.base_url, self.api_key, self.uuids = self._commands.recv()

    def play(self, fault: tuple[str, str, int | None] | None) -> None:
        """Replace the current fault."""
        self._commands.send(fault)
        self._commands.recv()

    def stop(self) -> None:
        """Stop the process."""
        self._commands.close()
        self._process.join(10)
        self._process.kill()


def _call(chance: random.Random, uuids: list[str]) -> Call:
    """Return a random tool call; every tenth one has unusable arguments."""
    uuid = chance.choice(uuids)
    return chance.choice(_unusable() if chance.random() < UNUSABLE else _usable(chance, uuid, uuids))


def _unusable() -> list[Call]:
    return [
        ("list_voicemails", {"since": "soon"}),
        ("list_voicemails", {"cursor": "%%"}),
        ("get_recording", {"uuid": "a/b"}),
        ("get_recording", {"uuid": "nobody"}),
        ("transcribe_voicemails", {"uuids": []}),
        ("search_transcripts", {"query": "?"}),
        ("no_such_tool", {}),
    ]


def _usable(chance: random.Random, uuid: str, uuids: list[str]) -> list[Call]:
    return [
        ("list_voicemails", {"status": chance.choice(["all", "unread", "unheard", "read"])}),
        ("list_voicemails", {"limit": 3, "caller": chance.choice(["", "Ayşe", "0532"])}),
        ("list_voicemails", {"uuid": uuid}),
        ("get_recording", {"uuid": uuid, "delivery": chance.choice(["link", "file", "inline"])}),
        ("transcribe_voicemails", {"uuids": chance.sample(uuids, 2), "refresh": chance.choice([True, False])}),
        ("show_inbox", {}),
        ("search_transcripts", {"query": chance.choice(["bytes", "8*", '"bytes"'])}),
    ]


def _fault(chance: random.Random) -> tuple[str, str, int | None] | None:
    if chance.random() < CALM:
        return None
    name, step = chance.choice(FAULTS)
    if name in SLOW and chance.random() < LEFT_OUT:
        return None
    return name, step, chance.choice([1, None])


@contextlib.contextmanager
def _no_waiting() -> Iterator[None]:
    lifted = {"BURST_SECONDS": 1e6, "CALL_BUDGET": 0.5, "DOWNLOAD_BUDGET": 0.5, "MAX_ANSWER": 500_000}
    kept = {name: getattr(transport, name) for name in lifted}
    for name, value in lifted.items():
        setattr(transport, name, value)
    try:
        with stamina.set_testing(True, attempts=2):
            yield
    finally:
        for name, value in kept.items():
            setattr(transport, name, value)


@contextlib.asynccontextmanager
async def _client(pbx: Pbx, folder: Path) -> AsyncIterator[Client]:
    settings = load_settings({"base_url": pbx.base_url, "api_key": pbx.api_key, "data_dir": folder})
    async with Client(build_server(Inbox(settings, Parrot()))) as client:
        yield client


async def soak(calls: int, seed: int = 1) -> Soak:
    """Make the calls, and measure resources before them, after the fraction `WARM_UP` of them, and at the end."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, nothing secret
    faults: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    course: list[float] = []
    pbx = Pbx()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder, _no_waiting():
            before, started = Left.now(), time.monotonic()
            async with _client(pbx, Path(folder)) as client:
                for number in range(calls):
                    if number == int(calls * WARM_UP):
                        warm = Left.now()
                    if number % max(1, calls // 10) == 0:
                        course.append(Left.now().memory_mb)
                    fault = _fault(chance)
                    pbx.play(fault)
                    faults[fault[0] if fault else "none"] += 1
                    result = await client.call_tool(*_call(chance, pbx.uuids))
                    answers["error" if result.is_error else "answer"] += 1
                end = Left.now()
            return Soak(calls, warm, end, before, Left.now(), course, faults, answers, time.monotonic() - started)
    finally:
        pbx.stop()


def main() -> int:
    """Print the outcome; return 1 if something leaked."""
    parser = argparse.ArgumentParser(description="Call the tools thousands of times while the PBX fails in every way.")
    parser.add_argument("calls", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.getLogger("stamina").setLevel(logging.ERROR)  # it warns of every retry
    done = asyncio.run(soak(arguments.calls, arguments.seed))
    faults = done.calls - done.faults["none"]
    print(f"{done.calls} calls in {done.seconds:.0f} s, {faults} of them with a fault: {dict(done.answers)}")
    for name, left in {"before": done.before, "warm": done.warm, "end": done.end, "closed": done.closed}.items():
        print(f"{name:7} {left.memory_mb:6.1f} MB  {left.tasks} tasks  {left.files} files  {left.children} children")
    print("memory after each tenth of the calls:", " ".join(f"{mb:.1f}" for mb in done.course), "MB")
    print(f"memory since the warm-up: {done.growth:+.1%}")
    print("\n".join(done.leaks) or "no leaks")
    return 1 if done.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
