"""Kill -9 servers at random moments, and check that the archive opens and holds everything that was reported done.

    uv run python benchmarks/archive_crash.py [--rounds 50] [--seed 1]

Each round starts two processes on one archive, which grows from round to round. They list, retrieve, transcribe,
transcribe again and purge as servers do. They report each step on a pipe once the archive has confirmed it. After a
random time, both are killed. Then the archive is opened again and compared with the reports: transcripts must be there
word for word and be found by search, retrievals must be recorded, and purged messages must be gone. SQLite checks the
whole file, and once the leases of the killed processes have expired, their messages must be free for others.
"""

import argparse
import asyncio
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vm_mcp.archive import Archive, Lease
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.models import Segment, Transcript, TranscriptKey, Voicemail

SERVERS = 2
LONGEST_SECONDS = 0.6


@dataclass
class Reported:
    """The steps that processes reported before they were killed, over all rounds."""

    texts: dict[str, str] = field(default_factory=dict)
    """Transcripts by uuid; empty while a message is transcribed again, when both texts are right."""
    retrievals: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    purged: set[str] = field(default_factory=set)
    steps: int = 0

    def add(self, line: str) -> None:
        """Add one line of a process's output."""
        step, uuid, text = line.split("\t")
        self.steps += 1
        if step == "done":
            self.texts[uuid] = text
        elif step == "purging":  # killed during the purge, the message may be there or not
            self.texts.pop(uuid, None)
        else:
            self.texts.update({uuid: ""} if step == "begun" and uuid in self.texts else {})
            {"opened": self.retrievals, "begun": self.begun, "purged": self.purged}[step].add(uuid)


def main() -> None:
    """Run the rounds, and report what was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", metavar="ARCHIVE", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        asyncio.run(work(Path(arguments.work), arguments.seed))
        return
    with tempfile.TemporaryDirectory() as folder:
        path, reported = Path(folder) / "archive.sqlite3", Reported()
        rng = random.Random(arguments.seed)  # noqa: S311 - repeatable moments, nothing secret
        for number in range(1, arguments.rounds + 1):
            kill_two(path, rng, reported)
            problems = asyncio.run(check(path, reported))
            if problems:
                sys.exit(f"round {number}: {'; '.join(problems)}")
        print(
            f"{arguments.rounds} rounds, {arguments.rounds * SERVERS} processes killed after {reported.steps} steps: "
            f"the archive opened each time, and {len(reported.texts)} transcripts, {len(reported.retrievals)} "
            f"retrievals and {len(reported.purged)} purges were as reported"
        )


def kill_two(path: Path, rng: random.Random, reported: Reported) -> None:
    """Start two processes, kill them at a random moment, and add what they reported."""
    command = [sys.executable, __file__, "--work", str(path), "--seed"]
    servers = [
        subprocess.Popen([*command, str(rng.randrange(10**9))], stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603 - this file
        for _ in range(SERVERS)
    ]
    reports = [server.stdout.readline() for server in servers if server.stdout]
    time.sleep(rng.random() * LONGEST_SECONDS)
    for server in servers:
        server.kill()
    for server in servers:
        reports += server.communicate()[0].splitlines(keepends=True)
    for line in reports:
        if line.endswith("\n"):  # the last line may be incomplete
            reported.add(line.rstrip("\n"))


async def check(path: Path, reported: Reported) -> list[str]:
    """Return the differences between the reports and the archive, as it is a minute after the kill."""
    archive = SqliteArchive(path, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    problems = []
    await archive.recent(1)
    if archive.notice:
        problems.append(archive.notice)
    for uuid, text in reported.texts.items():
        transcript = await archive.latest(uuid)
        if not transcript or text not in {transcript.text, ""}:
            problems.append(f"the transcript of {uuid} is not the reported one")
        elif text and (await archive.search(text)).total_count != 1:
            problems.append(f"{uuid} is not found")
    retrievals = await archive.retrievals(list(reported.retrievals))
    problems += [f"the retrieval of {uuid} is lost" for uuid in reported.retrievals - set(retrievals)]
    problems += [f"{uuid} was purged and is still there" for uuid in reported.purged if await archive.latest(uuid)]
    unfinished = reported.begun - set(reported.texts) - reported.purged
    for uuid in unfinished:
        lease = await archive.acquire(_key(uuid))
        if lease is None:
            problems.append(f"{uuid} is still leased to a killed process")
        elif isinstance(lease, Lease):
            await archive.release(lease)
    reported.begun -= unfinished
    await archive.aclose()
    with closing(sqlite3.connect(path)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    return problems if verdict == "ok" else [*problems, verdict]


async def work(path: Path, seed: int) -> None:
    """Do a server's work until killed."""
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    archive = SqliteArchive(path, busy_seconds=30)
    while True:
        uuids = [f"{seed}-{rng.randrange(10**9)}" for _ in range(5)]
        await archive.note_listed([Voicemail(uuid=uuid, caller_id_name=_caller(uuid)) for uuid in uuids])
        for uuid in uuids:
            await _transcribe(archive, uuid)
        await _transcribe(archive, uuids[0])
        _report("purging", uuids[1])
        await archive.purge(caller=_caller(uuids[1]))
        _report("purged", uuids[1])


async def _transcribe(archive: Archive, uuid: str) -> None:
    retrieved_at = datetime.now(UTC)
    _report("begun", uuid)
    lease = await archive.acquire_or_wait(_key(uuid), refresh=True)
    if not isinstance(lease, Lease):
        raise TypeError(uuid)
    await archive.record_retrieval(uuid, retrieved_at)
    _report("opened", uuid)
    await archive.confirm_retrieval(uuid, retrieved_at)
    text = f"kayıt {random.randbytes(8).hex()}"  # noqa: S311 - nothing secret
    if not await archive.save(lease, _transcript(text)):
        raise ValueError(uuid)
    _report("done", uuid, text)


def _report(step: str, uuid: str, text: str = "") -> None:
    print(step, uuid, text, sep="\t", flush=True)


def _key(uuid: str) -> TranscriptKey:
    return TranscriptKey(uuid, "scripted", "none", "")


def _caller(uuid: str) -> str:
    return f"caller {uuid}"


def _transcript(text: str) -> Transcript:
    segment = Segment(text=text, start_seconds=0, end_seconds=2, avg_logprob=-0.2, no_speech_prob=0.01)
    return Transcript(language="tr", segments=(segment,), duration_seconds=2, engine="scripted", model="none")


if __name__ == "__main__":
    main()
