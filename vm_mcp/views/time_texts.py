"""How the times said in a message are written, for a program and for people."""

from datetime import UTC, date, datetime, time, timedelta

from vm_mcp.dates import short_time
from vm_mcp.models import SaidTime
from vm_mcp.views.said_rows import SaidTimeItem, parse_said

_AFTER = {"from", "after"}
_MINUTE, _NEAR = timedelta(minutes=1), timedelta(days=1)


def said_time_item(said: SaidTime, now: datetime | None) -> SaidTimeItem:
    """Return the row of a time that was said.

    Args:
        said: Its moments are in the account's zone.
        now: The current time, aware, in the account's zone; None: it is not said whether the time has passed.
    """
    return SaidTimeItem(
        heard=said.heard,
        value=_iso(said.value),
        until=_iso(said.until),
        bound=said.bound,
        is_sure=said.is_sure,
        question=said.question,
        ahead=_ahead(said, now) if now and said.is_sure else "",
        passed=now is not None and said.bound not in _AFTER and _is_before(said.until or said.value, now),
    )


def said_time_text(item: SaidTimeItem, received_at: str) -> str:
    """Return a time that was said on one line: ``time said: "yarın saat on dört" -> Fri 27 Nov 14:00``.

    Args:
        item: Its row.
        received_at: When the message was left, as ISO text; the year is written only where it differs.
    """
    value, left = parse_said(item.value), datetime.fromisoformat(received_at)
    text = short_time(value, left)
    if item.until:
        text = f"{text} to {_end_text(value, parse_said(item.until), left)}"
    facts = "; ".join(filter(None, (item.question, item.ahead, "passed" if item.passed else "")))
    meaning = " ".join(filter(None, (item.bound, text, f"({facts})" if facts else "")))
    return f'time said: "{item.heard}" -> {meaning}'


def _end_text(start: date | time, end: date | time, left: datetime) -> str:
    """Return the end of an interval, without its day if that is the day on which it begins."""
    if isinstance(start, datetime) and isinstance(end, datetime) and start.date() == end.date():
        return short_time(end.time(), left)
    return short_time(end, left)


def _ahead(said: SaidTime, now: datetime) -> str:
    """Return how far ahead a moment of the next day is, ``in 3 h 40 min``, or that it is now; empty for any other."""
    if not isinstance(said.value, datetime):
        return ""
    wait = _until(said.value, now)
    if wait <= timedelta():
        return "now" if isinstance(said.until, datetime) and _until(said.until, now) >= timedelta() else ""
    hours, minutes = divmod(-(-wait // _MINUTE), 60)
    written = " ".join(f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min")) if count)
    return f"in {written}" if wait <= _NEAR else ""


def _until(moment: datetime, now: datetime) -> timedelta:
    """Return the time from now to a moment; of two datetimes of one zone, Python subtracts what its clocks show."""
    return moment.astimezone(UTC) - now.astimezone(UTC)


def _is_before(value: date | time, now: datetime) -> bool:
    """Return whether a moment or a whole day has passed; a time of an unknown day has not."""
    if isinstance(value, datetime):
        return _until(value, now) < timedelta()
    return isinstance(value, date) and value < now.date()


def _iso(value: date | time | None) -> str:
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="minutes")
    return value.isoformat() if value else ""
