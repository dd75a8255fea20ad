"""The caller's name corrects the spelling of words that were recognised, and never adds or replaces one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.names import respell
from vm_mcp.text import fold

WORDS = ["Ayşe", "ayse", "AYŞE", "Yılmaz", "Yilmaz", "yılmaz'a", "Yıldız", "Işık", "isik", "İlknur", "Çağrı", "Can"]
spoken = st.lists(st.sampled_from(WORDS) | st.text("aAsSşŞıIiİyYçÇ'’. -", max_size=9)).map(" ".join)
anything = spoken | st.text()


@pytest.mark.parametrize(
    ("recognised", "name", "spelled"),
    [
        ("Ben ayşe yılmaz.", "Ayşe Yılmaz", "Ben Ayşe Yılmaz."),
        ("Ben Ayse Yilmaz, tekrar Ayse", "Ayşe Yılmaz", "Ben Ayşe Yılmaz, tekrar Ayşe"),
        ("yılmaz'a ve ışık’ın", "Işık Yılmaz", "Yılmaz'a ve Işık’ın"),
        ("AYŞE, aradı", "Ayşe Yılmaz", "Ayşe, aradı"),
        ("sarah mitchell", "Sarah Mitchell", "Sarah Mitchell"),
    ],
)
def test_a_recognised_word_is_spelled_as_in_the_name(recognised: str, name: str, spelled: str) -> None:
    assert respell(recognised, name) == spelled


@pytest.mark.parametrize(
    ("recognised", "name"),
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
def test_a_word_that_only_resembles_the_name_is_kept(recognised: str, name: str) -> None:
    assert respell(recognised, name) == recognised


@pytest.mark.parametrize(
    "name", ["Fatma Ozturk Yildiz", "FATMA OZTURK YILDIZ", "FATMA ÖZTÜRK YILDIZ", "fatma öztürk yıldız", "fAtmA"]
)
def test_a_name_in_capitals_or_without_accents_corrects_nothing(name: str) -> None:
    assert respell("Fatma Öztürk Yıldız", name) == "Fatma Öztürk Yıldız"


def test_words_too_short_for_a_name_are_kept() -> None:
    assert respell("su al", "Su Al") == "su al"


@given(anything, anything)
def test_no_name_adds_or_replaces_a_word(recognised: str, name: str) -> None:
    spelled = respell(recognised, name)
    assert fold(spelled) == fold(recognised)
    assert [fold(word) for word in spelled.split()] == [fold(word) for word in recognised.split()]


@given(anything, anything)
def test_text_and_words_are_spelled_alike(recognised: str, name: str) -> None:
    assert respell(recognised, name).split() == [respell(word, name) for word in recognised.split()]


@given(anything, anything)
def test_spelling_twice_changes_nothing_more(recognised: str, name: str) -> None:
    spelled = respell(recognised, name)
    assert respell(spelled, name) == spelled
