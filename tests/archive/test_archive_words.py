"""How words and numbers are split and folded for comparison."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.archive.query import Phrase, find
from vm_mcp.archive.snippets import snippet
from vm_mcp.archive.words import SaidText, folded_terms, number_terms, numbers, terms
from vm_mcp.text import fold, fold_words

anything = st.text(st.characters(exclude_categories=())) | st.text("iıİIşŞğĞçÇöÖüÜ'’ .-05\u0307ßﬁ", max_size=60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ışık", "IŞIK"),
        ("ışık", "isik"),
        ("ışık", "Işık"),
        ("ışık", "ISIK"),
        ("Çağrı", "cagri"),
        ("İZMİR", "izmir"),
        ("izmir", "IZMIR"),
        ("ÖĞÜT", "ogut"),
        ("Ankara'ya", "Ankaraya"),
        ("Ankara’ya", "ANKARAYA"),
        ("s\u0327eker", "şeker"),
        ("Straße", "STRASSE"),
        ("kâğıt", "kağıt"),
    ],
)
def test_spellings_of_a_turkish_word_are_one_word(one: str, other: str) -> None:
    assert folded_terms(one) == folded_terms(other) != []


@given(anything)
def test_folding_twice_folds_no_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert folded_terms(" ".join(folded_terms(text))) == folded_terms(text)


@given(anything)
def test_each_word_is_at_its_reported_position(text: str) -> None:
    start = 0
    for term in terms(text):
        assert start <= term.start < term.end <= len(text)
        assert term.folded in fold_words(text[term.start : term.end]).replace(" ", "")  # "¼" is two words
        start = term.start


@given(anything)
def test_folded_words_are_letters_and_digits_only(text: str) -> None:
    assert all(term.isalnum() for term in folded_terms(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0532 123 45 67", ["0532 123 45 67"]),
        ("+90 (532) 123-45-67'den", ["+90 (532) 123-45-67"]),
        ("0532 417 28 93’ten arayın", ["0532 417 28 93"]),
        ("2026'da 5'te", ["2026"]),
        ("0212 333’ü 44", ["0212 333", "44"]),
        ("beni 0532 123 45 67 ya da 444 1 444", ["0532 123 45 67", "444 1 444"]),
        ("saat 5", []),
        ("A4532", []),
        ("17.02.2026", ["17.02.2026"]),
        ("0532 123 45 67 0533 765 43 21", ["0532 123 45 67", "0533 765 43 21"]),
        ("0532 123 45 67/0533 765 43 21'den", ["0532 123 45 67", "0533 765 43 21"]),
        ("444 0 332 444 1 444", ["444 0 332", "444 1 444"]),
        ("TR33 0006 1005 1978 6457 8413 26", ["0006 1005 1978 6457 8413 26"]),
    ],
)
def test_digits_are_one_number_however_they_are_spaced(text: str, expected: list[str]) -> None:
    assert [number.written for number in numbers(text)] == expected


def test_a_number_is_found_by_every_beginning_prefix_and_end() -> None:
    found = number_terms("+90 532 123 45 67")
    for asked in ("0532", "90532", "0090532", "5321234567", "4567", "234567"):
        assert any(term.startswith(asked) for term in found), asked


@given(anything, st.data(), st.integers(4, 60))
def test_a_snippet_is_a_part_of_the_text_with_the_found_words_highlighted(
    text: str, data: st.DataObject, width: int
) -> None:
    said = SaidText(text)
    words = said.terms
    chosen = [word for word in words if data.draw(st.booleans())]
    spans = find([Phrase((word.folded,)) for word in chosen], said)
    cut = snippet(text, spans, width)
    inner = cut.text.removeprefix("…") if cut.text not in text else cut.text
    inner = inner.removesuffix("…") if inner not in text else inner
    assert inner in text
    assert len(inner) <= max(width, 0)
    end = -1
    for start, stop in cut.marks:
        assert end < start < stop <= len(cut.text)
        end = stop
        assert any(cut.text[start:stop] in text[first:last] for first, last in spans)
    assert bool(cut.marks) == bool(spans)


@pytest.mark.parametrize("width", range(4, 40))
def test_a_mark_that_a_snippet_cuts_is_closed(width: int) -> None:
    text = "bir iki üç [?dört beş altı yedi] sekiz [?dokuz] on"
    for first in range(len(text)):
        cut = snippet(text, [(first, first + 1)], width).text
        inside = False
        for char in cut:
            assert not (char == "[" and inside)
            assert char != "]" or inside
            inside = char == "[" or (inside and char != "]")
        assert not inside


def test_a_place_that_ends_within_a_mark_is_highlighted_with_all_of_it() -> None:
    text = "no [?sıfır beş] yüz [?otuz]"
    for spans, highlighted in (
        ([(11, 19)], ["[?sıfır beş] yüz"]),
        ([(5, 10), (11, 19)], ["[?sıfır beş] yüz"]),
        ([(5, 10)], ["sıfır"]),
        ([(16, 24)], ["yüz [?otuz]"]),
    ):
        found = snippet(text, spans)
        assert [found.text[start:end] for start, end in found.marks] == highlighted
