"""Real clients, as several people at once: each sees their own account, and nothing of another's."""

import asyncio

import pytest
from mcp.shared.exceptions import MCPError
from support.identity_provider import IdentityProvider
from support.people import MakeAccount, ServeTeam, connected, post
from support.tool_answers import text_of

pytest_plugins = ["support.people_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]
HANDSHAKE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "a-client", "version": "1"},
    },
}
OPENING = {"get_recording", "transcribe_voicemails"}


async def messages_seen(url: str, token: str, mode: str = "auto") -> frozenset[str]:
    async with connected(url, token, mode=mode) as client:
        listed = (await client.call_tool("list_voicemails", {})).structured_content
    assert listed
    return frozenset(row["uuid"] for row in listed["voicemails"])


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_two_people_at_once_each_see_their_own_account_alone(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider, mode: str
) -> None:
    clinic, busy = make_account("klinik", group="reception"), make_account("atolye", group="mechanics", scenario="busy")
    url = serve_team(clinic, busy).url + "/mcp"
    ayse, mehmet = provider.token(sub="u-1", groups=["reception"]), provider.token(sub="u-2", groups=["mechanics"])
    seen = await asyncio.gather(*(messages_seen(url, token, mode) for token in [ayse, mehmet] * 3))
    [of_ayse], [of_mehmet] = set(seen[::2]), set(seen[1::2])
    assert of_ayse
    assert of_mehmet
    assert not of_ayse & of_mehmet


async def test_a_message_of_another_account_can_not_be_read_by_its_uuid(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    clinic, busy = make_account("klinik", group="reception"), make_account("atolye", group="mechanics", scenario="busy")
    url = serve_team(clinic, busy).url + "/mcp"
    async with (
        connected(url, provider.token(groups=["reception"])) as ayse,
        connected(url, provider.token(sub="u-2", groups=["mechanics"])) as mehmet,
    ):
        listed = (await ayse.call_tool("list_voicemails", {"limit": 1})).structured_content
        assert listed
        uuid = listed["voicemails"][0]["uuid"]
        read = await ayse.call_tool("transcribe_voicemails", {"uuids": [uuid]})
        assert read.structured_content
        words = read.structured_content["transcriptions"][0]["text"]
        for tool, arguments in {
            "transcribe_voicemails": {"uuids": [uuid]},
            "get_transcripts": {"uuids": [uuid]},
            "search_transcripts": {"query": words},
        }.items():
            answer = text_of(await mehmet.call_tool(tool, arguments))
            assert words not in answer, tool
        for part in ("", "/transcript", "/recording"):
            assert (await ayse.read_resource(f"voicemail://{uuid}{part}")).contents
            with pytest.raises(MCPError):
                await mehmet.read_resource(f"voicemail://{uuid}{part}")
        assert uuid not in str(await mehmet.list_resources())
        assert uuid in str(await ayse.list_resources())


async def test_somebody_who_may_only_read_does_not_see_the_tools_that_open(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url + "/mcp"
    tools = {}
    for scope in ("voicemail:read", "voicemail:read voicemail:open voicemail:update"):
        async with connected(url, provider.token(scope=scope, groups=["reception"])) as client:
            tools[scope] = {tool.name for tool in (await client.list_tools()).tools}
    reading, everything = tools.values()
    assert everything >= OPENING
    assert reading & OPENING == set()
    assert "list_voicemails" in reading


async def test_a_request_needs_no_handshake_with_the_machine_that_it_reaches(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    """A handshake-era client shakes hands with one machine, and its next requests reach another."""
    account = make_account("klinik", group="reception")
    one = serve_team(account)
    two = serve_team(account, public_url=one.url)
    token = provider.token(aud=f"{one.url}/mcp", groups=["reception"])
    shaken = post(f"{one.url}/mcp", token, body=HANDSHAKE)
    assert shaken.status_code == 200
    assert "mcp-session-id" not in shaken.headers
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "list_voicemails", "arguments": {}}}
    listed = post(f"{two.url}/mcp", token, body=call, **{"MCP-Protocol-Version": "2025-11-25"})
    assert "Ayşe Yılmaz" in listed.text
