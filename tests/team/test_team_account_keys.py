"""An API key in the wrong place fills no account's archive with another business's callers."""

import pytest
from conftest import MakeSimulator
from support.accounts import messages_of
from support.team_work import Team

from vm_mcp.errors import AccountMismatchError, ArchiveError
from vm_mcp.inbox import ListRequest
from vm_mcp.people import EVERYTHING, Access, Person
from vm_mcp.simulator import Simulator

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def hotel(make_simulator: MakeSimulator) -> Simulator:
    """Another account of the same vendor."""
    pbx = make_simulator("empty", api_key="K-of-the-hotel")
    pbx.scenario.messages[:] = messages_of("hotel", count=3)
    return pbx


async def listed(team: Team, access: Access = EVERYTHING) -> list[str]:
    async with team.person(access) as inbox:
        await inbox.list_voicemails(ListRequest())
        archive = await inbox.account.archive()
        return sorted(message.uuid for message in await archive.recent(10))


async def test_another_accounts_key_is_refused_and_stores_nothing(team: Team, hotel: Simulator) -> None:
    theirs = await listed(team)
    team.simulator = hotel
    async with team.person() as inbox:
        with pytest.raises(AccountMismatchError, match="`klinik` belongs to another one"):
            await inbox.account.archive()
    assert [row["uuid"] for row in team.rows("SELECT uuid FROM messages ORDER BY uuid")] == theirs


async def test_a_key_that_the_vendor_renewed_is_adopted(team: Team) -> None:
    theirs = await listed(team)
    team.simulator.scenario.api_key = "K-renewed"
    assert await listed(team) == theirs
    assert len(team.rows("SELECT key_id FROM account_keys")) == 2


async def test_whoever_sees_no_mailbox_of_it_needs_no_other_proof(team: Team, hotel: Simulator) -> None:
    await listed(team)
    nobody = Access(Person("1", "Elif"), frozenset({"9999"}))
    assert await listed(team, nobody) == []
    team.simulator = hotel
    async with team.person(nobody) as inbox:
        with pytest.raises(AccountMismatchError):
            await inbox.account.archive()


async def test_a_new_key_waits_while_the_pbx_can_not_be_asked(team: Team) -> None:
    theirs = await listed(team)
    team.simulator.scenario.api_key = "K-renewed"
    team.simulator.faults.set("html", "list")
    async with team.person() as inbox:
        with pytest.raises(ArchiveError, match="could not be checked"):
            await inbox.account.archive()
    assert theirs


async def test_the_archive_keeps_digests_and_no_key(team: Team) -> None:
    await listed(team)
    [row] = team.rows("SELECT account, key_id FROM account_keys")
    assert row["account"] == "klinik"
    assert team.simulator.api_key not in row["key_id"]
