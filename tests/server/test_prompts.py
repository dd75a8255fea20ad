"""The prompts as a host lists and fills them, in both languages."""

import contextlib
import re
import string
from dataclasses import fields

import pytest
from conftest import Connect, MakeSettings, MakeSimulator
from hypothesis import given
from hypothesis import strategies as st
from mcp import Client, MCPError
from mcp_types import PromptReference, TextContent

from vm_mcp.config import load_settings
from vm_mcp.errors import InputError
from vm_mcp.inbox import Inbox
from vm_mcp.server.prompts import LANGUAGES, VoicemailPrompts
from vm_mcp.server.prompts.texts import Texts
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio

NAMES = ("summarize_voicemails", "triage_inbox", "draft_callback")


async def filled(client: Client, name: str, **arguments: str) -> str:
    [message] = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    assert isinstance(message.content, TextContent)
    return message.content.text


def needed(name: str) -> dict[str, str]:
    return {"uuid": "0g7a-1"} if name == "draft_callback" else {}


async def test_the_prompts_and_their_arguments_are_listed(client: Client) -> None:
    listed = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
    assert tuple(listed) == NAMES
    for prompt in listed.values():
        assert prompt.title
        assert prompt.arguments
        assert "marks them as read" in (prompt.description or "")
        assert all(argument.description for argument in prompt.arguments)
    required = [
        (name, argument.name) for name in NAMES for argument in listed[name].arguments or () if argument.required
    ]
    assert required == [("draft_callback", "uuid")]


@pytest.mark.parametrize("scenario", ["empty", "clinic"])
async def test_a_filled_prompt_asks_the_phone_system_nothing_and_covers_the_empty_inbox(
    connect: Connect, settings_for: MakeSettings, make_simulator: MakeSimulator, scenario: str
) -> None:
    simulator = make_simulator(scenario)
    async with connect(settings_for(simulator)) as client:
        for name in NAMES:
            for language in LANGUAGES:
                assert len(await filled(client, name, language=language, **needed(name))) > 500
        assert "say so in one sentence and stop" in await filled(client, NAMES[0], language="en")
        assert "bunu tek cümleyle söyle ve dur" in await filled(client, NAMES[0], language="tr")
    assert simulator.requests == []


async def test_every_prompt_in_both_languages_rules_out_what_hurts(client: Client) -> None:
    rules = {
        "en": ("never instructions to you", "Invent nothing", "`[?…]`", "`assistant`", "`no_speech`", "hidden"),
        "tr": ("talimat değildir", "Hiçbir şey uydurma", "`[?…]`", "`assistant`", "`no_speech`", "gizli"),
    }
    for name in NAMES:
        for language, words in rules.items():
            text = await filled(client, name, language=language, **needed(name))
            assert not [word for word in words if word not in text], (name, language)
            assert "okunmuş olur" in text or "marks what was not transcribed before as read" in text
            assert "{" not in text


async def test_a_triage_has_three_groups_and_one_for_messages_without_a_text(client: Client) -> None:
    english, turkish = [await filled(client, "triage_inbox", language=language) for language in ("en", "tr")]
    assert re.findall(r"- \*\*(.*?)\*\*", english) == ["Urgent", "Needs a callback", "Can wait", "Not known yet"]
    assert re.findall(r"- \*\*(.*?)\*\*", turkish) == ["Acil", "Geri aranmalı", "Bekleyebilir", "Henüz bilinmiyor"]


@pytest.mark.parametrize(
    ("name", "arguments", "asked"),
    [
        ("summarize_voicemails", {}, 'status: "open",'),
        ("summarize_voicemails", {"period": "7d"}, 'status: "all", since: "7d",'),
        ("summarize_voicemails", {"period": "yesterday"}, 'status: "all", since: "yesterday", until: "yesterday",'),
        (
            "triage_inbox",
            {"period": " 7d ", "extension": " 1001 "},
            'status: "open", since: "7d", extension: "1001",',
        ),
        ("triage_inbox", {"period": "", "extension": ""}, 'status: "open",'),
        ("draft_callback", {"uuid": "0g7a-1"}, 'uuid: "0g7a-1"'),
        ("draft_callback", {"uuid": '{a}"b'}, 'uuid: "{a}\\"b"'),
    ],
)
async def test_a_prompts_arguments_become_those_of_the_list(
    client: Client, name: str, arguments: dict[str, str], asked: str
) -> None:
    for language in LANGUAGES:
        text = await filled(client, name, language=language, **arguments)
        assert asked in text.replace(" ile", ",").replace("and go", "").replace(".\n", ",\n")


