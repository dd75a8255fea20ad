"""Keep one server and its speech worker busy for hours, as a desk does, and see what grows or becomes slow.

    uv run python benchmarks/long_day.py [--hours 4] [--messages 60] [--out day.jsonl]

The server is the program itself over stdio, with the real engine; the simulated PBX runs in this process. Messages
arrive all through the day, ``--messages`` an hour. Every 20 s the desk asks as an assistant would: what is open, read
what is new, search for a word, close a message, look a recording up. Each minute the server's processes are counted:
resident memory, open files, threads. A row an hour is printed: the median and the slowest time of each tool, and the
counts at the hour's end. ``--out`` gets a line of JSON for each minute, so that a run that is cut off is not lost.

Exits with status 1 if a message has no transcript at the end, a call failed, or a process holds more files, threads or
memory (over 10 %) than after the first hour, or after the first quarter of a shorter run.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from mcp import Client
from mcp.client.stdio import StdioServerParameters

from vm_mcp.simulator import Simulator, load_voices
from vm_mcp.simulator.scenario import Message, Scenario

TURN_SECONDS = 20.0
WORDS = ("randevu", "fatura", "oda", "klima", "invoice", "0532", "Yılmaz")
NAMES = ("Ayşe Yılmaz", "Mehmet Kaya", "Zeynep Arslan", "Hasan Demir", "Fatma Öztürk", "Emre Şahin", "")
MAX_GROWTH = 0.1
"""Largest growth of memory that is no leak, as a fraction."""


class Held(NamedTuple):
    """What the server and the processes that it started hold."""

    processes: int
    memory_mb: float
    """Resident, of all; what they share is counted in each."""
    files: int
    threads: int


class Desk:
    """One assistant's day: its calls with their times, and what went wrong."""

    def __init__(self, client: Client, rng: random.Random) -> None:
        self._client = client
        self._rng = rng
        self.times: dict[str, list[float]] = {}
        self.failed: list[str] = []

    async def turn(self) -> None:
        """Ask what a desk asks, once."""
        await self._call("show_inbox")
        done = await self._call("transcribe_voicemails")
        await self._call("search_transcripts", query=self._rng.choice(WORDS))
        page = await self._call("list_voicemails", status="open")
        uuids = [each["uuid"] for each in (page or {}).get("voicemails", [])]
        if uuids:
            await self._call(
                "update_voicemails", uuids=[self._rng.choice(uuids)], state=self._rng.choice(["told", "done"])
            )
        read = [each["uuid"] for each in (done or {}).get("transcriptions", []) if each.get("uuid")]
        if read:
            await self._call("get_recording", uuid=read[0])

    def take_times(self) -> dict[str, list[float]]:
        """Return the seconds of each tool's calls since this was last asked."""
        times, self.times = self.times, {}
        return times

    async def _call(self, tool: str, **arguments: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any tool's
        began = time.perf_counter()
        result = await self._client.call_tool(tool, arguments)
        self.times.setdefault(tool, []).append(time.perf_counter() - began)
        if result.is_error:
            self.failed.append(f"{tool}: {getattr(result.content[0], 'text', '')[:200]}")
        answer: dict[str, Any] | None = result.structured_content
        return answer


def main() -> int:
    """Print a row an hour; return 1 if something grew, failed or was left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--messages", type=int, default=60, help="an hour")
    parser.add_argument("--out", type=Path, default=None, help="file for a line of JSON each minute")
    arguments = parser.parse_args()
    seconds = arguments.hours * 3600
    scenario = a_day(datetime.now(UTC), seconds, round(arguments.hours * arguments.messages))
    with Simulator(scenario) as simulator, tempfile.TemporaryDirectory(prefix="long-day-") as folder:
        return asyncio.run(live(simulator, Path(folder), seconds, arguments.out))


def a_day(now: datetime, seconds: float, count: int) -> Scenario:
    """Return an account whose messages arrive at random moments, all but the last minute's length of the time."""
    rng = random.Random(count)  # noqa: S311 - the same day each time, nothing secret
    voices = [voice.name for voice in load_voices().values()]
    arrivals = [
        Message(
            uuid=f"00000000-0000-4000-8000-{number:012}",
            user_number=str(1001 + rng.randrange(3)),
            caller_id_number=f"0532{rng.randrange(10**7):07}",
            caller_id_name=rng.choice(NAMES),
            received_at=now + timedelta(seconds=rng.random() * max(1.0, seconds - 120)),
            voice=rng.choice(voices),
        )
        for number in range(count)
    ]
    return Scenario(arrivals=arrivals, rate_limit=True)


async def live(simulator: Simulator, folder: Path, seconds: float, out: Path | None) -> int:
    """Live through the day; return 1 if something grew, failed or was left."""
    uuids = [message.uuid for message in simulator.scenario.arrivals]
    environment = dict(os.environ) | {
        "VM_MCP_BASE_URL": simulator.base_url,
        "VM_MCP_API_KEY": simulator.api_key,
        "VM_MCP_DATA_DIR": str(folder),
        "VM_MCP_MODEL": "base",
    }
    server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=environment, cwd=str(folder))
    minutes: list[Held] = []
    async with Client(server) as client:
        pid = next(children(os.getpid()))
        desk = Desk(client, random.Random(1))  # noqa: S311 - repeatable, nothing secret
        began, hour = time.monotonic(), 1
        times: dict[str, list[float]] = {}
        while (passed := time.monotonic() - began) < seconds:
            await desk.turn()
            if passed >= 60 * len(minutes):
                minutes.append(held(pid))
                taken = desk.take_times()
                note(out, passed, minutes[-1], taken)
                for tool, each in taken.items():
                    times.setdefault(tool, []).extend(each)
            if passed >= 3600 * hour:
                print_row(f"hour {hour}", times, minutes[-1])
                times, hour = {}, hour + 1
            await asyncio.sleep(max(0.0, TURN_SECONDS - (time.monotonic() - began - passed)))
        for tool, rest in desk.take_times().items():
            times.setdefault(tool, []).extend(rest)
        print_row("the end", times, minutes[-1])
        left = await untranscribed(client, uuids)
    grown = growth(minutes[min(60, len(minutes) // 4)], minutes[-1])
    print(f"{len(uuids)} messages, {left} without a transcript; {len(desk.failed)} calls failed")
    print(grown or "nothing grew", *sorted(set(desk.failed)), sep="\n  ")
    return 1 if left or desk.failed or grown else 0


async def untranscribed(client: Client, uuids: Sequence[str]) -> int:
    """Ask for all messages, and return how many have no transcript even so."""
    left = 0
    for first in range(0, len(uuids), 20):
        result = await client.call_tool(
            "transcribe_voicemails", {"uuids": uuids[first : first + 20], "wait_seconds": 50}
        )
        items = (result.structured_content or {}).get("transcriptions", [])
        left += len(uuids[first : first + 20]) - sum(item["status"] in {"done", "no_speech"} for item in items)
    return left


def held(pid: int) -> Held:
    """Return what a process and all its descendants hold."""
    pids = [pid, *descendants(pid)]
    return Held(
        len(pids),
        sum(resident_mb(each) for each in pids),
        sum(entries(each, "fd") for each in pids),
        sum(entries(each, "task") for each in pids),
    )


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process started, and those that they did."""
    for child in children(pid):
        yield child
        yield from descendants(child)


def children(pid: int) -> Iterator[int]:
    """Yield the processes that a process started."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        yield from map(int, (thread / "children").read_text(encoding="ascii").split())


def resident_mb(pid: int) -> float:
    """Return a process's resident memory in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def entries(pid: int, kind: str) -> int:
    """Return how many open files (``fd``) or threads (``task``) a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/{kind}").iterdir())


def note(out: Path | None, passed: float, now: Held, times: dict[str, list[float]]) -> None:
    """Append a minute's figures to a file."""
    if out:
        line = {
            "seconds": round(passed),
            **now._asdict(),
            "times": {name: [round(t, 3) for t in each] for name, each in times.items()},
        }
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def print_row(name: str, times: dict[str, list[float]], now: Held) -> None:
    """Print the median and the slowest time of each tool, and what is held."""
    tools = "  ".join(f"{tool} {statistics.median(each):.2f}/{max(each):.2f}" for tool, each in sorted(times.items()))
    kept = f"{now.memory_mb:.0f} MB, {now.files} files, {now.threads} threads, {now.processes} processes"
    print(f"{name}: {tools} s; {kept}", flush=True)


def growth(early: Held, late: Held) -> str:
    """Return what grew, in words; empty: nothing."""
    found = (
        []
        if late.memory_mb <= early.memory_mb * (1 + MAX_GROWTH)
        else [f"memory {early.memory_mb:.0f} -> {late.memory_mb:.0f} MB"]
    )
    counted = [(kind, getattr(early, kind), getattr(late, kind)) for kind in ("files", "threads", "processes")]
    return ", ".join([*found, *(f"{kind} {first} -> {last}" for kind, first, last in counted if last > first + 2)])


if __name__ == "__main__":
    sys.exit(main())
