"""The voicemail of some mailboxes: what the PBX is asked, and what comes through."""

from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
from conftest import MakeSettings, MakeSimulator
from support.handled import left
from support.simulator_requests import NOON, Clock, voicemail_requests

from vm_mcp.errors import InputError, VoicemailNotFoundError
from vm_mcp.inbox import ListRequest
from vm_mcp.models import VoicemailQuery
from vm_mcp.pbx import PbxClient
from vm_mcp.simulator import Simulator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

ALL = ListRequest().as_query(NOON, ZoneInfo("Europe/Istanbul"))
RECORDING = "/voicemail_recording_url/"


@pytest.fixture
def pbx(make_simulator: MakeSimulator) -> Simulator:
    """Three mailboxes, a message in two of them, and one in none."""
    simulator = make_simulator("empty", clock=Clock())
    for hours, (uuid, mailbox) in enumerate([("a", "101"), ("b", "102"), ("c", "103"), ("both", "103"), ("d", "101")]):
        left(simulator, uuid, hours_ago=hours + 1, user_number=mailbox)
    left(simulator, "both", hours_ago=4, user_number="101")
    left(simulator, "nobody's", hours_ago=6, user_number="", omit=frozenset({"user_number"}))
    return simulator


@pytest.fixture
async def client(pbx: Simulator, settings_for: MakeSettings) -> AsyncIterator[PbxClient]:
    async with PbxClient(settings_for(pbx), clock=Clock()) as opened:
        yield opened


def limited(client: PbxClient, *extensions: str) -> PbxClient:
    async def check_seen(uuid: str) -> None:
        await seen.voicemails.get(uuid)

    seen = client.limited_to(frozenset(extensions), check_seen)
    return seen


async def listed(client: PbxClient, limit: int = 20, **filters: str) -> list[str]:
    page = await client.voicemails.list(ALL.model_copy(update=filters), limit)
    assert page.total_count in {None, len(page.voicemails)}
    return [f"{voicemail.uuid} {voicemail.extension}" for voicemail in page.voicemails]


async def test_only_messages_of_the_mailboxes_are_listed_and_those_of_none_are_nobodys(client: PbxClient) -> None:
    assert await listed(limited(client, "101")) == ["a 101", "both 101", "d 101"]
    assert await listed(limited(client, "101", "102")) == ["a 101", "b 102", "both 101", "d 101"]
    assert len(await listed(client)) == 7
    assert await listed(limited(client, "")) == ["nobody's "]


async def test_the_pbx_filters_a_single_mailbox_and_is_never_asked_for_another(
    client: PbxClient, pbx: Simulator
) -> None:
    assert await listed(limited(client, "101"), extension="103") == []
    assert await listed(limited(client)) == []
    assert voicemail_requests(pbx) == []
    await listed(limited(client, "101"))
    assert [record.query["user_number"] for record in voicemail_requests(pbx)] == ["101"]


async def test_a_query_that_somebody_forged_shows_no_more(client: PbxClient) -> None:
    forged = VoicemailQuery(since=ALL.since, until=ALL.until, extension="103", total_count=99)
    page = await limited(client, "101").voicemails.list(forged, 20)
    assert (page.voicemails, page.total_count) == ((), 0)
    with pytest.raises(InputError):
        await limited(client).voicemails.list(forged.model_copy(update={"since": ALL.until, "until": ALL.since}), 20)


async def test_a_message_of_another_mailbox_is_as_unknown_as_one_that_does_not_exist(
    client: PbxClient, pbx: Simulator
) -> None:
    seen, refusals = limited(client, "101").voicemails, []
    for uuid in ("c", "nobody's", "no-such-message"):
        for ask in (seen.get, seen.recording_link, seen.fetch_recording):
            with pytest.raises(VoicemailNotFoundError) as refusal:
                await ask(uuid)
            refusals.append(str(refusal.value))
    assert len(set(refusals)) == 1
    assert RECORDING not in {record.path for record in pbx.requests}
    assert (await seen.get("both")).extension == "101"


async def test_a_recording_of_the_mailboxes_is_fetched(client: PbxClient, pbx: Simulator) -> None:
    assert (await limited(client, "101").voicemails.fetch_recording("a")).data
    assert [record.path for record in pbx.requests].count(RECORDING) == 1
