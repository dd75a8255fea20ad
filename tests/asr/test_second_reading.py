"""Two readings of a window with numbers become one text, and say where they differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.second_reading import holds_numbers, merge

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
