"""What every form of an answer says of languages, of sound without words, and of machines."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vm_mcp import views
from vm_mcp.cli import message_text
from vm_mcp.inbox import ListedPage, ListedVoicemail, Transcription
from vm_mcp.models import PressedKeys, Segment, Transcript, Untranscribed

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SPEECH = Untranscribed(kind="speech", start_seconds=4.1, end_seconds=10.9)
MUSIC = Untranscribed(kind="sound", start_seconds=0, end_seconds=8)
NOT_UNDERSTOOD = "Somebody speaks from 4 to 11 s, not understood: listen to it."


def segment(text: str, start: float = 0, language: str = "") -> Segment:
    return Segment(
        text=text,
        start_seconds=start,
        end_seconds=start + 2,
        avg_logprob=-0.3,
        no_speech_prob=0.1,
        language=language,
    )


def entry(
    *segments: Segment, untranscribed: tuple[Untranscribed, ...] | None = (), keys: tuple[PressedKeys, ...] = ()
) -> Transcription:
    transcript = Transcript(
        language="tr" if segments else "",
        segments=segments,
        duration_seconds=12,
        engine="faster-whisper",
        model="base",
        untranscribed=untranscribed,
        keys=keys,
    )
    return Transcription(uuid="a", status="done" if segments else "no_speech", transcript=transcript)


MIXED = entry(segment("Merhaba, ben Ayşe."), segment("Please call me back.", 3, "en"))


def test_a_message_in_two_languages_names_both_and_each_segment_its_own() -> None:
    view = views.transcriptions([MIXED], ISTANBUL, full=True)
    [item] = view.as_json()["transcriptions"]
    assert item["language"] == "tr, en"
    assert [each.get("language") for each in item["segments"]] == [None, "en"]
    assert "3-5 s (-0.3, en): Please call me back." in view.text
    assert "Language: tr, en" in views.transcript_document(MIXED, ISTANBUL)


def test_exports_name_both_languages() -> None:
    item, _ = views.transcription_item(MIXED, ISTANBUL)
    [row] = csv.DictReader(io.StringIO(views.to_csv([item], ",")))
    assert row["language"] == "tr, en"
    assert views.to_vtt(item).startswith("WEBVTT tr, en\n")


@pytest.mark.parametrize(
    ("untranscribed", "note"),
    [
        ((), "Nobody is heard: silence."),
        ((MUSIC,), "Nobody is heard: music, tones or noise from 0 to 8 s."),
        ((SPEECH,), NOT_UNDERSTOOD),
        ((MUSIC, SPEECH), NOT_UNDERSTOOD),
    ],
)
def test_a_message_without_words_tells_which_of_three_it_is(
    untranscribed: tuple[Untranscribed, ...], note: str
) -> None:
    wordless = entry(untranscribed=untranscribed)
    view = views.transcriptions([wordless], ISTANBUL, full=False)
    [item] = view.as_json()["transcriptions"]
    assert (item["status"], item["heard"], item.get("text")) == ("no_speech", note, None)
    assert f"\n({note})" in view.text
    assert f"({note})" in views.transcript_document(wordless, ISTANBUL)
    assert message_text.said(wordless, ISTANBUL, NOON) == note


def test_an_engine_that_reports_no_sounds_claims_no_silence() -> None:
    unknown = entry(untranscribed=None)
    assert "heard" not in views.transcriptions([unknown], ISTANBUL, full=False).as_json()["transcriptions"][0]
    assert "(no words)" in views.transcript_document(unknown, ISTANBUL)
    assert message_text.said(unknown, ISTANBUL, NOON) == "(no words)"


def test_speech_that_was_not_understood_is_told_beside_words_and_music_is_not() -> None:
    said = entry(segment("Merhaba."), untranscribed=(MUSIC, SPEECH))
    item, _ = views.transcription_item(said, ISTANBUL)
    assert item.heard == NOT_UNDERSTOOD
    assert [stretch.kind for stretch in item.untranscribed] == ["sound", "speech"]
    [row] = csv.DictReader(io.StringIO(views.to_csv([item], ",")))
    assert row["remarks"] == NOT_UNDERSTOOD
    assert views.to_vtt(item).endswith("2\n00:00:04.100 --> 00:00:10.900\n(speech, not understood)\n")
    assert message_text.said(said, ISTANBUL, NOON) == f"Merhaba.\n{NOT_UNDERSTOOD}"
    assert views.transcription_item(entry(segment("Merhaba."), untranscribed=(MUSIC,)), ISTANBUL)[0].heard == ""


@pytest.mark.parametrize(
    ("said", "before"), [((), "Nobody speaks. "), ((segment("Numaram şu."),), "")], ids=["without words", "with words"]
)
def test_keys_that_a_caller_pressed_are_told(said: tuple[Segment, ...], before: str) -> None:
    pressed = PressedKeys(keys="05324172893", start_seconds=14.06, end_seconds=16.58)
    keyed = entry(*said, keys=(pressed,))
    note = f"{before}Keys pressed from 14 to 17 s: 05324172893."
    item, _ = views.transcription_item(keyed, ISTANBUL)
    assert item.heard == note
    assert f"({note})" in views.transcript_document(keyed, ISTANBUL)
    assert message_text.said(keyed, ISTANBUL, NOON).endswith(note)


def test_of_a_tone_that_never_ends_only_the_first_keys_are_told() -> None:
    endless = entry(keys=(PressedKeys(keys="5" * 3_000, start_seconds=0, end_seconds=400),))
    item, _ = views.transcription_item(endless, ISTANBUL)
    assert item.heard == f"Nobody speaks. Keys pressed from 0 to 400 s: {'5' * 40}…."


def test_a_machines_message_is_labelled() -> None:
    announced = entry(segment("Aradığınız kişiye şu anda ulaşılamıyor."))
    view = views.transcriptions([announced], ISTANBUL, full=False)
    assert view.as_json()["transcriptions"][0]["by_machine"] is True
    assert "(Left by a machine: an announcement or a menu.)" in view.text
    assert "(left by a machine)" in message_text.said(announced, ISTANBUL, NOON)
    assert "by_machine" not in views.transcriptions([MIXED], ISTANBUL, full=False).as_json()["transcriptions"][0]


def test_a_list_tells_speech_that_was_not_understood_from_no_speech() -> None:
    listed = [
        ListedVoicemail(uuid="a", no_speech=True),
        ListedVoicemail(uuid="b", no_speech=True, not_understood=True),
    ]
    view = views.voicemail_list(ListedPage(voicemails=tuple(listed), since=NOON, until=NOON, total_count=2), ISTANBUL)
    rows = [line.split("\t")[-1] for line in view.text.splitlines()[-2:]]
    assert rows == ["(no speech)", "(speech, not understood)"]
    assert [item.get("not_understood") for item in view.as_json()["voicemails"]] == [None, True]
