"""What a reader is asked about a time that may be another one."""

from collections.abc import Iterable
from datetime import date, datetime, time

from vm_mcp.dates import short_time


def or_question(others: Iterable[date | datetime | time], reference: date) -> str:
    """Return "or Fri 4 Dec?" for the other times that are possible; empty for none.

    Args:
        others: Other times, likeliest first.
        reference: A day; the year is named where it differs.
    """
    named = list(dict.fromkeys(short_time(other, reference) for other in others))
    return f"or {', or '.join(named)}?" if named else ""
