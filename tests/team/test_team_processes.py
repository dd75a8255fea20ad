"""Workers as processes: killed between any two steps, told to stop, and left by PostgreSQL."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator

import pytest
from support.accounts import messages_of
from support.speech_api import SpeechApi
from support.team_work import Team, until

from vm_mcp.errors import ArchiveError
from vm_mcp.team.upkeep import MOST_DEATHS

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def speech() -> Iterator[SpeechApi]:
    with SpeechApi() as running:
        yield running


@pytest.fixture
def one(team: Team) -> str:
    """The uuid of the only message."""
    team.simulator.scenario.messages[:] = messages_of("new", count=1)
    team.due()
    return team.uuids[0]


async def until_asked(team: Team, path: str) -> None:
    async def is_asked() -> bool:
        return any(record.path.startswith(path) for record in list(team.simulator.requests))

    await until(is_asked)


async def until_hanging(speech: SpeechApi, worker: "subprocess.Popen[str]") -> None:
    """Have the engine hang on the first message."""
    await until(lambda: asyncio.sleep(0, any(request.fields for request in speech.requests)))  # it was tried
    speech.faults.append("hang")
    await until(lambda: asyncio.sleep(0, speech.hanging.is_set() or worker.poll() is not None))
    assert worker.poll() is None, worker.communicate()


async def test_a_worker_killed_between_asking_and_keeping_has_the_recording_asked_for_once_more(
    team: Team, one: str
) -> None:
    team.simulator.faults.set("slow", "download", 1)
    worker = team.start_worker("--queues", "poll,fetch")
    await until_asked(team, "/recording/")
    worker.kill()
    worker.communicate()
    assert team.jobs() == [("fetch", "doing")]
    assert await team.rescue() == 1
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == [one, one]
    assert team.transcribed() == [one]


async def test_a_worker_killed_between_keeping_and_saving_costs_no_second_request(
    team: Team, one: str, speech: SpeechApi
) -> None:
    worker = team.start_worker(VM_MCP_REMOTE_URL=speech.url)
    await until_hanging(speech, worker)
    worker.kill()
    worker.communicate()
    assert team.jobs() == [("transcribe", "doing")]
    assert len(team.rows("SELECT uuid FROM held_recordings")) == 1
    assert await team.rescue() == 1
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == [one]
    assert team.rows("SELECT uuid FROM held_recordings") == []


async def test_a_retrieval_whose_worker_died_after_all_was_done_asks_for_nothing(team: Team, one: str) -> None:
    async with team.worker(queues=("poll", "fetch")):
        await until(lambda: asyncio.sleep(0, team.jobs() == [("transcribe", "todo")]))
    [job] = team.rows("SELECT args::text AS args FROM procrastinate_jobs WHERE task_name = 'transcribe'")
    async with team.worker():
        await team.until_transcribed()
        await until(lambda: asyncio.sleep(0, team.jobs() == []))
        team.run(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('fetch', 'fetch', %s::jsonb)",
            job["args"],
        )
        await until(lambda: asyncio.sleep(0, team.jobs() == []))
    assert team.recordings_asked_for == [one]
    assert team.rows("SELECT uuid FROM held_recordings") == []
    assert team.transcribed() == [one]


async def test_a_worker_that_is_told_to_stop_hands_its_message_back_within_seconds(
    team: Team, one: str, speech: SpeechApi
) -> None:
    worker = team.start_worker(VM_MCP_REMOTE_URL=speech.url)
    await until_hanging(speech, worker)
    worker.send_signal(signal.SIGTERM)
    out, log = worker.communicate(timeout=8)
    assert (worker.returncode, out) == (0, "")
    assert team.jobs() == [("transcribe", "todo")]
    assert team.rows("SELECT uuid FROM leases") == []
    assert team.rows("SELECT id FROM procrastinate_workers") == []
    assert "Working on poll, fetch, speech for 1 account; press Ctrl-C to stop." in log
    assert one not in log
    assert "Traceback" not in log
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == [one]


async def test_a_worker_waits_for_postgresql_at_the_start_and_ends_when_it_goes_away(team: Team, one: str) -> None:
    server = team.database.server
    server.stop()
    try:
        worker = team.start_worker("--queues", "poll")
        assert worker.stderr
        while "not there yet" not in (line := worker.stderr.readline()):
            assert line, worker.poll()
    finally:
        server.start()
    await until_asked(team, "/voicemail_messages")
    server.stop()
    try:
        _, log = worker.communicate(timeout=30)
    finally:
        server.start()
    assert worker.returncode == 1
    assert "vm-mcp: The team's database went away" in log
    assert one not in log
    assert "Traceback" not in log


async def test_a_worker_ends_when_postgresql_was_restarted_however_quickly(team: Team) -> None:
    async def work() -> None:
        async with team.worker(queues=("poll", "fetch"), stalled_seconds=0.8) as worker:
            await until(lambda: asyncio.sleep(0, bool(team.rows("SELECT id FROM procrastinate_workers"))))
            team.database.server.stop()
            team.database.server.start()
            await until(lambda: asyncio.sleep(0, worker.is_stopping))

    with pytest.raises(ArchiveError, match="was restarted"):
        await work()


async def test_a_message_whose_lease_was_lost_is_transcribed_again(team: Team, one: str) -> None:
    team.transcriber.gate.clear()
    async with team.worker():
        await team.transcriber.arrived(1)
        team.run("DELETE FROM leases")
        team.transcriber.gate.set()
        await until(lambda: asyncio.sleep(0, team.jobs() == [("transcribe", "todo")]))
        team.run("UPDATE procrastinate_jobs SET scheduled_at = now()")  # seconds later
        await team.until_transcribed()
    assert team.recordings_asked_for == [one]
    assert len(team.transcriber.heard) == 2


async def test_a_worker_that_is_interrupted_while_it_waits_for_postgresql_ends(team: Team) -> None:
    server = team.database.server
    server.stop()
    try:
        worker = team.start_worker("--queues", "poll,fetch", VM_MCP_LOG_LEVEL="WARNING")
        assert worker.stderr
        while "not there yet" not in (line := worker.stderr.readline()):
            assert line, worker.poll()
        worker.send_signal(signal.SIGINT)
        assert "can't be reached" in worker.communicate(timeout=10)[1]
    finally:
        server.start()
    assert worker.returncode == 1


async def test_a_message_that_kills_its_workers_is_given_up(team: Team, one: str) -> None:
    async with team.worker(queues=("poll", "fetch")):
        await until(lambda: asyncio.sleep(0, team.jobs() == [("transcribe", "todo")]))
    for _ in range(MOST_DEATHS):
        assert team.jobs() == [("transcribe", "todo")]
        team.run("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'transcribe'")  # and dies
        await team.rescue()
    assert team.jobs() == [("transcribe", "failed")]
    [failed] = team.rows("SELECT deaths, problem FROM job_failures")
    assert failed["deaths"] == MOST_DEATHS
    assert "vm-mcp jobs retry" in failed["problem"]
    assert team.start("jobs", "drop", "all").communicate()[1] == "1 job dropped.\n"
    assert team.rows("SELECT uuid FROM held_recordings") == []
    assert one not in team.transcribed()
