"""What an answer's headers say, whatever they hold."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vm_mcp.pbx.responses import Answer

dates = st.builds(
    "{}, {} {} {} {}:{}:{} {}".format,
    st.sampled_from(["Mon", "X", ""]),
    st.integers(-1, 99),
    st.sampled_from(["Jan", "Dec", "Foo"]),
    st.integers(0, 10**9),
    *[st.integers(-1, 99)] * 3,
    st.sampled_from(["GMT", "+0000", "-9999", "+99999999999999", "", "+" + "9" * 400]),
)


@given(dates | st.text() | st.integers().map(str))
@example("Mon, 01 Jan 2020 00:00:00 +99999999999999")
def test_any_header_is_a_number_of_seconds_or_nothing(value: str) -> None:
    answer = Answer(429, {"Retry-After": value, "Date": value}, b"")
    wait = answer.retry_after_seconds
    assert wait is None or wait >= 0
    assert answer.sent_at is None or answer.sent_at.tzinfo


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), (" 0 ", 0.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("-1", None), ("1.5", None)],
)
def test_a_wait_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert Answer(429, {"Retry-After": value}, b"").retry_after_seconds == seconds
