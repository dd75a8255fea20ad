"""Numbers in a message whose segments are in different languages."""

from vm_mcp.doubt import show
from vm_mcp.models import Segment, Transcript
from vm_mcp.redaction import redact

TURKISH = "Beni sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç numaradan arayın."
ENGLISH = "My number is zero two one six three four five six seven eight nine."


def said(*texts: tuple[str, str], language: str = "tr") -> Transcript:
    segments = [
        Segment(text=text, start_seconds=at, end_seconds=at + 1, avg_logprob=-0.2, no_speech_prob=0.1, language=code)
        for at, (text, code) in enumerate(texts)
    ]
    return Transcript(language=language, segments=tuple(segments), duration_seconds=9, engine="scripted", model="none")


def test_each_segment_is_read_in_its_own_language() -> None:
    shown = show(said((TURKISH, ""), (ENGLISH, "en")))
    assert [number.e164 for number in shown.phone_numbers] == ["+905324172893", "+902163456789"]
    assert shown.segments == (TURKISH, ENGLISH)
    shown = show(said((ENGLISH, "en"), (TURKISH, ""), (ENGLISH, "en")))
    assert len(shown.segments) == 3


def test_the_languages_and_parts_of_a_transcript_follow_its_segments() -> None:
    mixed = said(("Merhaba.", ""), ("Ben Ayşe.", "tr"), ("Hello.", "en"))
    assert mixed.languages == ("tr", "en")
    assert [(part.language, part.text) for part in mixed.by_language()] == [
        ("tr", "Merhaba. Ben Ayşe."),
        ("en", "Hello."),
    ]
    alone = said(("Merhaba.", ""))
    assert alone.by_language() == [alone]


def test_a_card_number_is_hidden_even_where_the_language_is_mistaken() -> None:
    card = "dört yüz elli üç bin beş yüz elli dokuz"  # no card: a plain number stays
    assert redact(said((card, ""), ("Hello.", "en")), ["cards"]).text == f"{card} Hello."
    half = ("four five four three six zero one two", "en"), ("üç dört beş altı yedi sekiz dokuz", "")
    assert redact(said(*half), ["cards"]).segments[0].text == half[0][0]
    english = "four five three nine one four eight eight zero three four three six four six seven"
    assert "four five" not in redact(said(("Merhaba.", ""), (english, "en")), ["cards"]).text
