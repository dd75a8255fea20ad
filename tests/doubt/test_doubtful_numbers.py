"""Which digits of a number are in doubt, and what is told of a number that could not be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_doubt import in_turkish, mobiles, said

from vm_mcp.doubt import Shown, show
from vm_mcp.models import Segment, Transcript, Word

UNREAD = "a number is said and could not be read: listen"


def heard(text: str, sure: float = 0.95, **unsure: float) -> Shown:
    """Show a transcript in which the words named have their own probability."""
    words = tuple(
        Word(text=word, start_seconds=at, end_seconds=at + 1, probability=unsure.get(word.strip(",."), sure))
        for at, word in enumerate(text.split())
    )
    segment = Segment(text=text, start_seconds=0, end_seconds=9, avg_logprob=-0.3, no_speech_prob=0.1, words=words)
    return show(Transcript(language="tr", segments=(segment,), duration_seconds=9, engine="scripted", model="none"))


@pytest.mark.parametrize(
    ("text", "unsure", "in_doubt"),
    [
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç", "yedi", "0532 41{7} 28 93"),
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç", "on", "0532 4{1}7 28 93"),
        ("numaram sıfır beş yüz otuz iki, dört yüz yedi, yirmi sekiz, doksan üç", "dört", "0532 {40}7 28 93"),
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi, doksan üç", "yirmi", "0532 417 {20} 93"),
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, çift sıfır, doksan üç", "çift", "0532 417 {00} 93"),
        ("numaram 0532 417 28 93", "417", "0532 {417} 28 93"),
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç", "sıfır", ""),
        ("telefonumuz sıfır iki yüz on altı, üç yüz kırk beş, altmış yedi, seksen dokuz", "on", "(02{1}6) 345 67 89"),
        ("numaramız dört yüz otuz beş, yirmi iki, on sekiz", "otuz", "4{3}5 22 18"),
        ("numaram sıfır beş yüz otuz iki, dört yüz on yedi, iki bin sekiz yüz doksan üç", "bin", "0532 417 {2}8 93"),
    ],
)
def test_the_digits_of_words_that_the_engine_was_unsure_of_are_in_braces(text: str, unsure: str, in_doubt: str) -> None:
    [number] = heard(text, **{unsure: 0.5}).phone_numbers
    assert number.in_doubt == in_doubt


@given(mobiles, st.floats(0.2, 0.99))
def test_a_number_without_its_braces_is_the_number(digits: str, probability: float) -> None:
    for number in heard(f"numaram {in_turkish(digits)}", probability).phone_numbers:
        assert number.in_doubt.replace("{", "").replace("}", "") in {"", number.number}


def test_a_number_with_a_guessed_word_shows_its_digits_in_doubt() -> None:
    [number] = heard("numaram sıfır beş yüz otuz iki, tört yüz on yedi, yirmi sekiz, doksan üç").phone_numbers
    assert (number.number, number.in_doubt) == ("0532 417 28 93", "0532 {4}17 28 93")
    assert number.verdict.startswith("uncertain: 1 of its digits")
    assert (number.confidence or 1) <= 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "numarası sufirbes, news otuz iki, dört, news on yedi, yirmi, sekiz, doksan, üç. İyi günler",
            "otuz iki, dört, news on yedi, yirmi, sekiz, doksan, üç",
        ),
        ("sıfır, iti, yüz, on, iki, üç yüz yirmi dört beş altmış", None),
        ("numaram sıfır beş yüz otuz iti, dört yüz on yedi, irmi sekiz, doksan üç", None),
    ],
)
def test_number_words_that_yield_no_number_are_quoted_without_digits(text: str, words: str | None) -> None:
    [number] = heard(text).phone_numbers
    assert (number.number, number.e164, number.is_valid, number.verdict) == ("", "", False, UNREAD)
    assert number.heard == (words or text.removeprefix("numaram "))


def test_a_number_of_very_doubtful_words_is_told_without_digits() -> None:
    text = "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç"
    [number] = heard(text, 0.4).phone_numbers
    assert (number.number, number.verdict) == ("", UNREAD)
    assert number.heard == text.removeprefix("numaram ")
    [surer] = heard(text, 0.9).phone_numbers
    assert surer.number == "0532 417 28 93"


def test_the_callers_number_is_told_however_doubtful_its_words_are() -> None:
    text = "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç"
    [number] = show(said(text, probability=0.3), caller_number="05324172893").phone_numbers
    assert (number.number, number.same_as_caller) == ("0532 417 28 93", True)


@pytest.mark.parametrize(
    "text",
    [
        "saat on dört otuz ile on beş kırk beş arasında, yirmi üç kasım",
        "Adres Bağdat Caddesi, seksen yedi numara, kat iki, daire on sekiz, saat on dört otuzda",
        "yüz elli beş numaralı oda, on dört gece, iki kişi, üç yüz yirmi lira",
        "iki yüz elli bin dört yüz elli lira yirmi beş kuruş",
        "kimlik numaram yüz kırk beş yüz yirmi üç yüz kırk beş altmış yedi",
        "on beş eylül iki bin yirmi altı tarihinde saat on bir buçukta",
    ],
)
def test_times_addresses_and_amounts_are_no_unread_numbers(text: str) -> None:
    assert heard(text).phone_numbers == ()


def test_what_could_not_be_read_is_no_number_but_its_digits_can_be_searched_for() -> None:
    text = "numarası sufirbes, news otuz iki, dört, news on yedi, yirmi, sekiz, doksan, üç"
    shown = heard(text)
    assert [number.number for number in shown.phone_numbers] == [""]
    numbers = {number for each in shown.digits for number in each.numbers}
    assert "17208903" not in numbers
    assert "172893" in numbers


def test_a_number_in_doubt_is_found_by_its_digits() -> None:
    text = "numaram sıfır beş yüz otuz iki yüz on yedi yirmi sekiz doksan üç"
    shown = heard(text)
    [number] = shown.phone_numbers
    assert number.number == "0530 217 28 93"
    words = text.split()
    assert (("0530 217 28 93",), 1, len(words) - 1) in shown.digits
