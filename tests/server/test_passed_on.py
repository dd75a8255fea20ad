"""What an assistant passes on to its user comes in the user's language, where a setting names it."""

import pytest
from conftest import Connect, MakeSettings
from mcp_types import TextContent

from vm_mcp.errors import ConfigError, InputError
from vm_mcp.inbox import Transcription
from vm_mcp.server.passed_on import entries_in_both, passed_on
from vm_mcp.simulator import Simulator
from vm_mcp.wording import words

pytestmark = pytest.mark.anyio

BUSY = ConfigError("The key of the account `{account}` is not in {place}. Put it there.", account="a", place="x")


async def test_an_error_has_its_translation_below_where_a_language_is_set() -> None:
    assert await passed_on(BUSY, "") == str(BUSY)
    assert await passed_on(BUSY, "en") == str(BUSY)
    assert await passed_on(BUSY, "tr") == (
        f"{BUSY}\nFor the user, in their language (tr): `a` hesabının anahtarı şurada bulunamadı: x. Oraya koyun."
    )


async def test_what_the_model_corrects_by_itself_stays_english() -> None:
    error = InputError("`limit` must be 1 or more.")
    assert await passed_on(error, "tr") == str(error)


async def test_one_messages_failure_is_translated_too() -> None:
    failed = Transcription(uuid="a", status="failed", error=words("No message matches."))
    done = Transcription(uuid="b", status="missing")
    [first, second] = await entries_in_both([failed, done], "tr")
    assert first.error == "No message matches.\nFor the user, in their language (tr): Uyan mesaj yok."
    assert second is done


async def test_a_tools_error_reaches_the_model_in_both_languages(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator
) -> None:
    async with connect(settings_for(simulator, lang="tr", api_key=None)) as client:
        answer = await client.call_tool("list_voicemails", {})
    [content] = answer.content
    assert answer.is_error
    assert isinstance(content, TextContent)
    assert content.text.startswith("There is no API key. Run `vm-mcp login`")
    assert "For the user, in their language (tr): API anahtarı yok. `vm-mcp login` çalıştırın" in content.text
