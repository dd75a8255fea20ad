"""Text from strangers is made safe to show, and folded for comparison."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vm_mcp.models import Segment, Word
from vm_mcp.text import clean_text, fold, fold_words

ZALGO = "".join(letter + "\u0335\u0321\u0322\u0337\u0338\u0301\u0300" * 5 for letter in "Ali")
# Letters, marks and parts of control sequences, so that examples combine them more often than by chance.
tricky = st.text(
    st.sampled_from("Aıİş1;[m]0 \t\n\\\x1b\x07\x9b\x9c\u0301\u0307\u0335\u20dd\u200b\u202e\u3164\ufe0f\ud800e\u1100")
)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ali \x1b[31mVeli\x1b[0m", "Ali Veli"),
        ("Ali\x1b[2J\x1b[1;1H", "Ali"),
        ("\x9b31mAli", "Ali"),
        ("\x1b]0;Bank\x07Ali", "Ali"),
        ("\x1b]8;;https://bank.example\x1b\\Ali\x1b]8;;\x1b\\", "Ali"),
        ("\x1bcAli\x1b(B", "Ali"),
        ("Ali \x1b", "Ali"),
        ("Ali \x1b]0;no end", "Ali 0;no end"),
    ],
)
def test_terminal_control_sequences_are_removed_whole(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize("blank", "\u3164\u2800\u115f\u1160\uffa0\u200b\u00ad\ufeff\u202e\u2066\u034f\ufe0f\U000e0041")
def test_invisible_characters_are_removed(blank: str) -> None:
    assert clean_text(blank * 3) == ""
    assert clean_text(f"Ali {blank} Veli") == "Ali Veli"


LATIN = st.characters(codec="utf-8", max_codepoint=0x24F)


@given(st.text(LATIN, max_size=30))
@example("a  b")
@example(" a")
@example("a ")
@example("a\u00adb")
def test_plain_text_is_cleaned_as_any_other(text: str) -> None:
    assert clean_text(text) == clean_text(f"\u200b{text}")


def test_blank_letters_separate_words_as_they_appear_to() -> None:
    assert clean_text("Ali\u3164Veli\u2800\u2800Can") == "Ali Veli Can"


def test_white_space_of_any_kind_becomes_one_space() -> None:
    assert clean_text(" Ali\r\n\tVeli\u00a0\u2003Can\u2028Ay\x1f ") == "Ali Veli Can Ay"


def test_at_most_two_combining_marks_stay_on_a_letter() -> None:
    clean = clean_text(ZALGO)
    assert fold(clean) == "ali"
    assert [len(letter) for letter in re.findall(r"[Ááĺí]\W*", clean)] == [3, 3, 3]


def test_combining_marks_without_a_letter_are_removed() -> None:
    assert clean_text("\u0301\u0301Ali \u0301\u0301 \u0301") == "Ali"


@pytest.mark.parametrize(
    "text", ["Gülşah Öztürk-Ağaoğlu", "O'Neill & Söhne", "Nguyễn Thế", "में ज़ें", "김민준", "שָׁלוֹם", "ที่นี่", "٠١٢", "☎ 5 €"]
)
def test_names_in_every_script_are_not_changed(text: str) -> None:
    assert clean_text(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


@given(st.text() | tricky)
def test_clean_text_is_one_visible_line_and_cleaning_is_idempotent(text: str) -> None:
    clean = clean_text(text)
    assert clean.isprintable()
    assert clean == " ".join(clean.split())
    assert clean_text(clean) == clean


@pytest.mark.parametrize("text", ["IŞIL", "ışıl", "Işıl", "isil", "İŞİL"])
def test_folding_removes_case_accents_and_the_dot_of_i(text: str) -> None:
    assert fold(text) == "isil"


def test_folded_words_have_no_punctuation_between_them() -> None:
    assert fold_words("İZLEDİĞİNİZ için, teşekkür_ederim…") == "izlediginiz icin tesekkur ederim"


def test_text_from_an_engine_is_cleaned() -> None:
    said = " Merhaba\u202e,\n\x1b[31mben\x1b[0m  Ali\u200b. "
    segment = Segment(
        text=said,
        start_seconds=0,
        end_seconds=1,
        avg_logprob=0,
        no_speech_prob=0,
        words=(Word(text=" Ali\u200b", start_seconds=0, end_seconds=1, probability=1),),
    )
    assert (segment.text, segment.words[0].text) == ("Merhaba, ben Ali.", "Ali")
    assert Segment.model_validate(segment.model_dump()) == segment
