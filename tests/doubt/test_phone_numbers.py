"""Where a telephone number ends: before a date or another line, at a full stop, or at the next number."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from test_doubt import ONES, TENS, mobiles, said

from vm_mcp.doubt import show

TOLL_FREE = "0800 219 0000"
MONTHS = ["Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"]
TOLL_FREE_SAID = "sıfır sekiz yüz iki yüz on dokuz sıfır sıfır sıfır sıfır"


def valid(text: str, caller_number: str = "") -> list[str]:
    shown = show(said(text), caller_number=caller_number)
    return [number.number for number in shown.phone_numbers if number.is_valid]


def incomplete(text: str) -> list[str]:
    return [number.number for number in show(said(text)).phone_numbers if not number.is_valid]


@pytest.mark.parametrize("number", [TOLL_FREE, "444 0 332", "0850 222 0444", "0532 417 28 93", "+49 30 901820"])
@pytest.mark.parametrize("pause", [". ", ", ", " "])
@pytest.mark.parametrize(
    "after",
    [
        "15 Kasım'a kadar arayın",
        "15 Kasım’da",
        "3 Temmuz'da bekleriz",
        "1 Ağustos",
        "15 November",
        "15 gün içinde",
        "2 kişiyiz",
        "3 gece kalacağız",
        "15 dakika sonra",
        "20. katta",
        "2883 lira borcum var",
        "500 TL'ye",
    ],
)
def test_a_date_or_count_after_a_number_is_not_part_of_it(number: str, pause: str, after: str) -> None:
    assert valid(f"Bizi {number}{pause}{after}") == [number]


@pytest.mark.parametrize("number", [TOLL_FREE, "444 0 332", "+49 30 901820"])
@pytest.mark.parametrize(
    "after", ["15'inde arayın", "15'te", "15.30'da", "2. Kata gelin", "2026 yılı için", "7 8 Mart", "15-20 Kasım arası"]
)
def test_a_number_ends_at_the_full_stop_after_it(number: str, after: str) -> None:
    assert valid(f"Bizi {number}. {after}") == [number]


@pytest.mark.parametrize("pause", [". ", ", ", " "])
@pytest.mark.parametrize(
    "after",
    [
        "on beş Kasım'a kadar",
        "on beş kasımda",
        "üç Temmuz'da",
        "yirmi üç gün içinde",
        "iki kişiyiz",
        "on beşinci katta",
        "on beşinde arayın",
        "otuzuncu günde",
        "iki yüz elli lira",
    ],
)
@pytest.mark.parametrize(
    ("number", "formatted"), [(TOLL_FREE_SAID, TOLL_FREE), ("dört yüz kırk dört sıfır üç yüz otuz iki", "444 0 332")]
)
def test_a_date_in_words_after_a_number_is_not_part_of_it(number: str, formatted: str, pause: str, after: str) -> None:
    assert valid(f"bizi {number}{pause}{after}") == [formatted]


@given(mobiles, st.integers(1, 31), st.sampled_from(MONTHS), st.sampled_from([". ", ", ", " "]))
def test_any_day_after_any_number_is_left_out(digits: str, day: int, month: str, pause: str) -> None:
    written = f"{digits[:4]} {digits[4:7]} {digits[7:9]} {digits[9:]}"
    alone = valid(written)
    assert valid(f"Numaram {written}{pause}{day} {month}'a kadar arayın") == alone
    in_words = " ".join(word for word in (TENS[day // 10], ONES[day % 10]) if word)
    assert valid(f"Numaram {written}{pause}{in_words} {month} günü") == alone


@pytest.mark.parametrize("text", ["435 22 18. 15 Kasım'a kadar", "435 22 18. 15'te arayın", "435 22 18 15 gün sonra"])
def test_a_local_number_ends_before_a_date_as_well(text: str) -> None:
    assert (valid(text), incomplete(text)) == ([], ["435 22 18"])


@pytest.mark.parametrize(
    "text",
    [
        "0532 417 28 13 saat beşten sonra",
        "0532, 417, 28, 13 gün içinde arayın",
        "0532. 417. 28. 13 Ekim Mobilya",
        "0532 417 28 13 Ocak Mobilya",
        "0532 417 28 13. Gün içinde arayın",
        "sıfır beş yüz otuz iki dört yüz on yedi yirmi sekiz on üç saat beşten sonra",
    ],
)
def test_a_number_keeps_its_last_digits_if_it_needs_them(text: str) -> None:
    assert valid(text) == ["0532 417 28 13"]


@pytest.mark.parametrize(
    "text", ["0532 417 28. 15 Kasım'a kadar", "beş üç iki dört bir yedi iki sekiz. on beş Kasım'da"]
)
def test_an_unfinished_number_is_not_completed_with_a_date(text: str) -> None:
    assert valid(text) == []


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("0212 555 12 34-35", "another line is (0212) 555 12 35"),
        ("0212 555 12 34/35", "another line is (0212) 555 12 35"),
        ("0212 555 12 34–35'i arayın", "another line is (0212) 555 12 35"),
        ("0212 555 12 34-35-36.", "other lines are (0212) 555 12 35 and (0212) 555 12 36"),
        ("(0212) 555 12 34-35", "another line is (0212) 555 12 35"),
        ("0212-555-12-34/35", "another line is (0212) 555 12 35"),
        ("0212-555-12-34-35", "another line is (0212) 555 12 35"),
        ("0212 555 1234-1240", "another line is (0212) 555 12 40"),
        ("02125551234/35", "another line is (0212) 555 12 35"),
        ("212 555 12 34-35", "another line is (0212) 555 12 35"),
        ("+90 212 555 12 34-35", "another line is (0212) 555 12 35"),
        ("0212 555 12 34-5", "another line is (0212) 555 12 35"),
        ("0212 555 12 34 - 35", ""),
        ("0212 555 12 34 / 35", ""),
        ("0212 555 12 34, 35", ""),
        ("0212 555 12 34 veya 35", ""),
        ("sıfır iki yüz on iki beş yüz elli beş on iki otuz dört tire otuz beş", ""),
        ("0212 555 12 34-123", ""),
    ],
)
def test_other_lines_of_a_number_are_named_in_its_verdict(text: str, verdict: str) -> None:
    [number] = show(said(f"Bizi {text}")).phone_numbers
    assert (number.number, number.is_valid, number.verdict) == ("(0212) 555 12 34", True, verdict)


def test_other_lines_of_short_and_local_numbers_are_named_as_well() -> None:
    [short] = show(said("444 0 332-333 numaralı telefon")).phone_numbers
    assert (short.number, short.verdict) == ("444 0 332", "another line is 444 0 333")
    [local] = show(said("435 22 18-19 numaralı telefon")).phone_numbers
    assert (local.number, local.verdict) == ("435 22 18", "another line is 435 22 19; not a complete number")


def test_a_number_after_other_lines_is_found() -> None:
    assert valid("0212 555 12 34-35, 0532 417 28 93") == ["(0212) 555 12 34", "0532 417 28 93"]
    assert valid("0212 555 12 34-35 0532 417 28 93") == ["(0212) 555 12 34", "0532 417 28 93"]


def test_a_caller_who_calls_from_another_line_is_named_in_the_verdict() -> None:
    [number] = show(said("Bizi 0212 555 12 34-35'ten arayın"), caller_number="902125551235").phone_numbers
    assert (number.number, number.same_as_caller) == ("(0212) 555 12 34", False)
    assert number.verdict == "the caller ID is its other line (0212) 555 12 35"


@pytest.mark.parametrize("between", [" ", ", ", ". ", "/", " / ", " - ", " veya ", " ve ", "; "])
@pytest.mark.parametrize("first", ["0532 417 28 93", "532 417 28 93", "0532-417-28-93", "05324172893", "5324172893"])
@pytest.mark.parametrize("second", ["0533 765 43 21", "533 765 43 21", "05337654321"])
def test_two_numbers_in_a_row_are_two(first: str, between: str, second: str) -> None:
    assert valid(f"{first}{between}{second}") == ["0532 417 28 93", "0533 765 43 21"]


@pytest.mark.parametrize("between", [" ", ", ", ". ", "/", " veya "])
def test_short_numbers_in_a_row_are_listed_in_order(between: str) -> None:
    assert valid(f"444 0 332{between}444 1 444") == ["444 0 332", "444 1 444"]
    assert valid(f"444 0 332{between}0532 417 28 93") == ["444 0 332", "0532 417 28 93"]
    assert valid(f"0532 417 28 93{between}444 0 332") == ["0532 417 28 93", "444 0 332"]


@given(st.lists(mobiles, min_size=2, max_size=3), st.sampled_from([" ", ", ", ". "]))
@example(["05001000000", "05001000000"], " ")
def test_numbers_in_a_row_are_all_listed_in_order(numbers: list[str], between: str) -> None:
    written = [f"{digits[:4]} {digits[4:7]} {digits[7:9]} {digits[9:]}" for digits in numbers]
    assert valid(between.join(written)) == [formatted for each in written for formatted in valid(each)]
