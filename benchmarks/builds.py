"""Compare two builds of vm-mcp, as a host sees them: start-up, memory, lists, and a morning's transcription.

    uv run python benchmarks/builds.py --before PYTHON [--runs 3]

PYTHON is the interpreter of an environment in which the other build is installed. Each run starts both builds in turn,
over stdio, each with its own simulated PBX. The nine unread messages are listed, and transcribed by the model `base`
into an empty archive. Printed are medians and the median ratio of paired runs: the builds take turns, so a machine that
slows down affects both. Builds that recognise different words do different work, so the number of differing texts is
printed, too.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cold_start import INITIALIZE, ask, resident_mib, send

from vm_mcp.simulator import Simulator

LISTS = 20
PATIENCE_SECONDS = 240


class Morning(NamedTuple):
    """Figures of one run: seconds, and for memory MiB."""

    initialize: float
    list_median: float
    overview: float
    first_text: float
    all_texts: float
    memory: float


def main() -> None:
    """Run both builds in turn, and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True, metavar="PYTHON", help="interpreter of the other build")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each build, after one that is not counted")
    arguments = parser.parse_args()
    builds = {"now": sys.executable, "before": str(arguments.before.absolute())}
    mornings: dict[str, list[Morning]] = {name: [] for name in builds}
    texts: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as models:
        for run in range(arguments.runs + 1):
            for name, python in builds.items():
                morning, texts[name] = measure(python, models)
                if run:
                    mornings[name].append(morning)
    print_table(mornings)
    changed = sum(now != before for now, before in zip(texts["now"], texts["before"], strict=True))
    print(f"texts that differ between the builds: {changed} of {len(texts['now'])}")


def measure(python: str, models: str) -> tuple[Morning, list[str]]:
    """Start a build, work through a morning, and return the figures and the transcripts."""
    with Simulator() as simulator, tempfile.TemporaryDirectory() as archive_dir:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("VM_MCP_")} | {
            "VM_MCP_API_KEY": simulator.api_key,
            "VM_MCP_BASE_URL": simulator.base_url,
            "VM_MCP_DATA_DIR": models,
            "VM_MCP_ARCHIVE_DIR": archive_dir,
            "VM_MCP_MODEL": "base",
        }
        spawned = time.perf_counter()
        with subprocess.Popen(  # noqa: S603 - the caller names the interpreters
            [python, "-m", "vm_mcp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=archive_dir,  # `-m` would import the package of the folder that this is run in
        ) as process:
            try:
                ask(process, 1, "initialize", INITIALIZE)
                initialized = time.perf_counter() - spawned
                send(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
                return walk_through(process, initialized)
            finally:
                process.kill()


def walk_through(process: "subprocess.Popen[bytes]", initialized: float) -> tuple[Morning, list[str]]:
    """List the messages, show the inbox, and transcribe."""
    lists = [timed(process, "list_voicemails", {"status": "unread"}) for _ in range(LISTS)]
    uuids = [row["uuid"] for row in lists[0][1]["voicemails"]]
    overview, _ = timed(process, "show_inbox", {})
    first, _ = timed(process, "transcribe_voicemails", {"uuids": uuids[:1], "wait_seconds": PATIENCE_SECONDS})
    rest, answer = timed(process, "transcribe_voicemails", {"uuids": uuids, "wait_seconds": PATIENCE_SECONDS})
    memory = resident_mib(process.pid)
    if failed := [entry for entry in answer["transcriptions"] if entry["status"] not in {"done", "no_speech"}]:
        raise RuntimeError(f"{len(failed)} messages were not transcribed: {failed[0]}")
    texts = [entry.get("text", "") for entry in answer["transcriptions"]]
    typical = statistics.median(seconds for seconds, _ in lists)
    return Morning(initialized, typical, overview, first, first + rest, memory), texts


def timed(process: "subprocess.Popen[bytes]", tool: str, arguments: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
    """Call a tool; return the seconds until its result, and the result.

    Raises:
        RuntimeError: The tool failed.
    """
    started = time.perf_counter()
    result = ask(process, 2, "tools/call", {"name": tool, "arguments": arguments})
    if result.get("isError"):
        raise RuntimeError(f"{tool} failed: {result['content']}")
    return time.perf_counter() - started, dict(result["structuredContent"])


def print_table(mornings: Mapping[str, list[Morning]]) -> None:
    """Print both builds' medians, and the median ratio of paired runs."""
    print(f"medians of {len(mornings['now'])} runs, in turn; `ratio` is now / before, pair by pair")
    print(f"{'':14}{'now':>12}{'before':>12}{'ratio':>8}")
    for column, name in enumerate(Morning._fields):
        now, before = ([row[column] for row in mornings[build]] for build in ("now", "before"))
        ratio = statistics.median(new / old for new, old in zip(now, before, strict=True) if old)
        unit = "MiB" if name == "memory" else "s"
        print(
            f"{name:14}{statistics.median(now):>8.3f} {unit:3}{statistics.median(before):>8.3f} {unit:3}{ratio:>8.2f}"
        )


if __name__ == "__main__":
    main()
