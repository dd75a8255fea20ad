"""Hosts that listen learn which messages have changed, in both eras of the protocol; others are told nothing."""

import asyncio
from typing import Any
from urllib.parse import quote

import pytest
from conftest import Connect, MakeSettings
from mcp import Client, MCPError
from mcp.client.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp_types import INVALID_PARAMS, ResourceUpdatedNotification
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.inbox import Inbox
from vm_mcp.people import Access, Person
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("no_rate_limit"),
    pytest.mark.filterwarnings("ignore:resources/:mcp.MCPDeprecationWarning"),
]

CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("transcribe_voicemails", {}),
    ("get_recording", {"delivery": "link"}),
    ("update_voicemails", {"state": "told"}),
)


def address(simulator: Simulator, number: int = 0) -> tuple[str, str]:
    uuid = simulator.scenario.messages[number].uuid
    return uuid, f"voicemail://{quote(uuid, safe='')}"


async def change(client: Client, tool: str, uuid: str, arguments: dict[str, Any]) -> None:
    given = {"uuid": uuid} if tool == "get_recording" else {"uuids": [uuid]}
    result = await client.call_tool(tool, given | arguments)
    assert not result.is_error, result.content


class Told:
    """What a connection of the earlier era is sent beside answers."""

    def __init__(self) -> None:
        self.uris: list[str] = []
        self._arrived = asyncio.Semaphore(0)

    async def __call__(self, message: object) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self.uris.append(message.params.uri)
            self._arrived.release()

    async def once(self) -> str:
        async with asyncio.timeout(5):
            await self._arrived.acquire()
        return self.uris[-1]


@pytest.mark.parametrize(("tool", "arguments"), CHANGES)
async def test_a_host_that_listens_is_told_of_the_message_that_changed(
    client: Client, simulator: Simulator, tool: str, arguments: dict[str, Any]
) -> None:
    await client.call_tool("list_voicemails", {})
    (uuid, uri), (other, other_uri) = address(simulator), address(simulator, 1)
    async with client.listen(resource_subscriptions=[uri, f"{uri}/transcript"]) as events, asyncio.timeout(5):
        await change(client, tool, other, arguments)
        await change(client, tool, uuid, arguments)
        told = {await anext(events), await anext(events)}
    assert told == {ResourceUpdated(uri), ResourceUpdated(f"{uri}/transcript")}
    assert other_uri not in str(told)


async def test_a_new_transcript_changes_the_list_of_resources(client: Client, simulator: Simulator) -> None:
    await client.call_tool("list_voicemails", {})
    uuid, uri = address(simulator)
    async with client.listen(resources_list_changed=True) as events, asyncio.timeout(5):
        await change(client, "update_voicemails", uuid, {"state": "told"})
        await change(client, "transcribe_voicemails", uuid, {})
        assert await anext(events) == ResourcesListChanged()
    assert f"{uri}/transcript" in {resource.uri for resource in (await client.list_resources()).resources}


async def test_a_transcript_that_a_call_did_not_wait_for_is_told_of_when_it_is_there(
    client: Client, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    uuid, uri = address(simulator)
    transcriber.gate.clear()
    async with client.listen(resource_subscriptions=[f"{uri}/transcript"]) as events, asyncio.timeout(5):
        await change(client, "transcribe_voicemails", uuid, {"wait_seconds": 0})
        await transcriber.arrived(1)
        assert await anext(events) == ResourceUpdated(f"{uri}/transcript")  # it was opened
        transcriber.gate.set()
        assert await anext(events) == ResourceUpdated(f"{uri}/transcript")
        transcript = await client.read_resource(f"{uri}/transcript")
    assert transcript.contents


@pytest.mark.parametrize(("tool", "arguments"), CHANGES)
async def test_a_host_of_the_earlier_era_that_subscribes_is_told_until_it_unsubscribes(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tool: str, arguments: dict[str, Any]
) -> None:
    told = Told()
    async with connect(settings_for(simulator), mode="legacy", message_handler=told) as client:
        await client.call_tool("list_voicemails", {})
        (uuid, uri), (other, other_uri) = address(simulator), address(simulator, 1)
        for _ in range(2):  # the second time changes nothing
            await client.subscribe_resource(uri)
        await client.subscribe_resource(other_uri)
        await change(client, tool, uuid, arguments)
        assert await told.once() == uri
        await client.unsubscribe_resource(uri)
        before = told.uris.count(uri)  # transcribing opens the message first, which is a change of its own
        await change(client, "update_voicemails", uuid, {"state": "done"})
        await change(client, tool, other, arguments)
        while await told.once() != other_uri:
            pass
    assert told.uris.count(uri) == before


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_only_changes_that_are_told_of_are_announced(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, mode: str
) -> None:
    async with connect(settings_for(simulator), mode=mode) as client:
        announced = client.server_capabilities
    assert announced.resources
    assert announced.resources.subscribe
    assert not announced.tools or not announced.tools.list_changed
    assert not announced.prompts or not announced.prompts.list_changed


async def test_nothing_is_subscribed_to_that_is_no_resource(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator), mode="legacy") as client:
        for uri in ("file:///etc/passwd", "voicemail://a/b", "voicemail://"):
            with pytest.raises(MCPError) as refused:
                await client.subscribe_resource(uri)
            assert refused.value.error.code == INVALID_PARAMS
            assert "list" in str(refused.value)


async def test_what_colleagues_change_is_not_known_so_a_teams_server_lets_nobody_listen(
    settings_for: MakeSettings, simulator: Simulator, transcriber: ScriptedTranscriber
) -> None:
    access = Access(person=Person("1", "Elif"))
    server = build_server(Inbox(settings_for(simulator), transcriber, access=access))
    async with Client(server) as client:
        assert client.server_capabilities.resources
        assert not client.server_capabilities.resources.subscribe
        with pytest.raises(MCPError):
            async with client.listen(resources_list_changed=True):
                pass
