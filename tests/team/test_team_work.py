"""The work of a team: from a new message to its transcript, once, and what is never done."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from support.accounts import messages_of
from support.team_work import Team, until

from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.errors import RecordingError
from vm_mcp.inbox import ListRequest
from vm_mcp.pbx import PbxClient
from vm_mcp.team.work_queue import ASKED_PRIORITY, Work, WorkQueue

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio


def polls(team: Team) -> int:
    return sum(record.path == "/voicemail_messages" for record in list(team.simulator.requests))


def priorities(team: Team) -> list[int]:
    statement = "SELECT priority FROM procrastinate_jobs WHERE task_name IN ('fetch', 'transcribe')"
    return [row["priority"] for row in team.rows(statement)]


def scheduled(team: Team) -> list[str]:
    """The messages whose job was put off."""
    statement = "SELECT args->>'uuid' AS uuid FROM procrastinate_jobs WHERE scheduled_at > now()"
    return [row["uuid"] for row in team.rows(statement)]


async def until_polled(team: Team) -> None:
    async def is_polled() -> bool:
        return bool(team.rows("SELECT account FROM account_polls WHERE polled_at IS NOT NULL OR failures > 0"))

    await until(is_polled)


async def until_jobs(team: Team, *wanted: tuple[str, str]) -> None:
    async def are_there() -> bool:
        return sorted(team.jobs()) == sorted(wanted)

    await until(are_there)


async def test_a_new_message_is_listed_retrieved_and_transcribed_and_its_recording_is_gone(team: Team) -> None:
    team.due()
    async with team.worker():
        await team.until_transcribed()
    assert team.transcribed() == team.uuids
    assert team.recordings_asked_for == team.uuids
    assert team.rows("SELECT uuid FROM held_recordings") == []
    assert team.jobs() == []


async def test_nothing_is_opened_for_an_account_that_did_not_say_so(team: Team) -> None:
    team.write_accounts(transcribe="never")
    team.due()
    async with team.worker():
        await until_polled(team)
        assert team.jobs() == []
    assert team.recordings_asked_for == []
    assert [row["uuid"] for row in team.rows("SELECT uuid FROM messages ORDER BY uuid")] == team.uuids


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("since", [{"transcribe": "never"}, {"extra": "read_only = true"}], ids=str)
async def test_what_still_waits_is_not_opened_once_the_account_says_never(
    team: Team, since: dict[str, Any], *, holds: bool
) -> None:
    if not holds:
        team.recordings_key = None
    team.due()
    async with team.worker(queues=("poll",)):
        await until(lambda: asyncio.sleep(0, len(team.jobs()) == 2))
    team.write_accounts(**since)
    async with team.worker():
        await until_jobs(team)
    assert team.recordings_asked_for == []


async def test_what_was_opened_is_still_transcribed_once_the_account_says_never(team: Team) -> None:
    team.due()
    async with team.worker(queues=("poll", "fetch")):
        await until_jobs(team, ("transcribe", "todo"), ("transcribe", "todo"))
    team.write_accounts(transcribe="never")
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == team.uuids


async def test_what_somebody_has_read_or_we_have_asked_for_is_not_opened(team: Team) -> None:
    messages = team.simulator.scenario.messages
    messages[:] = messages_of("new", count=3)
    messages[0].read_at = datetime.now(UTC)
    team.due()
    async with team.person() as inbox:
        await inbox.list_voicemails(ListRequest())
        await inbox.recordings.link(messages[1].uuid)
        messages[1].read_at = None  # as a vendor may do whose link alone doesn't count
    async with team.worker():
        await team.until_transcribed(messages[2].uuid)
    assert team.transcribed() == [messages[2].uuid]
    assert team.recordings_asked_for == [messages[1].uuid, messages[2].uuid]


async def test_a_worker_that_only_retrieves_keeps_an_accounts_connections(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[PbxClient] = []

    class CountedClient(PbxClient):
        def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - those of PbxClient
            super().__init__(*arguments, **named)
            opened.append(self)

    team.due()
    async with team.worker(queues=("poll",)):
        await until_jobs(team, ("fetch", "todo"), ("fetch", "todo"))
    monkeypatch.setattr("vm_mcp.team.backing.PbxClient", CountedClient)
    monkeypatch.setattr("vm_mcp.team.worker.REQUESTS_AT_ONCE", 1)
    async with team.worker(queues=("fetch",)):
        await until_jobs(team, ("transcribe", "todo"), ("transcribe", "todo"))
    assert len(opened) == 1


async def test_without_a_key_for_recordings_none_is_ever_stored(team: Team) -> None:
    team.recordings_key = None
    team.run("CREATE RULE none_held AS ON INSERT TO held_recordings DO INSTEAD SELECT 1 / 0")
    team.due()
    async with team.worker():
        await team.until_transcribed()
    assert team.recordings_asked_for == team.uuids


async def test_several_workers_and_people_have_each_message_opened_and_kept_once(team: Team) -> None:
    team.due()
    async with team.worker(), team.worker(), team.person() as inbox, team.person() as other:
        answers = await asyncio.gather(*(each.transcribing.transcribe(team.uuids) for each in (inbox, other, inbox)))
        await team.until_transcribed()
    assert [{entry.status for entry in answer} for answer in answers] == [{"done"}] * 3
    assert team.recordings_asked_for == team.uuids
    assert team.transcribed() == team.uuids
    assert team.jobs() == []


async def test_a_held_recording_is_encrypted_for_its_message_alone(team: Team) -> None:
    team.due()
    async with team.worker(queues=("poll", "fetch")):
        await until_jobs(team, ("transcribe", "todo"), ("transcribe", "todo"))
    held = team.rows("SELECT uuid, data, mime_type FROM held_recordings ORDER BY uuid")
    assert [row["uuid"] for row in held] == team.uuids
    audio = team.simulator.scenario.messages[0].recording.read()
    assert all(audio[:32] not in row["data"] and len(row["data"]) == len(audio) + 28 for row in held)
    team.run("UPDATE held_recordings SET data = (SELECT data FROM held_recordings ORDER BY uuid LIMIT 1)")
    async with team.worker(queues=("speech",)):
        await team.until_transcribed(team.uuids[0])
        await until_jobs(team, ("transcribe", "failed"))
    [failed] = team.rows("SELECT kind, problem FROM job_failures")
    assert failed["kind"] == "ConfigError"
    assert "VM_MCP_RECORDINGS_KEY" in failed["problem"]
    assert team.start("jobs", "retry", "all").communicate()[1] == "1 job will start again.\n"
    async with team.worker():
        await team.until_transcribed()  # retrieved again
    assert team.recordings_asked_for == [team.uuids[0], team.uuids[1], team.uuids[1]]


async def test_no_more_messages_are_opened_than_engines_can_read_soon_unless_a_person_asks(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.team.fetching.MOST_HELD", 1)
    monkeypatch.setattr("vm_mcp.team.fetching._ROOM_SECONDS", 0.01)
    monkeypatch.setattr("vm_mcp.team.fetching.BUSY_SECONDS", 600.0)
    monkeypatch.setattr("vm_mcp.team.worker.REQUESTS_AT_ONCE", 1)
    team.simulator.scenario.messages[:] = messages_of("new", count=3)
    newer, _, oldest = team.uuids
    team.due()
    async with team.worker(queues=("poll", "fetch")):
        await until(lambda: asyncio.sleep(0, len(scheduled(team)) == 2))
        assert team.recordings_asked_for == [oldest]
        async with team.person() as inbox:
            asking = asyncio.create_task(inbox.transcribing.transcribe([newer]))
            await until(lambda: asyncio.sleep(0, len(team.recordings_asked_for) == 2))
            async with team.worker(queues=("speech",)):
                assert [entry.status for entry in await asking] == ["done"]
    assert team.recordings_asked_for == [newer, oldest]


async def test_what_waits_for_the_engine_of_an_account_that_was_removed_keeps_no_other_waiting(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.team.fetching.MOST_HELD", 1)
    monkeypatch.setattr("vm_mcp.team.fetching._ROOM_SECONDS", 0.01)
    team.run(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at) VALUES ('speech', 'transcribe', "
        """'{"account": "removed", "uuid": "a"}', now() + interval '1 day')"""
    )
    team.simulator.scenario.messages[:] = messages_of("new", count=1)
    team.due()
    async with team.worker():
        await team.until_transcribed()


async def test_many_new_messages_of_one_account_do_not_come_before_the_few_of_another(team: Team) -> None:
    database = PostgresDatabase(team.database.url)
    queue = WorkQueue(database, holds_recordings=True)
    for uuids in (["big-1", "big-2", "big-3"], ["big-4"], ["small-1", "small-2"]):
        account = uuids[0].partition("-")[0]
        async with database.operation() as connection:
            await queue.add_new(connection, account, [Work(account, uuid) for uuid in uuids])
    await database.aclose()
    in_order = team.rows("SELECT args->>'uuid' AS uuid FROM procrastinate_jobs ORDER BY priority DESC, id")
    assert [row["uuid"] for row in in_order] == ["big-1", "small-1", "big-2", "small-2", "big-3", "big-4"]


@pytest.mark.parametrize("held", [True, False])
async def test_a_message_that_was_purged_while_its_job_waited_is_not_retrieved(team: Team, *, held: bool) -> None:
    team.due()
    async with team.worker(queues=("poll", "fetch") if held else ("poll",)):
        await until_jobs(team, *[("transcribe" if held else "fetch", "todo")] * 2)
    async with team.person() as inbox:
        await inbox.history.purge(everything=True)
    async with team.worker(queues=("fetch", "speech")):
        await until_jobs(team)
    assert team.recordings_asked_for == team.uuids * held
    assert team.rows("SELECT uuid FROM messages") == []


async def test_an_asked_for_message_overtakes_the_backlog(team: Team) -> None:
    messages = team.simulator.scenario.messages
    messages[:] = messages_of("new", count=6)
    wanted = messages[0].uuid  # the newest, which comes last
    recordings = {message.uuid: message.recording.read() for message in messages}
    team.transcriber.gate.clear()
    team.due()
    async with team.worker():
        await team.transcriber.arrived(1)
        await until_jobs(team, ("transcribe", "doing"), *[("transcribe", "todo")] * 5)
        async with team.person() as inbox:
            asking = asyncio.create_task(inbox.transcribing.transcribe([wanted]))

            async def is_moved() -> bool:
                found = team.rows("SELECT priority FROM procrastinate_jobs WHERE args->>'uuid' = %s", wanted)
                return bool(found[0]["priority"] > 0)

            await until(is_moved)
            team.transcriber.gate.set()
            assert (await asking)[0].status == "done"
        await team.until_transcribed()
    order = [row["uuid"] for row in team.rows("SELECT uuid FROM transcripts ORDER BY id")]
    assert order.index(wanted) <= 1
    assert recordings.keys() == set(order)


async def test_a_message_that_is_asked_for_while_it_is_retrieved_stays_ahead(team: Team) -> None:
    team.simulator.scenario.messages[:] = messages_of("new", count=1)
    team.simulator.faults.set("slow", "download", 1)
    team.due()
    async with team.worker(queues=("poll", "fetch")):
        await until(
            lambda: asyncio.sleep(0, any(each.path.startswith("/recording/") for each in team.simulator.requests))
        )
        async with team.person() as inbox:
            asking = asyncio.create_task(inbox.transcribing.transcribe(team.uuids))
            await until(lambda: asyncio.sleep(0, priorities(team) == [ASKED_PRIORITY]))
            team.simulator.stop()  # the download fails, and is tried again
            team.simulator.start()
            await until_jobs(team, ("transcribe", "todo"))
            assert priorities(team) == [ASKED_PRIORITY]
            asking.cancel()
            await asyncio.wait([asking])


async def test_a_failing_message_is_given_up_seen_and_tried_again_when_a_person_says_so(team: Team) -> None:
    team.simulator.scenario.messages[:] = messages_of("new", count=1)
    [uuid] = team.uuids
    team.simulator.faults.set("not_audio", "download")
    team.due()
    async with team.worker():
        await until_jobs(team, ("fetch", "failed"))
        async with team.person() as inbox:
            [entry] = await inbox.transcribing.transcribe([uuid])
        assert entry.status == "failed"
        assert "text and no audio" in entry.error
        await until_jobs(team, ("fetch", "failed"))
        failed = team.rows("SELECT id, failures, kind FROM procrastinate_jobs JOIN job_failures ON job_id = id")
        assert [(row["failures"], row["kind"]) for row in failed] == [(2, RecordingError.__name__)]
        before = polls(team)
        await team.poll_now()
        await until(lambda: asyncio.sleep(0, polls(team) > before))  # which leaves it to the person
        team.simulator.faults.clear()
        done = team.start("jobs", "retry", "all")
        assert done.communicate() == ("", "1 job will start again.\n")
        await team.until_transcribed()
    assert team.jobs() == []


async def test_a_refused_key_stops_the_polls_of_its_account_and_is_shown(team: Team) -> None:
    team.simulator.faults.set("wrong_key", "list")
    team.due()
    async with team.worker():
        await until_polled(team)
    [poll] = team.rows("SELECT failures, kind, extract(epoch FROM next_at - now())::float AS wait FROM account_polls")
    assert (poll["failures"], poll["kind"]) == (1, "PbxAuthError")
    assert 200 < poll["wait"] <= 300
    shown = team.start("jobs", "--json").communicate()[0]
    assert '"kind": "PbxAuthError"' in shown
    assert team.simulator.api_key not in shown


async def test_a_person_who_gives_up_leaves_the_work_to_the_workers(team: Team) -> None:
    team.write_accounts(transcribe="never")
    [uuid, _] = team.uuids
    async with team.person() as inbox:
        asking = asyncio.create_task(inbox.transcribing.transcribe([uuid]))
        await until_jobs(team, ("fetch", "todo"))
        asking.cancel()
        await asyncio.wait([asking])
    async with team.worker():
        await team.until_transcribed(uuid)
    assert team.recordings_asked_for == [uuid]


async def test_neither_keys_nor_callers_nor_words_are_in_the_tables_of_the_work(team: Team) -> None:
    team.simulator.scenario.messages[0].caller_id_name = "Gizli Arayan"
    team.simulator.faults.set("not_audio", "download", 1)
    team.transcriber.gate.clear()
    team.due()
    async with team.worker():
        await team.transcriber.arrived(1)
        tables = [
            str(team.rows(f"SELECT * FROM {name}"))  # noqa: S608 - names of ours
            for name in (
                "procrastinate_jobs",
                "procrastinate_events",
                "procrastinate_workers",
                "job_failures",
                "account_polls",
                "request_turns",
                "procrastinate_periodic_defers",
            )
        ]
        team.transcriber.gate.set()
        await team.until_transcribed()
    everything = "".join(tables)
    assert "new-0" in everything
    assert team.recordings_key
    secrets = (team.simulator.api_key, team.recordings_key.get_secret_value(), "Gizli", "0532417", "recording/")
    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.parametrize("first", ["fetch", "transcribe"])
async def test_what_waits_is_not_opened_once_the_account_says_never_unless_a_person_asks(
    team: Team, first: str
) -> None:
    if first == "transcribe":
        team.recordings_key = None
    [asked, _] = team.uuids
    team.due()
    async with team.worker(queues=("poll",)):
        await until_jobs(team, (first, "todo"), (first, "todo"))
    team.write_accounts(transcribe="never")
    async with team.person() as inbox, team.worker():
        [done] = await inbox.transcribing.transcribe([asked])
        await until_jobs(team)
    assert done.status == "done"
    assert team.recordings_asked_for == [asked]


@pytest.mark.parametrize("first", ["fetch", "transcribe"])
async def test_what_waits_is_not_opened_once_the_account_is_read_only(team: Team, first: str) -> None:
    if first == "transcribe":
        team.recordings_key = None
    team.due()
    async with team.worker(queues=("poll",)):
        await until_jobs(team, (first, "todo"), (first, "todo"))
    team.write_accounts(extra="read_only = true")
    async with team.worker():
        await until_jobs(team)
    assert team.recordings_asked_for == []


async def test_a_message_that_there_is_not_leaves_no_job_behind(team: Team) -> None:
    async with team.worker(), team.person() as inbox:
        [failed] = await inbox.transcribing.transcribe(["1763900000.4711"])
    assert failed.status == "failed"
    assert "No voicemail" in failed.error
    assert team.jobs() == []
    assert "1763900000.4711" not in team.recordings_asked_for
