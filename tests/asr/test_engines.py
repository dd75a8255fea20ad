"""The table of engines: what the settings offer, what a row leads to, and that nothing else depends on a name."""

import pkgutil
from typing import get_args

import pytest
from conftest import MakeSettings
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.asr import knows_language
from vm_mcp.asr.engines import LOCAL_ENGINES, LocalEngine
from vm_mcp.config import EngineName
from vm_mcp.errors import InputError
from vm_mcp.inbox import Inbox
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio


def test_the_settings_offer_every_engine_of_the_table() -> None:
    assert set(get_args(EngineName)) == {"auto", "remote", "none", *LOCAL_ENGINES}


@pytest.mark.parametrize("engine", LOCAL_ENGINES.values(), ids=LOCAL_ENGINES)
def test_a_row_leads_to_the_module_of_its_engine(engine: LocalEngine) -> None:
    assert pkgutil.resolve_name(f"{engine.module}:NAME") == engine.name
    assert callable(pkgutil.resolve_name(engine.factory))
    assert callable(pkgutil.resolve_name(f"{engine.module}:find_model"))


@pytest.mark.parametrize("engine", ["faster-whisper", "openai-whisper", "remote"])
def test_engines_and_servers_know_the_languages_of_whisper(engine: str) -> None:
    assert [code for code in ("tr", "en", "yue", "xx", "turkish", "") if knows_language(engine, code)] == [
        "tr",
        "en",
        "yue",
    ]


async def test_a_language_that_only_another_engine_knows_is_refused_before_a_message_is_opened(
    simulator: Simulator, settings_for: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOCAL_ENGINES, "scripted", LocalEngine("scripted", "", "", "", languages=frozenset({"tr"})))
    inbox = Inbox(settings_for(simulator), ScriptedTranscriber())
    [uuid] = [message.uuid for message in simulator.scenario.messages[:1]]
    with pytest.raises(InputError, match="language"):
        await inbox.transcribing.transcribe([uuid], language="en")
    assert [record.path for record in simulator.requests] == []
    [entry] = await inbox.transcribing.transcribe([uuid], language="tr")
    assert entry.status == "done"
    await inbox.aclose()
