"""Times said in a message, with how far ahead they are."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from vm_mcp.models import SaidTime, TimeBound
from vm_mcp.views.time_texts import said_time_item, said_time_text

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 27, 10, 20, tzinfo=ISTANBUL)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ISTANBUL)


def said(
    value: datetime | date | time, until: datetime | None = None, bound: TimeBound = "", question: str = ""
) -> SaidTime:
    return SaidTime(heard="x", value=value, until=until, bound=bound, is_sure=not question, question=question)


@pytest.mark.parametrize(
    ("heard", "shown"),
    [
        (said(at(27, 14)), "Fri 27 Nov 14:00 (in 3 h 40 min)"),
        (said(at(27, 12, 20)), "Fri 27 Nov 12:20 (in 2 h)"),
        (said(at(27, 10, 21), bound="by"), "by Fri 27 Nov 10:21 (in 1 min)"),
        (said(at(28, 10, 20)), "Sat 28 Nov 10:20 (in 24 h)"),
        (said(at(28, 10, 21)), "Sat 28 Nov 10:21"),
        (said(at(27, 10)), "Fri 27 Nov 10:00 (passed)"),
        (said(at(27, 10), bound="after"), "after Fri 27 Nov 10:00"),
        (said(at(27, 10), until=at(27, 11)), "Fri 27 Nov 10:00 to 11:00 (now)"),
        (said(at(27, 14), question="or 02:00?"), "Fri 27 Nov 14:00 (or 02:00?)"),
        (said(date(2026, 11, 27)), "Fri 27 Nov"),
        (said(time(14)), "14:00"),
    ],
)
def test_a_moment_of_the_next_day_says_how_far_ahead_it_is(heard: SaidTime, shown: str) -> None:
    assert said_time_text(said_time_item(heard, NOW), "2026-11-26T09:00+03:00") == f'time said: "x" -> {shown}'


def test_without_a_clock_nothing_is_said_of_now() -> None:
    heard = said(at(27, 14))
    assert said_time_text(said_time_item(heard, None), "2026-11-26T09:00+03:00").endswith("Fri 27 Nov 14:00")


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "value", "ahead", "passed"),
    [
        (datetime(2026, 3, 28, 22, tzinfo=BERLIN), datetime(2026, 3, 29, 9, tzinfo=BERLIN), "in 10 h", False),
        (datetime(2026, 10, 24, 22, tzinfo=BERLIN), datetime(2026, 10, 25, 9, tzinfo=BERLIN), "in 12 h", False),
        (
            datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=BERLIN),
            datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),
            "",
            True,
        ),
    ],
)
def test_hours_ahead_are_counted_through_a_change_of_clocks(
    now: datetime, value: datetime, ahead: str, *, passed: bool
) -> None:
    item = said_time_item(said(value), now)
    assert (item.ahead, item.passed) == (ahead, passed)
