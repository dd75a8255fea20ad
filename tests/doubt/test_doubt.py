"""Which words get doubt marks, and which telephone numbers are read from words."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vm_mcp.doubt import Shown, show
from vm_mcp.models import Segment, Transcript, Word

ONES = ["", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
GROUPS = (3, 3, 2, 2)


def said(text: str, language: str = "tr", probability: float | None = 0.95) -> Transcript:
    words = tuple(
        Word(text=word, start_seconds=at, end_seconds=at + 1, probability=probability)
        for at, word in enumerate(text.split())
        if probability is not None
    )
    segment = Segment(text=text, start_seconds=0, end_seconds=9, avg_logprob=-0.3, no_speech_prob=0.1, words=words)
    return Transcript(language=language, segments=(segment,), duration_seconds=9, engine="scripted", model="none")


def in_turkish(digits: str) -> str:
    """Return a number as Turkish callers say it: the leading zero, then groups of three, three, two and two digits."""
    words = ["sıfır"]
    at = 1
    for size in GROUPS:
        words += _group(digits[at : at + size])
        at += size
    return " ".join(words)


def _group(digits: str) -> list[str]:
    zeros = len(digits) - len(digits.lstrip("0"))
    hundreds, tens, ones = (int(digit) for digit in digits.rjust(3, "0"))
    hundred = [*([ONES[hundreds]] if hundreds > 1 else []), "yüz"] if hundreds else []
    return ["sıfır"] * zeros + hundred + [word for word in (TENS[tens], ONES[ones]) if word]


def numbers(shown: Shown) -> list[str]:
    """Return the digits of the numbers as they are shown, a valid one with its leading zero."""
    return [re.sub(r"\D", "", number.number) for number in shown.phone_numbers]


mobiles = st.from_regex(r"05[345][0-9][2-9][0-9]{6}", fullmatch=True).filter(
    lambda digits: all(digits[at : at + size].strip("0") for at, size in ((1, 3), (4, 3), (7, 2), (9, 2)))
)


@given(mobiles)
@example("05302001001")  # iki yüz, on: 200 10, not 210
def test_a_number_said_in_turkish_groups_is_read_back(digits: str) -> None:
    assert numbers(show(said(f"Beni {in_turkish(digits)} numaradan arayın."))) == [digits]


@given(mobiles)
def test_a_number_said_digit_by_digit_is_read_back(digits: str) -> None:
    turkish = " ".join((ONES[int(digit)] or "sıfır") for digit in digits)
    assert numbers(show(said(f"Numaram {turkish}, teşekkürler."))) == [digits]
    english = " ".join(ENGLISH[int(digit)] for digit in digits)
    assert numbers(show(said(f"My number is {english}, thank you.", "en"))) == [digits]


@pytest.mark.parametrize(
    ("text", "language", "digits"),
    [
        ("Call me at 555-0134. Thank you.", "en", "5550134"),
        ("Call me at five five five, zero one three four.", "en", "5550134"),
        ("Call double five five, oh one three four.", "en", "5550134"),
        ("Call eight hundred, five five five, zero one three four.", "en", "08005550134"),
        ("Numaram 0532 417 28 93.", "tr", "05324172893"),
        ("Numaram 0 532 dört yüz on yedi 28 93.", "tr", "05324172893"),
    ],
)
def test_a_number_is_read_from_any_spelling(text: str, language: str, digits: str) -> None:
    assert numbers(show(said(text, language))) == [digits]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Randevum saat on buçukta, yirmi üç kasımda.", "tr"),
        ("Tutar on iki bin beş yüz lira olmalı.", "tr"),
        ("It should be $2,400, two thousand four hundred dollars.", "en"),
        ("Merhaba, beni geri arayın.", "tr"),
        ("", "tr"),
    ],
)
def test_times_prices_and_other_words_are_not_telephone_numbers(text: str, language: str) -> None:
    assert show(said(text, language)).phone_numbers == ()


def test_a_misheard_number_word_is_guessed_and_lowers_the_confidence() -> None:
    right = show(said("Numaram sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç"))
    wrong = show(said("Numaram sıfır beş yüz otuz iki tört yüz on yedi yirmi sekiz doksan üç"))
    assert numbers(right) == numbers(wrong) == ["05324172893"]
    assert (right.phone_numbers[0].confidence or 0) > (wrong.phone_numbers[0].confidence or 1)
    assert "[?tört]" in wrong.text


@given(mobiles, st.sampled_from(["{}", "9{}", "+9{}", "009{}"]))
def test_the_callers_number_is_recognised_in_any_spelling(digits: str, spelling: str) -> None:
    [number] = show(said(f"Numaram {digits}."), caller_number=spelling.format(digits)).phone_numbers
    assert number.same_as_caller is (True if number.is_valid else None)


def test_only_names_and_digits_are_marked_each_below_its_threshold() -> None:
    text = "Merhaba, ben Zeynep Arslan. Faturam 1200 lira, lütfen bakın."
    assert show(said(text, probability=0.1)).text.count("[?") == 2
    assert "[?Zeynep Arslan]" in show(said(text, probability=0.45)).text
    assert "[?Zeynep" not in show(said(text, probability=0.6)).text
    assert "[?1200]" in show(said(text, probability=0.6)).text
    assert show(said(text, probability=0.95)).text == text


def test_without_probabilities_nothing_is_marked_and_numbers_are_still_found() -> None:
    shown = show(said("Numaram 0532 417 28 93.", probability=None))
    assert (shown.text, shown.has_marks, numbers(shown)) == ("Numaram 0532 417 28 93.", False, ["05324172893"])
    assert shown.phone_numbers[0].confidence is None


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8), max_size=12), st.floats(0, 1)
)
def test_marks_change_nothing_else_in_the_text(words: list[str], probability: float) -> None:
    transcript = said(" ".join(words), probability=probability)
    sure = show(said(" ".join(words), probability=None))
    unmarked = show(transcript).text.replace("[?", "").replace("]", "")  # sure words have no square brackets
    assert unmarked.split() == sure.text.split()


@pytest.mark.timeout(20)
def test_a_transcript_of_a_hundred_thousand_segments_is_shown_in_time() -> None:
    """A speech server may send a segment for each word, or for each letter; its answer may hold that many."""
    segment = Segment(text="a", start_seconds=0, end_seconds=1, avg_logprob=-0.3, no_speech_prob=0.1)
    segments = (segment,) * 100_000
    shown = show(Transcript(language="tr", segments=segments, duration_seconds=9, engine="remote", model="none"))
    assert shown.segments == ("a",) * 100_000
