"""What keeps a team's work going: polls spread over time, errors that wait, what is forgotten, engines that fail."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.accounts import messages_of
from support.scripted_transcriber import ScriptedTranscriber
from support.team_work import QUICKLY, Team, until

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.asr import Demand, Progress, TranscribeOptions
from vm_mcp.errors import (
    AudioDecodeError,
    ConfigError,
    EngineFailedError,
    EngineUnavailableError,
    PbxUnavailableError,
    TranscriptionError,
    VmError,
)
from vm_mcp.models import Transcript
from vm_mcp.people import Access, Person
from vm_mcp.team.job_failures import RetryRules, error_of
from vm_mcp.team.polling import defer_due
from vm_mcp.team.upkeep import HELD_FOR
from vm_mcp.team.work_app import open_app

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio


async def test_to_look_for_a_job_of_one_queue_never_means_to_read_all_jobs_of_another(team: Team) -> None:
    team.run(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) SELECT 'fetch', 'fetch', '{}' "
        "FROM generate_series(1, 20000)"
    )
    team.run("ANALYZE procrastinate_jobs")
    look = (
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
        "SELECT * FROM procrastinate_fetch_job_v2(ARRAY['speech']::varchar[], NULL)"
    )
    app = open_app(team.database.url)
    async with app.open_async():
        looks = [await app.connector.execute_query_one_async(look) for _ in range(8)]
    pages = [each["QUERY PLAN"][0]["Plan"]["Shared Hit Blocks"] for each in looks]
    assert max(pages[1:]) < 50


async def test_a_thousand_accounts_are_spread_over_their_period_and_never_polled_twice_at_once(team: Team) -> None:
    team.write_accounts(poll_seconds=600, accounts=tuple(f"account{number}" for number in range(1000)))
    await team.poll_now("account0")
    waits = [
        row["wait"] for row in team.rows("SELECT extract(epoch FROM next_at - now())::float AS wait FROM account_polls")
    ]
    assert len(waits) == 1000
    per_minute = Counter(int(wait // 60) for wait in waits)
    assert all(50 < per_minute[minute] < 200 for minute in range(10))
    team.run("UPDATE account_polls SET next_at = now() - interval '1 day'")  # as after an outage
    await team.poll_now("account0")
    await team.poll_now("account0")
    jobs = team.rows("SELECT queueing_lock, lock, priority FROM procrastinate_jobs WHERE task_name = 'poll'")
    assert len({job["queueing_lock"] for job in jobs}) == len(jobs) == 1000
    again = [
        row["wait"] for row in team.rows("SELECT extract(epoch FROM next_at - now())::float AS wait FROM account_polls")
    ]
    assert all(0 < wait <= 600 for wait in again)


@pytest.mark.parametrize(("ahead", "jobs"), [("6 hours", 0), ("1 day", 1)])
async def test_a_database_clock_that_jumps_back_stops_no_polls(team: Team, ahead: str, jobs: int) -> None:
    await team.poll_now()
    team.run("DELETE FROM procrastinate_jobs")
    team.run("UPDATE account_polls SET next_at = now() + %s::interval", ahead)
    database = PostgresDatabase(team.database.url)
    added = await defer_due(database, team.entries)
    await database.aclose()
    assert added == jobs


@given(failures=st.integers(1, 50))
def test_a_failed_job_waits_longer_each_time_and_is_given_up(failures: int) -> None:
    rules, error = RetryRules(), PbxUnavailableError("x")
    waits = [rules.seconds_until_next(error, each) for each in range(1, failures + 1)]
    given_up = waits.index(None) if None in waits else failures
    kept = [wait for wait in waits[:given_up] if wait is not None]
    assert all(first <= second <= rules.longest_seconds for first, second in pairwise(kept))
    assert waits[given_up:] == [None] * (failures - given_up)
    assert given_up <= rules.most


@pytest.mark.parametrize(
    ("error", "most"),
    [(AudioDecodeError("x"), 1), (TranscriptionError("x"), 3), (EngineFailedError("x"), 3), (ConfigError("x"), 8)],
)
def test_what_the_message_itself_may_cause_is_given_up_sooner(error: VmError, most: int) -> None:
    assert RetryRules().seconds_until_next(error, most) is None
    assert most == 1 or RetryRules().seconds_until_next(error, most - 1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("PbxUnavailableError", PbxUnavailableError),
        ("WorkerDied", TranscriptionError),
        ("annotations", TranscriptionError),
    ],
)
def test_a_stored_error_comes_back_as_its_kind(kind: str, expected: type[VmError]) -> None:
    error = error_of(kind, "words")
    assert type(error) is expected
    assert str(error) == "words"


async def test_recordings_that_nothing_will_read_are_forgotten_and_others_are_not(team: Team) -> None:
    team.simulator.scenario.messages[:] = messages_of("new", count=3)
    team.due()
    async with team.worker(queues=("poll", "fetch")):
        await until(lambda: asyncio.sleep(0, team.jobs() == [("transcribe", "todo")] * 3))
    dead, fresh, waiting = team.uuids
    team.run("UPDATE held_recordings SET held_at = now() - %s WHERE uuid <> %s", HELD_FOR + timedelta(minutes=1), fresh)
    team.run("UPDATE procrastinate_jobs SET status = 'failed' WHERE args->>'uuid' IN (%s, %s)", dead, fresh)
    await team.forget()
    assert [row["uuid"] for row in team.rows("SELECT uuid FROM held_recordings ORDER BY uuid")] == [fresh, waiting]


async def test_messages_past_their_accounts_retention_are_forgotten(team: Team) -> None:
    team.write_accounts(extra="retention_days = 30")
    team.due()
    async with team.worker():
        await team.until_transcribed()
    team.run(
        "UPDATE messages SET received_at = %s WHERE uuid = %s", datetime.now(UTC) - timedelta(days=31), team.uuids[0]
    )
    await team.forget()
    assert team.transcribed() == team.uuids[1:]


async def test_a_worker_whose_engine_is_gone_ends_and_leaves_the_message_to_others(team: Team) -> None:
    async def work() -> None:
        async with team.worker() as worker:
            await until(lambda: asyncio.sleep(0, bool(team.rows("SELECT id FROM procrastinate_workers"))))
            team.transcriber.unavailable = EngineUnavailableError("The engine is gone. Bring it back.")
            await team.poll_now()
            await until(lambda: asyncio.sleep(0, worker.is_stopping))

    with pytest.raises(EngineUnavailableError, match="gone"):
        await work()
    assert team.rows("SELECT failures FROM job_failures") == []
    assert {status for _, status in team.jobs()} == {"todo"}
    team.transcriber.unavailable = None
    team.run("UPDATE procrastinate_jobs SET scheduled_at = now()")  # half a minute later
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == team.uuids


QUICKLY_BUT_OFTEN = RetryRules(most_by_message=4, first_seconds=0.05, factor=1.0)


class _Broken(ScriptedTranscriber):
    engine, model = "remote", ""

    async def transcribe(
        self,
        audio: bytes,
        options: TranscribeOptions,
        on_progress: Progress | None = None,  # noqa: ARG002 - the protocol's
        demand: Demand | None = None,  # noqa: ARG002 - the protocol's
    ) -> Transcript:
        self.heard.append((audio, options))
        raise EngineFailedError("The engine fails. Look into its log.")


async def test_an_engine_that_fails_on_message_after_message_does_not_fail_them_all(team: Team) -> None:
    team.simulator.scenario.messages[:] = messages_of("new", count=9)
    team.transcriber = _Broken()
    team.due()

    async def work() -> None:
        async with team.worker(rules=RetryRules()) as worker:
            await until(lambda: asyncio.sleep(0, worker.is_stopping))

    with pytest.raises(EngineFailedError, match="Look into its log"):
        await work()
    assert len(team.transcriber.heard) == 3


async def test_one_message_that_the_engine_fails_on_again_and_again_ends_no_worker(team: Team) -> None:
    team.simulator.scenario.messages[:] = messages_of("new", count=1)
    team.transcriber = _Broken()
    team.due()
    async with team.worker(rules=QUICKLY_BUT_OFTEN) as worker:
        await until(lambda: asyncio.sleep(0, team.jobs() == [("transcribe", "failed")]))
        assert not worker.is_stopping
    assert len(team.transcriber.heard) == QUICKLY_BUT_OFTEN.most_by_message


async def test_asking_again_forgets_a_job_given_up_although_one_of_another_language_waits(team: Team) -> None:
    team.write_accounts(transcribe="never")
    [uuid, _] = team.uuids
    async with team.person() as inbox:
        asking = asyncio.create_task(inbox.transcribing.transcribe([uuid], language="en"))
        await until(lambda: asyncio.sleep(0, bool(team.jobs())))
        asking.cancel()
        await asyncio.wait([asking])
    team.run(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status) "
        "SELECT 'speech', 'transcribe', 'dead', args || '{\"language\": \"tr\"}', 'failed' FROM procrastinate_jobs"
    )
    async with team.worker(), team.person() as inbox:
        [entry] = await inbox.transcribing.transcribe([uuid], language="tr")
    assert entry.status == "done"


@pytest.mark.parametrize(("setting", "named"), [("engine", "VM_MCP_ENGINE"), ("model", "VM_MCP_MODEL")])
async def test_machines_that_would_choose_by_themselves_are_refused(team: Team, setting: str, named: str) -> None:
    team.changes = {setting: "auto"}
    with pytest.raises(ConfigError, match=named):
        async with team.worker():
            pass


async def test_a_worker_with_another_engine_than_the_teams_is_refused(team: Team) -> None:
    team.transcriber.model = "tiny"
    with pytest.raises(ConfigError, match="would transcribe with remote tiny"):
        async with team.worker():
            pass


async def test_nobody_has_a_message_opened_that_they_may_not_see(team: Team) -> None:
    team.write_accounts(transcribe="never")
    async with team.worker(), team.person(Access(extensions=frozenset({"9999"}))) as stranger:
        [refused] = await stranger.transcribing.transcribe([team.uuids[0]])
        assert refused.status == "failed"
        assert "No voicemail" in refused.error
    assert team.recordings_asked_for == []
    assert team.jobs() == []


async def test_who_asked_is_kept_with_the_retrieval(team: Team) -> None:
    team.write_accounts(transcribe="never")
    async with team.worker(), team.person(Access(Person("1", "Ayşe"))) as inbox:
        [done] = await inbox.transcribing.transcribe([team.uuids[0]])
    assert done.status == "done"
    assert team.rows("SELECT uuid, by FROM retrievals") == [{"uuid": team.uuids[0], "by": "Ayşe"}]


async def test_a_refreshed_transcript_is_a_new_one(team: Team) -> None:
    team.write_accounts(transcribe="never")
    [uuid, _] = team.uuids
    async with team.worker(), team.person() as inbox:
        await inbox.transcribing.transcribe([uuid])
        first = team.rows("SELECT id FROM transcripts")
        [again] = await inbox.transcribing.transcribe([uuid], refresh=True)
    assert again.status == "done"
    assert team.rows("SELECT id FROM transcripts") != first
    assert len(team.transcribed()) == 1
    assert len(team.transcriber.heard) == 2


async def test_two_people_who_want_different_languages_both_get_theirs(team: Team) -> None:
    team.write_accounts(transcribe="never")
    [uuid, _] = team.uuids
    async with team.worker(), team.person() as one, team.person() as other:
        answers = await asyncio.gather(
            one.transcribing.transcribe([uuid], language="tr"), other.transcribing.transcribe([uuid], language="en")
        )
    assert [[entry.transcript.language for entry in answer if entry.transcript] for answer in answers] == [
        ["tr"],
        ["en"],
    ]
    assert len(team.transcribed()) == 2
    assert team.rows("SELECT uuid FROM held_recordings") == []


async def test_after_a_long_outage_a_month_is_listed_and_no_more(team: Team) -> None:
    team.due()
    team.run("UPDATE account_polls SET listed_until = now() - interval '2 years'")
    messages = team.simulator.scenario.messages
    messages[0].received_at = datetime.now(UTC) - timedelta(days=29)
    messages[1].received_at = datetime.now(UTC) - timedelta(days=40)
    async with team.worker():
        await team.until_transcribed(messages[0].uuid)
    assert team.recordings_asked_for == [messages[0].uuid]


async def test_a_person_hears_why_it_takes_longer(team: Team) -> None:
    team.write_accounts(transcribe="never")
    team.simulator.faults.set("not_audio", "download")
    async with team.worker(rules=RetryRules()), team.person() as inbox:
        [entry] = await inbox.transcribing.transcribe([team.uuids[0]])
    assert entry.status == "failed"
    assert entry.error.endswith("It is tried again by itself; ask again later.")
    assert team.jobs() == [("fetch", "todo")]
    assert QUICKLY.most < RetryRules().most
