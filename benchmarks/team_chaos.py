"""Kill -9 a team's workers and servers for minutes, restart its PostgreSQL, and check every message afterwards.

    uv run python benchmarks/team_chaos.py [--accounts 50] [--messages 40] [--seconds 330] [--seed 1]

Three workers and two servers run on one PostgreSQL, each started again when it ends. The PBX is the simulated one, with
the vendor's limit of requests; a scripted engine hears in each recording words that no other has. Messages arrive
during the first half. Every few seconds one of the five is killed, once PostgreSQL is, and now and then somebody asks
for a list and a transcript through one of the servers.

It ends when every message has its transcript and no job is left, or when the time is over, and exits with status 1
unless each message has one transcript, which is its own; nothing is left half done: no job, no lease, no recording; and
the PBX was asked for each recording once, or again only where a worker or PostgreSQL ended between the two.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from team_rig.callers import Callers
from team_rig.cluster import Cluster, running_cluster
from team_rig.programs import Program, Team, free_port
from team_rig.scripted_engine import ScriptedEngine, running_engine
from team_rig.vendor import Vendor, running_vendor

from vm_mcp.team.worker import REQUESTS_AT_ONCE

WORKERS, SERVERS, CONCURRENCY = 3, 2, 4
ENGINE_SECONDS = 0.1
KILL_SECONDS = (2.0, 5.0)
"""Between two kills: at least and at most."""
CALM = 0.25
"""Fraction of the time, at its end, in which nothing is killed."""
TICK_SECONDS = 0.1
_STATE = """
    SELECT (SELECT count(*) FROM vm_mcp.transcripts) AS transcripts,
        (SELECT count(*) FROM vm_mcp.procrastinate_jobs
            WHERE status IN ('todo', 'doing') AND queue_name IN ('fetch', 'speech')) AS jobs,
        (SELECT count(*) FROM vm_mcp.leases) AS leases,
        (SELECT count(*) FROM vm_mcp.held_recordings) AS recordings
"""
_JOBS = """
    SELECT args->>'uuid' AS uuid, jobs.id, task_name, status::text, attempts, worker_id, scheduled_at,
        (SELECT string_agg(type::text || to_char(at, ' HH24:MI:SS'), ', ' ORDER BY events.id)
            FROM vm_mcp.procrastinate_events AS events WHERE job_id = jobs.id) AS events
    FROM vm_mcp.procrastinate_jobs AS jobs WHERE args ? 'uuid' ORDER BY jobs.id
"""
_WITHOUT = """
    SELECT messages.account, uuid, received_at, is_read, read_at, listed_at, retrievals.opened_at, confirmed_at
    FROM vm_mcp.messages LEFT JOIN vm_mcp.retrievals USING (account, uuid)
    WHERE NOT EXISTS (
        SELECT FROM vm_mcp.transcripts WHERE transcripts.account = messages.account AND transcripts.uuid = messages.uuid
    )
"""
LATE = timedelta(seconds=2)
"""A killed worker's request may be counted by the PBX shortly after the kill."""


@dataclass
class Story:
    """What was done to the team."""

    kills: Counter[str] = field(default_factory=Counter)
    restarted_at: datetime | None = None
    """When PostgreSQL was killed."""
    done_after: float | None = None
    """Seconds until everything was done; None: it was not."""
    stop_seconds: list[float] = field(default_factory=list)
    """How long each program took to end when it was asked to."""
    asked_again: int = 0
    """How often a recording was asked for that had been asked for before."""


