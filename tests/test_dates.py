from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.dates import parse_moment
from vm_mcp.errors import InputError

ISTANBUL = ZoneInfo("Europe/Istanbul")
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=ISTANBUL)


def start(text: str) -> datetime:
    return parse_moment(text, zone=ISTANBUL, now=NOW, edge="start")


def end(text: str) -> datetime:
    return parse_moment(text, zone=ISTANBUL, now=NOW, edge="end")


def test_a_bare_date_is_the_whole_day_in_the_accounts_zone() -> None:
    assert start("2026-11-20") == datetime(2026, 11, 19, 21, 0, tzinfo=UTC)
    assert end("2026-11-20") == datetime(2026, 11, 20, 20, 59, 59, tzinfo=UTC)


def test_a_date_is_a_whole_day_in_any_format() -> None:
    for text in ("2026-11-20", "20261120", "20.11.2026"):
        assert end(text) == datetime(2026, 11, 20, 23, 59, 59, tzinfo=ISTANBUL)
    assert start("bugün") == start("today")
    assert start("Dün") == start("yesterday")


def test_today_and_yesterday_are_days_of_the_accounts_zone_not_of_utc() -> None:
    assert start("today") == datetime(2026, 11, 23, tzinfo=ISTANBUL)
    assert end("Yesterday ") == datetime(2026, 11, 22, 23, 59, 59, tzinfo=ISTANBUL)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_an_age_counts_back_from_now(text: str, age: timedelta) -> None:
    assert start(text) == NOW - age


def test_a_time_without_an_offset_is_local_and_one_with_an_offset_is_kept() -> None:
    assert start("2026-11-20T14:30") == datetime(2026, 11, 20, 14, 30, tzinfo=ISTANBUL)
    assert start("2026-11-20T14:30:00Z") == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert start("2026-11-20 14:30+01:00") == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "2026-13-01", "soon", "7", "-3d", "99999d", "2026-11-20T25:00", "7d7d", "1m", "31.02.2026"],
)
def test_an_invalid_date_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(InputError, match="ISO date"):
        start(text)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "9999w", "01.01.0001"])
def test_the_ends_of_the_calendar_are_refused(text: str) -> None:
    for parse in (start, end):
        with pytest.raises(InputError, match="ISO date"):
            parse(text)


@given(st.text(max_size=30) | st.dates().map(str) | st.datetimes().map(str) | st.from_regex(r"\d{1,5}[hdw]"))
def test_any_text_is_a_date_with_room_around_it_or_a_clear_refusal(text: str) -> None:
    try:
        moment = end(text)
    except InputError:
        return
    for days in (-366, 366):
        assert (moment + timedelta(days=days)).astimezone(ZoneInfo("America/New_York")).tzinfo


@given(
    st.datetimes(
        datetime(1900, 1, 1),  # noqa: DTZ001 - the strategy wants naive bounds and adds the zone
        datetime(2199, 12, 31),  # noqa: DTZ001 - the same
        timezones=st.just(UTC),
    )
)
def test_an_iso_time_with_an_offset_is_read_back_as_written(moment: datetime) -> None:
    assert start(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("place", "day", "hours"),
    [
        ("Europe/Istanbul", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        # The clocks change at midnight: the first hour of a day is left out, and the last comes twice.
        ("America/Santiago", "2026-09-06", 23),
        ("America/Santiago", "2026-04-04", 25),
        ("Europe/Berlin", "2028-02-29", 24),
    ],
)
def test_a_day_has_all_of_its_hours_also_where_clocks_change(place: str, day: str, hours: int) -> None:
    zone = ZoneInfo(place)
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone)
    for text, now in ((day, NOW), ("today", noon), ("yesterday", noon + timedelta(days=1))):
        first, last = (parse_moment(text, zone=zone, now=now.astimezone(UTC), edge=edge) for edge in ("start", "end"))
        assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours, seconds=-1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("2026-10-25T02:30+01:00", *[datetime(2026, 10, 25, 1, 30, tzinfo=UTC)] * 2),
    ],
)
def test_a_time_that_clocks_show_twice_or_never_leaves_nothing_out(text: str, first: datetime, last: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert parse_moment(text, zone=zone, now=NOW, edge="start") == first
    assert parse_moment(text, zone=zone, now=NOW, edge="end") == last


def test_an_age_in_hours_is_that_many_hours_also_where_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 12, tzinfo=zone)
    moment = parse_moment("12h", zone=zone, now=now, edge="start")
    assert moment == datetime(2026, 10, 24, 23, tzinfo=UTC)
