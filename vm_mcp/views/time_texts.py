"""How the times said in a message are written, for a program and for people."""

from datetime import UTC, date, datetime, time, timedelta

from vm_mcp.dates import short_time
from vm_mcp.models import SaidTime
from vm_mcp.views.said_rows import SaidTimeItem, parse_said
from vm_mcp.wording import Words, joined, sentences, template, words

_AFTER = {"from", "after"}
_BOUNDS = {
    "": "{time}",
    "by": template("by {time}"),
    "before": template("before {time}"),
    "from": template("from {time}"),
    "after": template("after {time}"),
}
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


def said_time_text(item: SaidTimeItem, received_at: str) -> Words:
    """Return a time that was said on one line: ``time said: "yarın saat on dört" -> Fri 27 Nov 14:00``.

    Args:
        item: Its row.
        received_at: When the message was left, as ISO text; the year is written only where it differs.
    """
    value, left = parse_said(item.value), datetime.fromisoformat(received_at)
    text = short_time(value, left)
    if item.until:
        text = words("{start} to {end}", start=text, end=_end_text(value, parse_said(item.until), left))
    facts = joined("; ", (item.question, item.ahead, words("passed") if item.passed else ""))
    bound = words(_BOUNDS[item.bound], time=text)
    meaning = sentences(bound, words("({facts})", facts=facts) if facts else "")
    return words('time said: "{heard}" -> {meaning}', heard=item.heard, meaning=meaning)


def _end_text(start: date | time, end: date | time, left: datetime) -> Words:
    """Return the end of an interval, without its day if that is the day on which it begins."""
    if isinstance(start, datetime) and isinstance(end, datetime) and start.date() == end.date():
        return short_time(end.time(), left)
    return short_time(end, left)


def _ahead(said: SaidTime, now: datetime) -> Words:
    """Return how far ahead a moment of the next day is, ``in 3 h 40 min``, or that it is now; empty for any other."""
    if not isinstance(said.value, datetime):
        return words("")
    wait = _until(said.value, now)
    if wait <= timedelta():
        is_now = isinstance(said.until, datetime) and _until(said.until, now) >= timedelta()
        return words("now") if is_now else words("")
    if wait > _NEAR:
        return words("")
    hours, minutes = divmod(-(-wait // _MINUTE), 60)
    written = sentences(
        words("{count} h", count=hours) if hours else "", words("{count} min", count=minutes) if minutes else ""
    )
    return words("in {duration}", duration=written)


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
