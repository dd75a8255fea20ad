"""How much a team's workers do on one PostgreSQL: jobs a second, waiting times, the database's size and load.

    uv run python benchmarks/team_scale.py                                     the ratio: 1, 2 and 4 workers
    uv run python benchmarks/team_scale.py --accounts 1000 --messages 2 --arriving 600 --workers 2   the waiting times
    uv run python benchmarks/team_scale.py --accounts 1000 --messages 50 --engine-seconds 0 --workers 4 --seconds 3600

Each number of workers gets a database and a PBX of its own. One more worker polls and retrieves; those that are counted
transcribe one message at a time, with an engine that does nothing but wait. So as long as the machine has cores to
spare, the engine is the limit. A run ends when every message has its transcript, or after ``--seconds``; what is left
then is told.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from team_rig.cluster import Cluster, running_cluster
from team_rig.programs import Program, Team
from team_rig.scripted_engine import running_engine
from team_rig.vendor import Vendor, running_vendor

TICK_SECONDS = 0.5
_KEPT = "SELECT uuid, made_at FROM vm_mcp.transcripts ORDER BY made_at"
_COUNT = "SELECT count(*) AS kept FROM vm_mcp.transcripts"
_SIZE = "SELECT pg_database_size(current_database()) AS bytes"
_LOAD = """
    SELECT xact_commit AS commits, xact_rollback AS rollbacks, tup_inserted AS inserted, tup_updated AS updated,
        tup_deleted AS deleted, blks_hit AS hits, blks_read AS reads, deadlocks,
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections
    FROM pg_stat_database WHERE datname = current_database()
"""
_TABLES = """
    SELECT relname AS name, pg_total_relation_size(relid) AS bytes, n_live_tup AS rows, n_dead_tup AS dead
    FROM pg_stat_user_tables ORDER BY bytes DESC LIMIT 5
"""


@dataclass
class Run:
    """What one number of workers did."""

    workers: int
    kept: int
    jobs_a_second: float
    """Transcripts, without the first and the last tenth: between starting up and running out."""
    waited: list[float]
    """Seconds from a message's arrival, or the start where it was there before, to its transcript; in order."""
    seconds: float = 0.0
    """Until the last transcript, or the end."""
    database_bytes: int = 0
    """More than without any message."""
    database_cpu: float = 0.0
    load: dict[str, Any] = field(default_factory=dict)
    tables: list[dict[str, Any]] = field(default_factory=list)
    worker_cpu: float = 0.0
    too_fast: int = 0
    """Requests that the PBX refused as too many a second."""


