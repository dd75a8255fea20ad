"""Two readings of a window with numbers become one text, and say where they differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.hallucination import without_credits
from vm_mcp.asr.second_reading import annotated, holds_numbers, merge, unconfirmed
from vm_mcp.models import OtherReading, Segment, Word

NUMBERS = ["beş", "yüz", "otuz", "iki,", "417", "bin", "lira"]
OTHERS = ["beni", "ara.", "randevu", "Ayşe'yi", "kadar"]
texts = st.lists(st.sampled_from(NUMBERS + OTHERS), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("text", "language", "holds"),
    [
        ("Saat on dörtte.", "tr", False),
        ("Saat on dört otuzda.", "tr", True),
        ("Oda 12.", "tr", False),
        ("Oda 112.", "tr", True),
        ("Bir şey soracağım.", "tr", False),
        ("Üç gün.", "tr", False),
        ("Call five five five.", "en", True),
        ("Rufen Sie null eins.", "de", False),
        ("", "tr", False),
    ],
)
def test_only_numbers_that_can_be_read_again_are(text: str, language: str, *, holds: bool) -> None:
    assert holds_numbers(text, language) is holds


def test_words_that_are_no_numbers_stay_as_they_were_first() -> None:
    reading = merge("Merhaba, randevum vardı, saat on beşte.", "Merhaba, randevum, mardı, saat, on, beşte.", "tr")
    assert reading.text == "Merhaba, randevum vardı, saat on beşte."
    assert reading.differences == ()


def test_no_number_is_made_of_words_that_don_t_sound_like_it() -> None:
    reading = merge("İyi günler, iade için arıyorum.", "İyi günler, yedi, iki, arıyorum.", "tr")
    assert reading.text == "İyi günler, iade için arıyorum."
    [difference] = reading.differences
    assert difference.other == "yedi, iki,"


def test_a_number_that_only_the_second_reading_heard_is_added() -> None:
    reading = merge("Alo, beni arar mısın?", "Alo, beni arar mısın, beş, yüz, elli.", "tr")
    assert reading.text == "Alo, beni arar mısın? beş, yüz, elli."
    [difference] = reading.differences
    assert (difference.start, difference.end, difference.other) == (4, 7, "")


def test_commas_and_capitals_are_no_difference() -> None:
    reading = merge("Numaram beş yüz otuz iki.", "numaram, beş, yüz, otuz, iki", "tr")
    assert reading.text == "Numaram beş yüz otuz iki."
    assert all(reading.confirmed)


@given(texts)
def test_equal_readings_are_kept_and_confirmed(text: str) -> None:
    reading = merge(text, text, "tr")
    assert (reading.text, reading.differences) == (text, ())
    assert all(reading.confirmed)


@given(texts, texts)
def test_every_word_is_of_one_of_the_readings_and_every_difference_has_its_place(first: str, second: str) -> None:
    reading = merge(first, second, "tr")
    assert set(reading.words) <= {*first.split(), *second.split()}
    assert len(reading.words) == len(reading.confirmed)
    for difference in reading.differences:
        assert 0 <= difference.start <= difference.end <= len(reading.words)
        assert not any(reading.confirmed[difference.start : difference.end])


NUMBER = "Numaram beş yüz otuz iki"


def spoken(*texts: str) -> Segment:
    """Return a segment with words that may be split at other places than spaces."""
    words = tuple(
        Word(text=text, start_seconds=at, end_seconds=at + 1, probability=0.9) for at, text in enumerate(texts)
    )
    return Segment(text=NUMBER, start_seconds=0, end_seconds=9, avg_logprob=-0.3, no_speech_prob=0.1, words=words)


@pytest.mark.parametrize(
    ("texts", "confirmed", "place"),
    [
        (("Numaram", "beş", "yüz", "otuz", "iki"), [True, True, True, True, False], (4, 5)),
        (("Numaram", "", "beş", "yüz", "otuz", "iki"), [True, False, True, True, True, False], (5, 6)),
        (("Num", "aram", "beş", "yüz", "otuziki"), [True, True, True, True, False], (4, 5)),
        (("Numaram", "beş", "yüz", "otuz", "i", "ki"), [True, True, True, True, False, False], (4, 6)),
    ],
)
def test_differences_have_their_place_however_the_engine_splits_words(
    texts: tuple[str, ...], confirmed: list[bool], place: tuple[int, int]
) -> None:
    segment = annotated(spoken(*texts), merge(NUMBER.replace("iki", "üç"), NUMBER, "tr"))
    assert [word.is_confirmed for word in segment.words] == confirmed
    [other] = segment.other_readings
    assert (other.text, other.start_seconds, other.end_seconds) == ("üç", *place)


def test_a_second_reading_that_loops_confirms_nothing() -> None:
    segment = annotated(spoken(*NUMBER.split()), unconfirmed(NUMBER))
    assert not any(word.is_confirmed for word in segment.words)
    assert segment.other_readings == ()


def test_what_the_other_reading_has_in_place_of_credits_goes_with_them() -> None:
    text = f"{NUMBER} Altyazı M.K."
    words = spoken(*text.split()).words
    readings = tuple(OtherReading(text="üç", start_seconds=at, end_seconds=at + 1) for at in (4, 5))
    segment = spoken().model_copy(update={"text": text, "words": words, "other_readings": readings})
    kept = without_credits(segment)
    assert (kept.text, kept.words, kept.other_readings) == (NUMBER, words[:5], readings[:1])
    assert without_credits(segment.model_copy(update={"words": ()})).other_readings == ()
