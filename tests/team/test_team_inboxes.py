import pytest
from pydantic import SecretStr
from support.team_work import Team

from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.inbox import ListRequest
from vm_mcp.people import EVERYTHING, Access, Person
from vm_mcp.team.inboxes import TeamInboxes
from vm_mcp.team.work_queue import JobState, Work, WorkQueue

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio

ELIF = Access(Person("1", "Elif"), frozenset({"1001"}))


def inboxes_of(team: Team) -> TeamInboxes:
    return TeamInboxes(team.settings, team.database.url, holds_recordings=True)


async def test_what_somebody_has_transcribed_is_made_by_a_worker_and_kept_for_all(team: Team) -> None:
    team.write_accounts(transcribe="never")
    uuid = team.uuids[0]
    async with inboxes_of(team) as inboxes, team.worker():
        asked, other = (inboxes.open(team.entries["klinik"], EVERYTHING) for _ in range(2))
        [made] = await asked.transcribing.transcribe([uuid])
        await other.list_voicemails(ListRequest())
        [kept] = await other.history.look_up([uuid])
        await asked.aclose()
        await other.aclose()

    assert made.transcript is not None
    assert kept.transcript == made.transcript
    assert team.transcribed() == [uuid]
    assert [*team.folder.rglob("archive-*")] == []


async def test_a_message_that_nobody_waits_for_any_more_is_looked_for_again_once_somebody_does(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.write_accounts(transcribe="never")
    [uuid, _] = team.uuids
    looks: list[str] = []

    class CountingQueue(WorkQueue):
        async def state(self, work: Work) -> JobState | None:
            looks.append(work.uuid)
            return await super().state(work)

    monkeypatch.setattr("vm_mcp.team.inboxes.WorkQueue", CountingQueue)
    monkeypatch.setattr("vm_mcp.team.queued_maker.LOOK_SECONDS", 0.01)
    monkeypatch.setattr("vm_mcp.team.queued_maker.UNWATCHED_LOOK_SECONDS", 600.0)
    async with inboxes_of(team) as inboxes:
        inbox = inboxes.open(team.entries["klinik"], EVERYTHING)
        [pending] = await inbox.transcribing.transcribe([uuid], wait_seconds=0.5)
        while_waited_for = len(looks)
        async with team.worker():
            await team.until_transcribed(uuid)
        [done] = await inbox.transcribing.transcribe([uuid])
        await inbox.aclose()

    assert (pending.status, done.status) == ("pending", "done")
    assert while_waited_for > 2
    assert len(looks) <= while_waited_for + 2  # when the first call left, and when the second came


async def test_somebody_sees_only_their_mailboxes_in_it(team: Team) -> None:
    mine, other = team.simulator.scenario.messages
    mine.user_number, other.user_number = "1001", "1002"
    async with inboxes_of(team) as inboxes:
        inbox = inboxes.open(team.entries["klinik"], ELIF)
        page = await inbox.list_voicemails(ListRequest())
        await inbox.aclose()

    assert [voicemail.uuid for voicemail in page.voicemails] == [mine.uuid]


async def test_it_is_ready_while_its_database_answers(team: Team) -> None:
    async with inboxes_of(team) as inboxes:
        assert await inboxes.checks["database"]()
    nowhere = TeamInboxes(team.settings, SecretStr("postgresql://x@/x?host=/nowhere"), holds_recordings=True)
    async with nowhere:
        with pytest.raises(ArchiveError):
            await nowhere.checks["database"]()


def test_its_engine_has_to_be_the_same_on_all_machines(team: Team) -> None:
    team.changes["engine"] = "auto"
    with pytest.raises(ConfigError, match="VM_MCP_ENGINE"):
        inboxes_of(team)
