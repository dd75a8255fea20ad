"""Call the tools thousands of times while the PBX has bad days, and show that nothing is left over.

uv run python benchmarks/soak.py            10,000 calls
uv run python benchmarks/soak.py 500 --seed 3

The server and its client run in this process, whose memory, tasks, files and children are counted; the simulated PBX
runs in another. The speech engine is a stand-in that computes nothing. What waits in real life does not wait here: the
rate limit and the pauses between retries are lifted. It ends with status 1 when something leaks.
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

from vm_mcp.asr import Progress, TranscribeOptions
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.models import Segment, Transcript
from vm_mcp.pbx import transport
from vm_mcp.server import build_server
from vm_mcp.simulator import FAULT_NAMES, SCENARIOS, Simulator
from vm_mcp.simulator.faults import steps_of

WARM_UP = 0.1
"""Share of the calls after which memory is first looked at."""
MAX_GROWTH = 0.05
FAULTS = [(name, step) for name in FAULT_NAMES for step in steps_of(name)]
SLOW = {"slow", "huge", "huge_declared"}
"""Faults that cost time; they come a tenth as often."""
UNUSABLE, CALM, LEFT_OUT = 0.1, 0.5, 0.9
"""Shares: of calls that can't be answered, of good days, and of the slow faults that are left out."""
Call = tuple[str, dict[str, Any]]


class Parrot:
    """A speech engine that says how many bytes it heard."""

    engine, model, waiting_for = "parrot", "none", ""

    async def warm_up(self) -> None:
        """Be ready."""

    async def prepare(self, on_progress: Progress | None = None) -> None:
        """Be ready."""

    async def transcribe(self, audio: bytes, options: TranscribeOptions, _: Progress | None = None) -> Transcript:
        """Say how many bytes there are."""
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
        """Have nothing to let go of."""


@dataclass(frozen=True)
class Left:
    """What a process holds."""

    memory_mb: float
    tasks: int
    files: int
    children: int

    @classmethod
    def now(cls) -> "Left":
        """Count it, after what is garbage has gone."""
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
    """How a soak went."""

    calls: int
    warm: Left
    end: Left
    """Both with the server running."""
    before: Left
    closed: Left
    """Both without."""
    course: list[float] = field(default_factory=list)
    """Memory in MB after each tenth of the calls."""
    faults: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def growth(self) -> float:
        """Share by which memory grew since the warm-up."""
        return self.end.memory_mb / self.warm.memory_mb - 1

    @property
    def leaks(self) -> list[str]:
        """Say what was left over."""
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
    """Run the PBX, and have it do what comes through the pipe, until that ends."""
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
    """The PBX in its process."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._commands, theirs = context.Pipe()
        self._process = context.Process(target=_play, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.base_url, self.api_key, self.uuids = self._commands.recv()

    def play(self, fault: tuple[str, str, int | None] | None) -> None:
        """Let something go wrong from now on, and what went wrong before no more."""
        self._commands.send(fault)
        self._commands.recv()

    def stop(self) -> None:
        """End it."""
        self._commands.close()
        self._process.join(10)
        self._process.kill()


def _call(chance: random.Random, uuids: list[str]) -> Call:
    """Choose a tool and what it is told, every tenth time something that it can't use."""
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
    """Make that many calls, of which `WARM_UP` first, and count what is left."""
    chance = random.Random(seed)  # noqa: S311 - it only has to come again
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
    """Print how it went; status 1 when something was left over."""
    parser = argparse.ArgumentParser(description="Call the tools thousands of times while the PBX has bad days.")
    parser.add_argument("calls", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logging.getLogger("stamina").setLevel(logging.ERROR)  # it would tell of every retry
    done = asyncio.run(soak(arguments.calls, arguments.seed))
    bad_days = done.calls - done.faults["none"]
    print(f"{done.calls} calls in {done.seconds:.0f} s, {bad_days} of them on a bad day: {dict(done.answers)}")
    for name, left in {"before": done.before, "warm": done.warm, "end": done.end, "closed": done.closed}.items():
        print(f"{name:7} {left.memory_mb:6.1f} MB  {left.tasks} tasks  {left.files} files  {left.children} children")
    print("memory after each tenth of the calls:", " ".join(f"{mb:.1f}" for mb in done.course), "MB")
    print(f"memory since the warm-up: {done.growth:+.1%}")
    print("\n".join(done.leaks) or "nothing was left over")
    return 1 if done.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
