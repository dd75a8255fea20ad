"""People of a team, each tool, resource, prompt and completion: nothing of a mailbox that they may not see gets out."""

import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from mcp import Client, MCPError
from mcp_types import PromptReference, ResourceTemplateReference
from support.mailbox_people import BOXES, PEOPLE, Box, OpenAs, hidden_from, leaked, seen_by
from support.tool_answers import text_of

from vm_mcp.inbox.requests import encode_cursor
from vm_mcp.models import PageKey, VoicemailQuery
from vm_mcp.people import Access
from vm_mcp.server import build_server
from vm_mcp.server.tools import ALL
from vm_mcp.simulator import Simulator

pytest_plugins = ["support.mailbox_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

UNKNOWN = "9e5f-no-such-message-ii55jj"
RECORDING = "/voicemail_recording_url/"


@asynccontextmanager
async def connected(open_as: OpenAs, access: Access) -> AsyncIterator[Client]:
    async with open_as(access) as inbox, Client(build_server(inbox)) as client:
        yield client


def forged_cursor(box: Box) -> str:
    since, until = "2026-02-20T00:00:00Z", "2026-03-11T00:00:00Z"
    query = VoicemailQuery.model_validate({"since": since, "until": until, "extension": box.extension})
    return encode_cursor(query.model_copy(update={"after": PageKey(received_at=query.until, uuid="~")}))


def requests_of(tool: str, box: Box) -> Sequence[Mapping[str, object]]:
    """Return arguments that ask a tool for all, and for one mailbox by everything that is known of it."""
    uuids: list[Mapping[str, object]] = [{"uuids": [box.uuid]}, {"uuids": box.uuid[-6:]}]
    filters: list[Mapping[str, object]] = [
        {}, {"extension": box.extension}, {"caller": box.caller}, {"caller": box.number},
        {"status": "all"}, {"cursor": forged_cursor(box)},
    ]  # fmt: skip
    words = (box.caller, box.words, box.note, box.company, box.number, box.words[:5])
    each: Mapping[str, Sequence[Mapping[str, object]]] = {
        "list_voicemails": [*filters, {"uuid": box.uuid}, {"uuid": box.uuid[-6:]}, {"status": "open", "limit": 1}],
        "get_recording": [
            {"uuid": uuid, "delivery": delivery} for uuid, delivery in ((box.uuid, "link"), (box.uuid[-6:], "inline"))
        ],
        "transcribe_voicemails": [*uuids, {"uuids": box.uuid, "refresh": True}, *filters],
        "get_transcripts": uuids,
        "search_transcripts": [{"query": query} for query in words] + [{"query": "a", "extension": box.extension}],
        "show_inbox": [{}, {"extension": box.extension}],
        "list_missed_calls": [{}, {"extension": box.extension}, {"returned": "no"}],
        "update_voicemails": [{"uuids": uuid, "state": "told"} for uuid in (box.uuid, box.uuid[-6:])],
        "inbox_messages": [
            {},
            {"status": "all"},
            {"extension": box.extension},
            {"cursor": forged_cursor(box)},
            {"uuid": box.uuid},
            {"uuid": box.uuid[-6:]},
            *({"query": query} for query in words),
        ],
        "inbox_audio": [{"uuid": uuid, "seconds": 1} for uuid in (box.uuid, box.uuid[-6:])],
        "inbox_update": [{"uuids": uuid, "state": "told"} for uuid in (box.uuid, box.uuid[-6:])],
    }
    return each[tool]


async def all_answers(client: Client, tool: str, arguments: Mapping[str, object]) -> list[str]:
    """Return an answer's JSON, and those of the pages after it."""
    answers = []
    while True:
        result = await client.call_tool(tool, dict(arguments))
        answers.append(json.dumps(result.model_dump(mode="json"), ensure_ascii=False))
        cursor = (result.structured_content or {}).get("next_cursor")
        if not cursor:
            return answers
        answers.append(decoded(cursor))
        arguments = {"cursor": cursor}


def decoded(cursor: str) -> str:
    return base64.urlsafe_b64decode(cursor).decode()


@pytest.mark.parametrize("tool", [tool.name for tool in ALL])
@pytest.mark.parametrize("who", PEOPLE)
async def test_no_tool_shows_anything_of_a_mailbox_that_a_person_may_not_see(
    open_as: OpenAs, people_pbx: Simulator, who: str, tool: str
) -> None:
    access, answers = PEOPLE[who], list[str]()
    before = len(people_pbx.requests)
    async with connected(open_as, access) as client:
        for box in BOXES.values():
            for arguments in requests_of(tool, box):
                found = await all_answers(client, tool, arguments)
                assert leaked(found, access, asked=json.dumps(arguments, ensure_ascii=False)) == set(), arguments
                answers += found
        is_offered = tool in {each.name for each in (await client.list_tools()).tools}
    shown = "\n".join(answers)
    if not is_offered:
        assert "Unknown tool" in shown
    elif tool not in {"get_recording", "inbox_audio"}:
        wanted = [box.missed if tool == "list_missed_calls" else box.caller for box in seen_by(access)]
        assert [name for name in wanted if name not in shown] == []
    asked = {record.form.get("uuid") for record in people_pbx.requests[before:] if record.path == RECORDING}
    assert asked <= {box.uuid for box in seen_by(access)}


@pytest.mark.parametrize("who", PEOPLE)
async def test_no_resource_shows_anything_of_a_mailbox_that_a_person_may_not_see(
    open_as: OpenAs, people_pbx: Simulator, who: str
) -> None:
    access, before = PEOPLE[who], len(people_pbx.requests)
    async with connected(open_as, access) as client:
        listed = (await client.list_resources()).model_dump_json()
        assert leaked([listed], access) == set()
        assert all(box.caller in listed for box in seen_by(access))
        for part in ("", "/transcript", "/recording"):
            for box in BOXES.values():
                answer = await read(client, f"voicemail://{box.uuid}{part}")
                is_read = access.sees(box.extension) and (part != "/recording" or access.can("voicemail:open"))
                assert answer.startswith("refused") is not is_read
                assert leaked([answer], access, asked=box.uuid) == set()
            for box in hidden_from(access):
                answers = [await read(client, f"voicemail://{uuid}{part}") for uuid in (box.uuid, UNKNOWN)]
                assert answers[0].replace(box.uuid, UNKNOWN) == answers[1]
    asked = {record.form.get("uuid") for record in people_pbx.requests[before:] if record.path == RECORDING}
    assert asked == {box.uuid for box in seen_by(access) if access.can("voicemail:open")}


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_hidden_message_is_answered_as_one_that_does_not_exist(open_as: OpenAs, who: str) -> None:
    access = PEOPLE[who]
    async with connected(open_as, access) as client:
        for tool, name in (
            ("list_voicemails", "uuid"), ("get_recording", "uuid"), ("transcribe_voicemails", "uuids"),
            ("get_transcripts", "uuids"), ("update_voicemails", "uuids"), ("inbox_messages", "uuid"),
            ("inbox_audio", "uuid"), ("inbox_update", "uuids"),
        ):  # fmt: skip
            for box in hidden_from(access):
                more = {"state": "done"} if tool in {"update_voicemails", "inbox_update"} else {}
                hidden, unknown = [
                    json.dumps((await client.call_tool(tool, {name: uuid, **more})).model_dump(mode="json"))
                    for uuid in (box.uuid, UNKNOWN)
                ]
                assert hidden.replace(box.uuid, UNKNOWN).replace(box.uuid[-6:], UNKNOWN[-6:]) == unknown


@pytest.mark.parametrize("who", PEOPLE)
async def test_no_completion_or_prompt_offers_a_mailbox_that_a_person_may_not_see(open_as: OpenAs, who: str) -> None:
    access = PEOPLE[who]
    template = ResourceTemplateReference(type="ref/resource", uri="voicemail://{uuid}")
    prompt = PromptReference(type="ref/prompt", name="draft_callback")
    review = PromptReference(type="ref/prompt", name="triage_inbox")
    async with connected(open_as, access) as client:
        for typed in ("", *(box.uuid[:4] for box in BOXES.values())):
            for reference in (template, prompt):
                found = (await client.complete(reference, {"name": "uuid", "value": typed})).completion.values
                assert set(found) == {box.uuid for box in seen_by(access) if box.uuid.startswith(typed)}
        offered = (await client.complete(review, {"name": "extension", "value": ""})).completion.values
        assert set(offered) == {box.extension for box in seen_by(access)} - {""}
        for name in ("summarize_voicemails", "triage_inbox"):
            filled = (await client.get_prompt(name, {})).model_dump_json()
            assert leaked([filled], access) == set()
            assert ("update_voicemails" in filled) is (access.can("voicemail:update") and name == "triage_inbox")
            assert ("transcribe_voicemails" in filled) is access.can("voicemail:open")


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_person_is_offered_and_told_of_only_what_they_may_do(open_as: OpenAs, who: str) -> None:
    access = PEOPLE[who]
    always = {"list_voicemails", "search_transcripts", "show_inbox", "list_missed_calls", "inbox_messages"}
    opening = {"get_recording", "transcribe_voicemails", "inbox_audio"}
    opening = opening if access.can("voicemail:open") else {"get_transcripts"}
    closing = {"update_voicemails", "inbox_update"} if access.can("voicemail:update") else set()
    async with connected(open_as, access) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        told = client.instructions or ""
        templates = (await client.list_resource_templates()).model_dump_json()
        described = (await client.list_prompts()).model_dump_json()
    assert tools == always | opening | closing
    assert {tool.name for tool in ALL if tool.name in told} <= tools
    assert ("/recording" in templates) is access.can("voicemail:open")
    assert ("Notes that you were told" in described) is access.can("voicemail:update")
    assert ("only these mailboxes" in told) is not access.is_whole
    assert len(told) < 2048


@pytest.mark.parametrize(
    "tool", ["list_voicemails", "show_inbox", "list_missed_calls", "search_transcripts", "inbox_messages"]
)
async def test_a_mailbox_that_is_not_shown_never_looks_empty(open_as: OpenAs, tool: str) -> None:
    query = {"query": "halı"} if tool == "search_transcripts" else {}
    async with connected(open_as, PEOPLE["two mailboxes"]) as client:
        asked = [text_of(await client.call_tool(tool, {"extension": name, **query})) for name in ("103", "999", "101")]
        everything = text_of(await client.call_tool(tool, query))
    assert ["not shown to you (yours: 101, 102)" in text for text in (*asked, everything)] == [True, True, False, False]
    assert asked[0].replace("103", "999") == asked[1], "whether there is such a mailbox is not said"
    if tool in {"show_inbox", "list_missed_calls"}:
        assert "Only missed calls to 101, 102 are shown" in everything


async def test_whoever_may_see_no_mailbox_is_told_so_and_asks_the_pbx_for_none(
    open_as: OpenAs, people_pbx: Simulator
) -> None:
    before = len(people_pbx.requests)
    async with connected(open_as, PEOPLE["no mailbox"]) as client:
        answers = [text_of(await client.call_tool(tool, {})) for tool in ("list_voicemails", "show_inbox")]
        missed = text_of(await client.call_tool("list_missed_calls", {}))
    assert all("No mailbox is shown to you" in text for text in (*answers, missed))
    assert [record.path for record in people_pbx.requests[before:]] == []


async def read(client: Client, uri: str) -> str:
    try:
        return (await client.read_resource(uri)).model_dump_json()
    except MCPError as error:
        return f"refused: {error} {error.error.data}"


async def test_no_recording_is_saved_where_the_person_can_not_get_it(open_as: OpenAs, people_pbx: Simulator) -> None:
    before = len(people_pbx.requests)
    async with connected(open_as, PEOPLE["every mailbox"]) as client:
        refused = await client.call_tool("get_recording", {"uuid": BOXES["101"].uuid, "delivery": "file"})
    assert refused.is_error
    assert "delivery `link` or `inline`" in text_of(refused)
    assert [record for record in people_pbx.requests[before:] if record.path == RECORDING] == []
