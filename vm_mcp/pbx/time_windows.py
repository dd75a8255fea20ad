"""A range of time as the PBX can be asked for it, and messages put in an order that it doesn't promise.

Stamps are whole seconds. Whether the PBX counts a bound itself as inside is undocumented, so each request asks for a
second more on both sides, and what lies outside is dropped here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from vm_mcp.models import PageKey, Voicemail

SECOND = timedelta(seconds=1)
SPAN = timedelta(days=31) - 2 * SECOND
"""The longest window that stays within the vendor's 31 days once padded."""


class Order(Enum):
    """How a page's stamps run."""

    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"
    NONE = "none"


class Entry(NamedTuple):
    """A message at the place in time where it sorts: when it was left, or near its neighbour when that is unknown."""

    at: datetime
    voicemail: Voicemail

    @property
    def key(self) -> tuple[datetime, str]:
        """Sort by it, descending, for newest first; no two messages share one."""
        return self.at, self.voicemail.uuid


@dataclass(frozen=True, slots=True)
class Window:
    """Whole seconds in UTC, both ends included, at most `SPAN` apart."""

    low: datetime
    high: datetime

    @property
    def bounds(self) -> tuple[str, str]:
        """The padded bounds, in the vendor's spelling."""
        return _spell(self.low - SECOND), _spell(self.high + SECOND)

    def holds(self, voicemail: Voicemail) -> bool:
        """Tell whether a message was left inside; one whose stamp can't be read gets the benefit of the doubt."""
        return voicemail.received_at is None or self.low <= voicemail.received_at <= self.high

    def until(self, high: datetime) -> "Window":
        """Give the part up to a second of it, included."""
        return Window(self.low, high)


def cut(since: datetime, until: datetime, after: PageKey | None = None) -> Iterator[Window]:
    """Cut a range, both ends included, into windows from the newest to the oldest.

    With ``after`` it ends at that message's second, which is included: others may share it.
    """
    low, high = ceil_second(since), floor_second(until)
    if after:
        high = min(high, max(low, ceil_second(after.received_at)))
    while low <= high:
        start = max(low, high - SPAN)
        yield Window(start, high)
        high = start - SECOND


def order_of(voicemails: Iterable[Voicemail]) -> Order:
    """Read the order off a page; a page of one second, or of no readable stamp, shows none."""
    times = [voicemail.received_at for voicemail in voicemails if voicemail.received_at]
    falls = any(first > second for first, second in pairwise(times))
    rises = any(first < second for first, second in pairwise(times))
    if falls == rises:
        return Order.NONE
    return Order.NEWEST_FIRST if falls else Order.OLDEST_FIRST


def place(voicemails: Sequence[Voicemail], order: Order, high: datetime) -> list[Entry]:
    """Give each message its place in time, and sort newest first.

    A message without a readable stamp goes right after the next newer one in the vendor's order, or, where that is
    unknown, to the upper end ``high``: the list reaches it before asking the PBX for older messages only, so that it
    may come twice at worst, but is never passed over.
    """
    newer, entries = high, []
    for voicemail in reversed(voicemails) if order is Order.OLDEST_FIRST else voicemails:
        if voicemail.received_at:
            entries.append(Entry(voicemail.received_at, voicemail))
            newer = high if order is Order.NONE else min(high, voicemail.received_at)
        else:
            entries.append(Entry(ceil_second(newer) - timedelta(microseconds=1), voicemail))
    return newest_first(entries)


def newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Sort by time, then by uuid, both descending."""
    return sorted(entries, key=lambda entry: entry.key, reverse=True)


def oldest_time(voicemails: Iterable[Voicemail], default: datetime) -> datetime:
    """Give the oldest readable stamp."""
    return min((voicemail.received_at for voicemail in voicemails if voicemail.received_at), default=default)


def floor_second(moment: datetime) -> datetime:
    """Round down, in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0)


def ceil_second(moment: datetime) -> datetime:
    """Round up, in UTC."""
    floor = floor_second(moment)
    return floor if floor == moment else floor + SECOND


def _spell(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
