"""The forms in which people say and write telephone numbers, and what they say that is none."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from number_forms import judge, transcript
from spoken_numbers import Form, forms, spell, usual_ways
from test_doubt import said

from vm_mcp.doubt import show
from vm_mcp.models import PhoneNumber

AREAS = ["530", "532", "535", "541", "544", "551", "555", "506", "212", "216", "312", "232", "462"]
PAUSES = [", ", ". ", " "]
nationals = st.builds("{}{}".format, st.sampled_from(AREAS), st.from_regex(r"[2-8][0-9]{6}", fullmatch=True))


def heard(text: str, language: str = "tr") -> list[PhoneNumber]:
    return list(show(said(text, language)).phone_numbers)


def valid(text: str, language: str = "tr") -> list[str]:
    return [number.number for number in heard(text, language) if number.is_valid]


def listed(text: str, language: str = "tr") -> list[tuple[str, bool]]:
    return [(number.number, number.is_valid) for number in heard(text, language)]


@pytest.mark.parametrize(
    "text",
    [
        "beni beş yüz otuz iki dört yüz on yedi yirmi sekiz doksan üç numaradan arayın",
        "numaram beş otuz iki dört on yedi yirmi sekiz doksan üç",
        "numaram sıfır beş otuz iki kırk bir yetmiş iki seksen dokuz üç",
        "numaram elli üç yirmi dört on yedi yirmi sekiz doksan üç",
        "numaram sıfır beş yüz otuz iki dört yüz on yedi iki bin sekiz yüz doksan üç",
        "sıfır sıfır doksan beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç",
        "numaram sıfır beşyüzotuziki dörtyüzonyedi yirmisekiz doksanüç",
        "Numaram 0532417 28 93",
        "Numaram 0532 41 72 893",
        "Numaram 0 500 32 417 28 93",
        "numaram sıfır beş yüz otuz iki, eee, dört yüz on yedi, yirmi sekiz, doksan üç",
        "numaram sıfır beş yüz otuz iki ııı dört yüz on yedi şey yirmi sekiz hani doksan üç",
        "numaram beş yüz otuz iki ondan sonra dört yüz on yedi ondan sonra yirmi sekiz evet doksan üç",
    ],
)
def test_a_number_is_read_however_it_is_grouped(text: str) -> None:
    assert valid(text) == ["0532 417 28 93"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sıfır beş yüz otuz iki dört yüz on yedi çift sıfır doksan üç", "0532 417 00 93"),
        ("sıfır beş yüz otuz iki dört yüz on yedi iki tane beş doksan üç", "0532 417 55 93"),
        ("sıfır sekiz yüz elli sekiz yüz üç tane sıfır bir", "0850 800 0001"),
        ("Numaram 0505 500 6 07 08", "0505 506 07 08"),
        ("alan kodu iki yüz on altı, numara üç yüz kırk beş altmış yedi seksen dokuz", "(0216) 345 67 89"),
        ("iki yüz on altı alan kodu, üç yüz kırk beş altmış yedi seksen dokuz", "(0216) 345 67 89"),
        ("numaram sıfır beş yüz otuz, iki yüz on yedi, yirmi sekiz, doksan üç", "0530 217 28 93"),
        ("numaram sıfır beş yüz kırk iki, altı yüz, otuz, on", "0542 600 30 10"),
        ("dört kırk dört, bir beş yüz on bir", "444 1 511"),
    ],
)
def test_repeated_digits_area_codes_and_pauses_are_understood(text: str, number: str) -> None:
    assert valid(text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("my number is oh five three two, four one seven, two eight, nine three", "0532 417 28 93"),
        ("call me at oh five thirty two four seventeen twenty eight ninety three", "0532 417 28 93"),
        ("zero five hundred thirty two, four hundred seventeen, twenty eight, ninety three", "0532 417 28 93"),
        ("zero five three two, um, four one seven, twenty-eight, ninety-three", "0532 417 28 93"),
        ("plus ninety five three two four one seven double two nine three", "0532 417 22 93"),
        ("it's five three two triple four double five one two", "0532 444 55 12"),
        ("area code two one six and the number is three four five six seven eight nine", "(0216) 345 67 89"),
    ],
)
def test_english_forms_are_read(text: str, number: str) -> None:
    assert valid(text, "en") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "kimlik numaram beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç",
        "T.C. numaram 532 417 28 93",
        "sipariş numaram 5324172893",
        "takip numarası 532 417 28 93",
        "siparişimin takip numarası şöyle 532 417 28 93",
        "poliçe no 532 417 28 93 değil",
        "532 417 28 93 protokol numaralı dosya",
        "532 417 28 93 numaralı sipariş",
        "IBAN numaram TR 33 0006 1005 1978 6457 8413 26",
        "te re on iki sıfır sıfır altı iki sıfır sıfır on iki otuz dört elli altı yetmiş sekiz doksan on iki otuz dört",
        "müşteri numaram 532 417 28 93",
        "14 30 15 30 arası",
        "saat on dört otuz ile on beş kırk beş arasında",
    ],
)
def test_a_number_that_is_said_to_be_another_one_is_no_telephone(text: str) -> None:
    assert listed(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "sipariş numaram 78241, telefonum 0532 417 28 93",
        "sipariş numaram 78241, 0532 417 28 93",
        "Protokol numaram elli altı on sekiz. Beni 0532 417 28 93 numaradan arayın",
        "Hasta yakınıyım numaram 0532 417 28 93",
        "müşteri numarası 0532 417 28 93",
        "Sipariş için 0532 417 28 93",
        "Sipariş numaram için arıyorum, 0532 417 28 93",
        "TC kimlik numaram yanımda yok, 0532 417 28 93",
        "0532 417 28 93 numaralı telefondan sipariş verdim",
    ],
)
def test_a_telephone_near_another_number_is_still_listed(text: str) -> None:
    assert listed(text) == [("0532 417 28 93", True)]


@pytest.mark.parametrize("word", ["pardon", "yok", "hayır", "yanlış", "düzeltiyorum", "pardon, yanlış söyledim,"])
@pytest.mark.parametrize(
    "text",
    [
        "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, on iki, {}, doksan üç",
        "numaram 0532 417 28 12, {} 93",
        "numaram sıfır beş yüz otuz iki, dört yüz on sekiz, {}, on yedi, yirmi sekiz, doksan üç",
        "numaram sıfır beş yüz otuz iki, beş yüz, {}, dört yüz on yedi, yirmi sekiz, doksan üç",
    ],
)
def test_a_corrected_number_is_listed_in_doubt(text: str, word: str) -> None:
    [number] = heard(text.format(word))
    assert (number.number, number.is_valid, number.e164) == ("0532 417 28 93", False, "")
    assert number.in_doubt.endswith("{93}")
    assert "corrected" in number.verdict


def test_a_number_that_was_corrected_as_a_whole_is_valid_and_the_one_before_is_not() -> None:
    assert listed("numaram 0532 417 28 93, pardon, 0532 417 28 94") == [
        ("0532 417 28 93", False),
        ("0532 417 28 94", True),
    ]


@pytest.mark.parametrize(
    "after",
    ["Hayır, acil değil, iki gün sonra da olur", "Yok, iki gün sonra", "Pardon, on beş Kasım'da da olur", "Yok"],
)
def test_a_word_of_correction_before_something_else_takes_no_number_back(after: str) -> None:
    assert valid(f"Numaram 0532 417 28 93. {after}") == ["0532 417 28 93"]


@pytest.mark.parametrize(
    "text",
    [
        "numaram beş yüz otuz iki dört yüz on yedi yirmi sekiz",
        "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, saat on beşte arayın",
        "numaram sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz",
        "sıfır iki yüz. dört yüz kırk dört. on iki. otuz dört.",
        "on iki. dört yüz kırk dört. sıfır bir. sıfır beş numara",
        "numaram kırk dört, dört seksen, on beş, elli",
        "numaram dört dört dört bir sıfır sıfır bir sıfır sıfır",
        "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç, on beş",
        "beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, on beşte görüşürüz",
        "0532 417 28 evet 15'te görüşürüz",
        "artı beş yüz otuz beş, dokuz yüz elli dört, on, sıfır iki",
        "sıfır sıfır doksan beş yüz otuz altı yüz dokuz sıfır sekiz",
        "numaram beş üç iki dört bir yedi iki sekiz dokuz",
    ],
)
def test_a_number_with_missing_digits_is_never_valid(text: str) -> None:
    assert valid(text) == []


def test_words_that_can_be_grouped_in_two_ways_are_in_doubt() -> None:
    [number] = heard("numaram sıfır beş yüz otuz iki yüz on yedi yirmi sekiz doksan üç")
    assert (number.number, number.is_valid) == ("0530 217 28 93", False)
    assert (number.in_doubt, "may also be 05321172893" in number.verdict) == ("053{0} {2}17 28 93", True)
    [short] = heard("beni beş yüz kırk iki altı yüz otuz on numaradan arayın")
    assert (short.number, short.is_valid) == ("0542 600 30 10", False)
    assert "digits missing" in short.verdict


def test_the_callers_own_number_is_not_in_doubt_however_it_is_grouped() -> None:
    text = "numaram sıfır beş yüz otuz iki yüz on yedi yirmi sekiz doksan üç"
    [number] = show(said(text), caller_number="05321172893").phone_numbers
    assert (number.number, number.is_valid, number.in_doubt) == ("0532 117 28 93", True, "")


@given(nationals, st.sampled_from(PAUSES), st.data())
def test_a_number_said_in_any_usual_way_is_read_right(national: str, pause: str, data: st.DataObject) -> None:
    words = data.draw(st.sampled_from(sorted(usual_ways(national, pause).values())))
    found = judge(Form("", words, (national,)), show(transcript(Form("", f"Numaram {words}", ()))).phone_numbers)
    assert "wrong valid" not in found
    assert ("right" in found) or pause == " "


@given(nationals, st.sampled_from(PAUSES), st.data())
def test_with_a_word_missing_a_number_is_valid_only_if_the_words_say_it(
    national: str, pause: str, data: st.DataObject
) -> None:
    words = data.draw(st.sampled_from(sorted(usual_ways(national, pause).values()))).split()
    at = data.draw(st.integers(0, len(words) - 1))
    rest = " ".join(words[:at] + words[at + 1 :])
    for number in heard(f"Numaram {rest}"):
        if number.is_valid:
            digits = number.e164.removeprefix("+90")
            ways = {bare(way) for way in usual_ways(digits.rjust(10, "0")).values()} | {spell(digits)}
            assert digits == national or bare(rest) in ways


def test_digits_without_end_are_no_number() -> None:
    assert listed("Numaram " + "0" * 5000) == listed("7" * 5000 + "'de") == []


def bare(words: str) -> str:
    return words.replace(",", "").replace(".", "")


@given(st.integers(0, 2**32))
def test_no_generated_form_makes_a_wrong_number_valid(seed: int) -> None:
    form = random.Random(seed).choice(list(forms(seed, 1)))  # noqa: S311 - no secret is made
    assert "wrong valid" not in judge(form, show(transcript(form)).phone_numbers), form