def main() -> int:
    """Run it, print figures, and return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--messages", type=int, default=40, help="of each account")
    parser.add_argument("--seconds", type=float, default=330.0, help="after which it ends in any case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="folder in which the programs' logs are kept")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311 - repeatable, nothing secret
    with ExitStack() as stack:
        folder = arguments.logs or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="team-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        cluster = stack.enter_context(running_cluster())
        cluster.create()
        engine = stack.enter_context(running_engine(ENGINE_SECONDS))
        vendor = stack.enter_context(running_vendor(arguments.accounts, arguments.messages, arguments.seconds / 2))
        team = Team(folder, cluster, vendor, engine.url, poll_seconds=10)
        team.set_up()
        crew = Crew.of(team)
        with Callers(crew.addresses, list(vendor.keys), vendor.said, chance.random()) as callers:
            story = unsettle(crew, cluster, vendor, chance, arguments.seconds)
        problems = [*check(cluster, vendor, crew, story), *callers.problems]
        print_figures(story, crew, vendor, engine, callers)
        if problems:
            for row in [*cluster.rows(_JOBS), *cluster.rows(_WITHOUT)]:
                print(", ".join(f"{name} {value}" for name, value in row.items() if value is not None))
    print("\n".join(problems) or "every message was transcribed once, and nothing is left half done")
    return 1 if problems else 0


@dataclass
class Crew:
    """The programs."""

    workers: list[Program]
    servers: list[Program]
    addresses: list[str]
    """Of the servers."""

    @classmethod
    def of(cls, team: Team) -> "Crew":
        """Return those of a team, none started yet."""
        work = ("worker", "--concurrency", str(CONCURRENCY))
        ports = [free_port() for _ in range(SERVERS)]
        return cls(
            workers=[team.program(f"worker-{number}", *work) for number in range(WORKERS)],
            servers=[team.program(f"server-{port}", "serve", "--http", f"127.0.0.1:{port}") for port in ports],
            addresses=[f"http://127.0.0.1:{port}" for port in ports],
        )

    @property
    def programs(self) -> list[Program]:
        """All of them."""
        return [*self.workers, *self.servers]

    def stop(self) -> list[float]:
        """Ask each to end, and return the seconds that it took."""
        return [program.stop() for program in self.programs]


def unsettle(crew: Crew, cluster: Cluster, vendor: Vendor, chance: random.Random, seconds: float) -> Story:
    """Keep the programs running and kill them at random moments, until all is done or the time is over."""
    story, started = Story(), time.monotonic()
    next_kill, restart_at = chance.uniform(*KILL_SECONDS), seconds * chance.uniform(0.2, 0.4)
    try:
        while (elapsed := time.monotonic() - started) < seconds and story.done_after is None:
            for program in crew.programs:
                program.watch()
            if elapsed > restart_at and not story.restarted_at:
                story.restarted_at = datetime.now(UTC)
                cluster.stop()
                cluster.start()
            elif elapsed > next_kill and elapsed < seconds * (1 - CALM):
                program = chance.choice(crew.programs)
                story.kills[program.name.partition("-")[0]] += program.kill()
                next_kill = elapsed + chance.uniform(*KILL_SECONDS)
            elif elapsed > seconds / 2 and is_done(cluster, len(vendor.received)):
                story.done_after = elapsed
            time.sleep(TICK_SECONDS)
    finally:
        story.stop_seconds = crew.stop()
    return story


def is_done(cluster: Cluster, messages: int) -> bool:
    """Whether each message has a transcript, and no job on one is left."""
    [found] = cluster.rows(_STATE)
    return found["transcripts"] >= messages and not found["jobs"]


def check(cluster: Cluster, vendor: Vendor, crew: Crew, story: Story) -> list[str]:
    """Return what is wrong, in words."""
    kept = cluster.rows("SELECT account, uuid, text FROM vm_mcp.transcripts")
    counted = Counter(row["uuid"] for row in kept)
    problems = [f"{uuid} has {count} transcripts" for uuid, count in counted.items() if count > 1]
    problems += [f"{uuid} has no transcript" for uuid in vendor.received.keys() - counted.keys()]
    problems += [f"{row['uuid']} has another's transcript" for row in kept if row["text"] != vendor.said(row["uuid"])]
    problems += [
        f"{row['uuid']} is kept for another account"
        for row in kept
        if vendor.received.get(row["uuid"], ("",))[0] != row["account"]
    ]
    [state] = cluster.rows(_STATE)
    problems += [f"{state[name]} {name} are left" for name in ("jobs", "leases", "recordings") if state[name]]
    return problems + check_asked_again(vendor, crew, story)


def check_asked_again(vendor: Vendor, crew: Crew, story: Story) -> list[str]:
    """Return what is wrong with the recordings that were asked for again, in words."""
    ends = [*(end for worker in crew.workers for end in worker.ended), *filter(None, [story.restarted_at])]
    times = asked(vendor)
    story.asked_again = sum(len(each) - 1 for each in times.values())
    problems = [f"{uuid} was asked for again, and nothing ended in between" for uuid in needlessly_asked(times, ends)]
    if story.asked_again > len(ends) * REQUESTS_AT_ONCE:
        problems.append(f"{story.asked_again} recordings were asked for again, more than were in hand")
    return problems


def needlessly_asked(times: Mapping[str, Sequence[datetime]], ends: Sequence[datetime]) -> list[str]:
    """Return the messages whose recording was asked for twice without an end of a worker or PostgreSQL in between.

    Args:
        times: When each recording was asked for, by the message's uuid.
        ends: When something ended.
    """
    return [
        uuid
        for uuid, each in times.items()
        if any(not any(first - LATE <= end <= second for end in ends) for first, second in pairwise(each))
    ]


def asked(vendor: Vendor) -> dict[str, tuple[datetime, ...]]:
    """Return when each recording was asked for, by its message's uuid."""
    return {uuid: times for counts in vendor.counts().values() for uuid, times in counts.links.items()}


def print_figures(story: Story, crew: Crew, vendor: Vendor, engine: ScriptedEngine, callers: Callers) -> None:
    """Print what was done, and what came of it."""
    counts = vendor.counts().values()
    heard = engine.heard()
    done = "not done in time" if story.done_after is None else f"done after {story.done_after:.0f} s"
    ended = sum(len(worker.ended) for worker in crew.workers)
    print(f"{len(vendor.received)} messages of {len(vendor.keys)} accounts: {done}")
    print(f"killed: {dict(story.kills)}; PostgreSQL restarted: {'once' if story.restarted_at else 'no'}")
    print(f"workers ended {ended} times, by themselves {sum(worker.exits for worker in crew.workers)} times")
    print(f"recordings asked for: {sum(len(each.links) for each in counts)}, again: {story.asked_again}")
    print(f"recordings read: {len(heard)}, again: {heard.total() - len(heard)}")
    print(
        f"PBX: {sum((each.answers for each in counts), Counter())}, too fast: {sum(each.too_many for each in counts)}"
    )
    ends = sorted(end for worker in crew.workers for end in worker.ended)
    print(f"workers ended at {', '.join(f'{end:%T}' for end in ends)}; PostgreSQL at {story.restarted_at:%T}")
    print(f"people: {dict(sorted(callers.outcomes.items()))}")
    print(f"asked to end, programs took {', '.join(f'{seconds:.1f}' for seconds in story.stop_seconds)} s")


if __name__ == "__main__":
    sys.exit(main())