def main() -> int:
    """Run it for each number of workers, and print figures; return 1 if a message is left."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100)
    parser.add_argument("--messages", type=int, default=4, help="of each account")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--engine-seconds", type=float, default=0.25, help="for a message")
    parser.add_argument("--arriving", type=float, default=0.0, help="seconds in which the messages arrive; 0: at once")
    parser.add_argument(
        "--poll-seconds", type=int, default=10, help="of each account; its first poll is somewhere in it"
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="after which a run ends in any case")
    parser.add_argument("--logs", type=Path, help="folder in which the programs' logs are kept")
    arguments = parser.parse_args()
    print(f"{arguments.accounts} accounts of {arguments.messages} messages, {os.cpu_count()} cores", flush=True)
    runs = []
    with running_cluster() as cluster:
        for workers in arguments.workers:
            runs.append(measure(workers, cluster, arguments))
            print_run(runs[-1], arguments.accounts * arguments.messages)
    for run in runs[1:]:
        ratio = run.jobs_a_second / (runs[0].jobs_a_second or 1.0)
        print(f"{run.workers} workers do {ratio:.2f} times what {runs[0].workers} did")
    return 0 if all(run.kept == arguments.accounts * arguments.messages for run in runs) else 1


def measure(workers: int, cluster: Cluster, arguments: argparse.Namespace) -> Run:
    """Run one number of workers on a new database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="team-scale-")))
        if arguments.logs:
            folder = arguments.logs / str(workers)
            folder.mkdir(parents=True, exist_ok=True)
        cluster.create()
        engine = stack.enter_context(running_engine(arguments.engine_seconds))
        vendor = stack.enter_context(running_vendor(arguments.accounts, arguments.messages, arguments.arriving))
        team = Team(folder, cluster, vendor, engine.url, arguments.poll_seconds)
        team.set_up()
        retrieving = ("worker", "--queues", "poll,fetch", "--concurrency", "1")
        speech = ("worker", "--queues", "speech", "--concurrency", "1")
        programs = [team.program("retrieving", *retrieving)]
        programs += [team.program(f"speech-{number}", *speech) for number in range(workers)]
        empty = cluster.rows(_SIZE)[0]["bytes"]
        cpu, started, started_at = cluster.cpu_seconds(), time.monotonic(), datetime.now().astimezone()
        try:
            wait_for(programs, cluster, len(vendor.received), arguments.seconds)
            seconds = time.monotonic() - started
            [load] = cluster.rows(_LOAD)
        finally:
            for program in programs:
                program.stop()
        run = of_transcripts(workers, cluster.rows(_KEPT), vendor, started_at)
        run.seconds, run.load = seconds, load
        run.database_bytes = cluster.rows(_SIZE)[0]["bytes"] - empty
        run.database_cpu = cluster.cpu_seconds() - cpu
        run.tables = cluster.rows(_TABLES)
        run.worker_cpu = sum(program.cpu_seconds for program in programs)
        run.too_fast = sum(counts.too_many for counts in vendor.counts().values())
        return run


def wait_for(programs: Sequence[Program], cluster: Cluster, messages: int, seconds: float) -> None:
    """Keep the programs running until there are so many transcripts, or the time is over."""
    started = time.monotonic()
    while time.monotonic() - started < seconds and cluster.rows(_COUNT)[0]["kept"] < messages:
        for program in programs:
            program.watch()
        time.sleep(TICK_SECONDS)


def of_transcripts(workers: int, kept: Sequence[dict[str, Any]], vendor: Vendor, started_at: datetime) -> Run:
    """Return what is known from the transcripts alone."""
    made = [row["made_at"] for row in kept]
    steady = made[len(made) // 10 : len(made) - len(made) // 10]
    span = (steady[-1] - steady[0]).total_seconds() if len(steady) > 1 else 0.0
    begun = {row["uuid"]: max(vendor.received[row["uuid"]][1], started_at) for row in kept}
    return Run(
        workers=workers,
        kept=len(kept),
        jobs_a_second=(len(steady) - 1) / span if span else 0.0,
        waited=sorted((row["made_at"] - begun[row["uuid"]]).total_seconds() for row in kept),
    )


def print_run(run: Run, messages: int) -> None:
    """Print the figures of one number of workers."""
    print(f"\n{run.workers} workers: {run.kept} of {messages} messages in {run.seconds:.0f} s")
    print(f"  {run.jobs_a_second:.1f} transcripts a second; CPU of all workers {run.worker_cpu:.0f} s")
    if len(run.waited) > 1:
        hundredths = statistics.quantiles(run.waited, n=100, method="inclusive")
        shown = ", ".join(f"p{part} {hundredths[part - 1]:.1f} s" for part in (50, 95, 99))
        print(f"  from arrival to transcript: {shown}")
    print(f"  PostgreSQL: {run.database_bytes / 1e6:.0f} MB, CPU {run.database_cpu:.0f} s", end="")
    print(f", {run.database_bytes / max(run.kept, 1) / 1e3:.1f} kB a message")
    print(f"  {', '.join(f'{name} {count}' for name, count in run.load.items())}")
    for table in run.tables:
        print(f"  {table['name']}: {table['bytes'] / 1e6:.1f} MB, {table['rows']} rows, {table['dead']} dead")
    print(f"  refused by the PBX as too fast: {run.too_fast}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
