"""Telephone numbers are the same number in every spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.simulator.simulated_calls import eight_spellings
from vm_mcp.telephone import (
    grouped,
    is_extension,
    is_number,
    is_part_of,
    is_same_number,
    is_withheld,
    number_spellings,
    prefixed_spellings,
    shortest_spelling,
)

SPELLINGS = [
    "03121234567", "3121234567", "903121234567", "00903121234567", "+90 (312) 123-45-67", "312 123 45 67",
    "0312.123.45.67", "+90 (0)312 123 4567", "0 (312) 123 45 67",
]  # fmt: skip
WITHHELD = [
    "", " ", "0", "0000000000", "+", "anonymous", "Anonymous", "ANONYMOUS@anonymous.invalid", "anonymous@10.0.0.1",
    "Private", "unknown", "Withheld", "RESTRICTED", "unavailable", "+266696687", "266696687", "00266696687",
    "+7378742833", "+86282452253", "+8656696", "+7748283", "+94844353", "+2562533", "90266696687",
]  # fmt: skip


@pytest.mark.parametrize("typed", SPELLINGS)
@pytest.mark.parametrize("number", SPELLINGS)
def test_all_spellings_of_a_number_are_the_same_number(typed: str, number: str) -> None:
    assert is_same_number(typed, number)
    assert is_part_of(typed, number)
    assert shortest_spelling(typed) == "3121234567"
    assert prefixed_spellings(typed) >= {"3121234567", "03121234567", "903121234567", "00903121234567"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("9012", "12"), ("1001", "1002"), ("", ""), ("+1 202 555 0134", "+90 202 555 01 34"), ("0312", "03121234567")],
)
def test_different_numbers_are_not_the_same(one: str, other: str) -> None:
    assert not is_same_number(one, other)


@pytest.mark.parametrize("withheld", WITHHELD)
def test_a_withheld_number_is_nobody_whatever_stands_for_it(withheld: str) -> None:
    assert is_withheld(withheld)
    assert not is_extension(withheld)
    assert shortest_spelling(withheld) == ""
    assert not is_same_number(withheld, withheld)
    assert not is_part_of("0", withheld)


@pytest.mark.parametrize("number", [*SPELLINGS, "1001", "0266 669 66 87", "+12665550134", "10", "0012025550134", "112"])
def test_a_number_that_somebody_has_is_not_withheld(number: str) -> None:
    assert not is_withheld(number)
    assert shortest_spelling(number)


def test_an_extension_is_shorter_than_any_number_of_the_network() -> None:
    assert all(is_extension(number) for number in ("1001", "10", "112"))
    assert not any(is_extension(number) for number in (*SPELLINGS, "4440444", "Ofis 2", ""))


@pytest.mark.parametrize("typed", ["0312", "+90312", "312 123", "4567", "0090 312 1"])
def test_a_number_is_recognised_by_a_part_of_it(typed: str) -> None:
    assert is_part_of(typed, "903121234567")
    assert not is_part_of(typed, "05324990011")


def test_a_number_has_digits_and_no_letters() -> None:
    assert all(is_number(typed) for typed in (*SPELLINGS, "1001", "0532-", "555.01.34"))
    assert not any(is_number(typed) for typed in ("", "+", "Ofis 2", "312 ext", "-"))


@given(st.text(st.characters(exclude_categories=())) | st.text("09+- ()5"))
def test_spellings_are_digits_and_the_shortest_is_one_of_them(number: str) -> None:
    spellings = number_spellings(number)
    assert all(spelling.isascii() and spelling.isdigit() for spelling in spellings)
    assert shortest_spelling(number) in ({""} if is_withheld(number) else spellings)
    assert prefixed_spellings(number) >= spellings


@pytest.mark.parametrize("number", eight_spellings("5324172893"))
def test_a_turkish_number_is_grouped_as_people_write_it(number: str) -> None:
    assert grouped(number) == "0532 417 28 93"


@pytest.mark.parametrize(
    "number", ["1001", "4441234", "0012025550134", "+44 20 7946 0958", "anonymous", "", "0000000000"]
)
def test_any_other_number_is_shown_as_it_is(number: str) -> None:
    assert grouped(number) == number