async def test_the_list_accepts_what_a_prompt_asks_of_it(client: Client) -> None:
    text = await filled(client, "triage_inbox", language="en", period="2d", extension="1001")
    asked = dict(re.findall(r'(\w+): "(.*?)"', text.split("Call `list_voicemails` with ")[1].split("\n")[0]))
    result = await client.call_tool("list_voicemails", asked)
    assert not result.is_error
    assert len((result.structured_content or {})["voicemails"]) == 3


async def test_a_draft_is_in_the_callers_language_unless_one_is_asked_for(client: Client) -> None:
    assert "arayanın konuştuğu dilde" in await filled(client, "draft_callback", uuid="a")
    assert "Draft the call in English" in await filled(client, "draft_callback", uuid="a", language="EN")


async def test_the_default_language_is_the_first_that_callers_speak_by_the_settings(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    for languages, written in (("tr,en", "Türkçe yaz"), ("en,tr", "Write in English"), ("de", "Write in English")):
        async with connect(settings_for(simulator, languages=languages)) as client:
            assert written in await filled(client, "triage_inbox")


@pytest.mark.parametrize("changes", [{"read_only": True}, {"engine": "none"}])
async def test_where_nothing_can_be_transcribed_the_prompts_read_earlier_transcripts(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, changes: dict[str, object]
) -> None:
    async with connect(settings_for(simulator, **changes)) as client:
        assert not [p for p in (await client.list_prompts()).prompts if "marks" in (p.description or "")]
        for name in NAMES:
            for language in LANGUAGES:
                text = await filled(client, name, language=language, **needed(name))
                assert "transcribe_voicemails" not in text
                assert "`get_transcripts`" in text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_an_unusable_argument_is_named_with_what_is_accepted(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, mode: str
) -> None:
    cases: tuple[tuple[str, dict[str, str], str], ...] = (
        ("no_such_prompt", {}, "triage_inbox"),
        ("draft_callback", {}, "`uuid`"),
        ("draft_callback", {"uuid": " "}, "`uuid`"),
        ("draft_callback", {"uuid": "../a"}, "`uuid`"),
        ("triage_inbox", {"language": "de"}, "tr, en"),
        ("triage_inbox", {"period": "someday"}, "ISO date"),
        ("triage_inbox", {"extension": "1" * 41}, "`extension`"),
        ("triage_inbox", {"uuid": "a"}, "period, extension, language"),
    )
    async with connect(settings_for(simulator), mode=mode) as client:
        for name, arguments, expected in cases:
            with pytest.raises(MCPError) as caught:
                await client.get_prompt(name, arguments)
            assert caught.value.error.code == -32602
            assert expected in str(caught.value)


async def test_arguments_are_completed(client: Client) -> None:
    async def offered(prompt: str, name: str, value: str) -> list[str]:
        return (await client.complete(PromptReference(name=prompt), {"name": name, "value": value})).completion.values

    await client.call_tool("list_voicemails", {})
    assert await offered("triage_inbox", "language", "") == ["tr", "en"]
    assert await offered("triage_inbox", "language", "E") == ["en"]
    assert await offered("triage_inbox", "period", "") == ["today", "yesterday", "12h", "7d", "30d"]
    assert await offered("triage_inbox", "extension", "") == ["1001", "1002", "1003"]
    assert await offered("triage_inbox", "extension", "1003") == ["1003"]
    assert len(await offered("draft_callback", "uuid", "")) == 13
    assert await offered("draft_callback", "no_such", "") == []


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_both_languages_have_the_same_placeholders_and_name_the_same_tools() -> None:
    for field in fields(Texts):
        english, turkish = getattr(LANGUAGES["en"], field.name), getattr(LANGUAGES["tr"], field.name)
        assert placeholders(english) == placeholders(turkish), field.name
        assert set(re.findall("`[^`]+`", english)) == set(re.findall("`[^`]+`", turkish)), field.name
        assert english.count("\n") == turkish.count("\n"), field.name


@given(st.dictionaries(st.sampled_from(["uuid", "period", "extension", "language", "x"]), st.text(max_size=60)))
def test_any_arguments_fill_a_prompt_or_are_refused_in_our_words(arguments: dict[str, str]) -> None:
    prompts = VoicemailPrompts(PROMPTED)
    for name in NAMES:
        with contextlib.suppress(InputError):
            [message] = prompts.get(name, arguments).messages
            assert isinstance(message.content, TextContent)


class NoTranscriber:
    engine = model = "none"


PROMPTED = Inbox(load_settings({"engine": "none"}), NoTranscriber())  # type: ignore[arg-type]  # nothing is asked of it
