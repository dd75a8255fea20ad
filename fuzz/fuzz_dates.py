"""Fuzz the dates that people and models write: each is a datetime far from the calendar's ends, or an `InputError`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.dates import ACCEPTED, parse_moment
    from vm_mcp.errors import InputError

from harness import fuzz, text_of

ZONES = (ZoneInfo("Europe/Istanbul"), ZoneInfo("America/New_York"))
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def read(data: bytes) -> None:
    """Parse an input as either end of a range, in time zones east and west of UTC."""
    for zone in ZONES:
        try:
            start = parse_moment(text_of(data), zone=zone, now=NOW, edge="start")
            end = parse_moment(text_of(data), zone=zone, now=NOW, edge="end")
        except InputError as error:
            assert ACCEPTED in str(error)  # noqa: PT017 - only what is raised is checked
            assert str(error).isprintable()  # noqa: PT017 - the same
        else:
            assert timedelta() <= end - start <= timedelta(days=1, hours=1)
            for days in (-366, 366):
                (start + timedelta(days=days)).astimezone(ZONES[0])


if __name__ == "__main__":
    fuzz(read, "dates")
