"""The caller's name: it spells a word that was heard, and brings none in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.names import respell
from vm_mcp.text import fold

WORDS = ["Ayşe", "ayse", "AYŞE", "Yılmaz", "Yilmaz", "yılmaz'a", "Yıldız", "Işık", "isik", "İlknur", "Çağrı", "Can"]
spoken = st.lists(st.sampled_from(WORDS) | st.text("aAsSşŞıIiİyYçÇ'’. -", max_size=9)).map(" ".join)
anything = spoken | st.text()


@pytest.mark.parametrize(
    ("heard", "name", "spelled"),
    [
        ("Ben ayşe yılmaz.", "Ayşe Yılmaz", "Ben Ayşe Yılmaz."),
        ("Ben Ayse Yilmaz, tekrar Ayse", "Ayşe Yılmaz", "Ben Ayşe Yılmaz, tekrar Ayşe"),
        ("yılmaz'a ve ışık’ın", "Işık Yılmaz", "Yılmaz'a ve Işık’ın"),
        ("AYŞE, aradı", "Ayşe Yılmaz", "Ayşe, aradı"),
        ("sarah mitchell", "Sarah Mitchell", "Sarah Mitchell"),
    ],
)
def test_a_word_that_was_heard_is_spelled_as_in_the_name(heard: str, name: str, spelled: str) -> None:
    assert respell(heard, name) == spelled


@pytest.mark.parametrize(
    ("heard", "name"),
    [
        ("Merhaba, ben Bayşehir Yılmaz.", "Ayhan Yıldız"),
        ("Merhaba, ben Bayşehir Yılmaz.", "Ayşe Yılmaz"),
        ("Fatma'da stürk için", "Fatma Öztürk"),
        ("Ben Yılmas, Yıl maz", "Ayşe Yılmaz"),
        ("Elis Yılmaz", "Elif Yılmaz"),
        ("", "Ayşe Yılmaz"),
        ("Beni arayın", ""),
        ("Beni arayın", "Ayşe Yılmaz"),
    ],
)
def test_a_word_that_only_resembles_the_name_stays(heard: str, name: str) -> None:
    assert respell(heard, name) == heard


@pytest.mark.parametrize(
    "name", ["Fatma Ozturk Yildiz", "FATMA OZTURK YILDIZ", "FATMA ÖZTÜRK YILDIZ", "fatma öztürk yıldız", "fAtmA"]
)
def test_a_name_that_is_written_worse_than_what_was_heard_spells_nothing(name: str) -> None:
    assert respell("Fatma Öztürk Yıldız", name) == "Fatma Öztürk Yıldız"


def test_words_too_short_for_a_name_stay() -> None:
    assert respell("su al", "Su Al") == "su al"


@given(anything, anything)
def test_whatever_the_name_every_word_was_heard(heard: str, name: str) -> None:
    spelled = respell(heard, name)
    assert fold(spelled) == fold(heard)
    assert [fold(word) for word in spelled.split()] == [fold(word) for word in heard.split()]


@given(anything, anything)
def test_text_and_words_are_spelled_alike(heard: str, name: str) -> None:
    assert respell(heard, name).split() == [respell(word, name) for word in heard.split()]


@given(anything, anything)
def test_spelling_twice_changes_nothing_more(heard: str, name: str) -> None:
    spelled = respell(heard, name)
    assert respell(spelled, name) == spelled
