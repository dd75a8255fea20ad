"""What ``Retry-After`` and ``Date`` say, whatever they hold."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vm_mcp.net.retries import parse_http_date, parse_retry_after

moments = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - the strategy wants naive bounds and adds the zone
    datetime(9999, 12, 30),  # noqa: DTZ001 - the same
    timezones=st.just(UTC),
).map(lambda moment: moment.replace(microsecond=0))
odd_dates = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "X", ""]),
    st.integers(-1, 99),
    st.sampled_from(["Jan", "Dec", "Foo"]),
    st.integers(0, 10**9),
    *[st.integers(-1, 99)] * 3,
    st.sampled_from(["GMT", "+0000", "-9999", "+99999999999999", "", "+" + "9" * 400]),
)


@given(odd_dates | st.text() | st.integers().map(str))
@example("Mon, 01 Jan 2020 00:00:00 +99999999999999")
def test_any_header_is_a_number_of_seconds_a_date_or_nothing(value: str) -> None:
    wait, moment = parse_retry_after(value), parse_http_date(value)
    assert wait is None or wait >= 0
    assert moment is None or moment.tzinfo


@given(st.integers(0, 10**9 - 1), st.sampled_from(["{}", " {}", "{}\t"]))
def test_a_number_is_a_wait_in_seconds(seconds: int, spelling: str) -> None:
    assert parse_retry_after(spelling.format(seconds)) == seconds


@pytest.mark.parametrize("value", ["", "-1", "1.5", "1e3", "٧", "7 seconds", "9" * 10, "soon"])
def test_what_is_neither_a_number_nor_a_date_is_no_wait(value: str) -> None:
    assert parse_retry_after(value) is None


def test_a_date_is_a_wait_until_then_and_none_once_it_has_passed() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    wait = parse_retry_after(format_datetime(later, usegmt=True))
    assert wait is not None
    assert 0 < wait <= 3600
    assert parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0


@given(moments)
def test_a_date_is_read_back_as_it_was_written(moment: datetime) -> None:
    assert parse_http_date(format_datetime(moment, usegmt=True)) == moment
    there = moment.astimezone(timezone(timedelta(hours=3)))
    assert parse_http_date(format_datetime(there)) == moment


@pytest.mark.parametrize(
    "value", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_all_three_formats_of_the_standard_are_read(value: str) -> None:
    assert parse_http_date(value) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
