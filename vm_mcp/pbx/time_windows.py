"""A range of time as the PBX can be asked for it, and rows put in an order that it doesn't promise.

Timestamps are whole seconds. Whether the PBX counts a bound itself as inside is undocumented, so each request asks for
a second more on both sides, and what lies outside is dropped here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from vm_mcp.models import PageKey
from vm_mcp.pbx.wire import WireRow

R = TypeVar("R")

SECOND = timedelta(seconds=1)
_LAST = "\U0010ffff"
"""Sorts behind every id, which no character but itself can."""
SPAN = timedelta(days=31) - 2 * SECOND
"""The longest window that stays within the vendor's 31 days once padded."""


class Order(Enum):
    """How a page's timestamps run."""

    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"
    NONE = "none"


class PlacedRow(NamedTuple, Generic[R]):
    """A row at the place in time where it sorts: its own time, or near its neighbour when that is unknown."""

    at: datetime
    listed: WireRow[R]

    @property
    def key(self) -> PageKey:
        """Sort by it, descending, for newest first; no two rows share one."""
        return PageKey(received_at=self.at, uuid=self.listed.row_id)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """Whole seconds in UTC, both ends included, at most `SPAN` apart."""

    low: datetime
    high: datetime

    @property
    def bounds(self) -> tuple[str, str]:
        """The padded bounds, in the vendor's spelling."""
        return _spell(self.low - SECOND), _spell(self.high + SECOND)

    @property
    def end(self) -> PageKey:
        """The key behind every row of this window, also of what was placed right below it, and before older windows."""
        return PageKey(received_at=self.low - SECOND, uuid=_LAST)

    def holds(self, listed: WireRow[R]) -> bool:
        """Whether a row lies inside; one whose time can't be read gets the benefit of the doubt."""
        return listed.at is None or self.low <= listed.at <= self.high

    def until(self, high: datetime) -> "TimeWindow":
        """Return the part up to a second of it, included."""
        return TimeWindow(self.low, high)


def cut_windows(since: datetime, until: datetime, after: PageKey | None = None) -> Iterator[TimeWindow]:
    """Cut a range, both ends included, into windows from the newest to the oldest.

    With ``after`` the newest one ends at that row's second, which is included: others may share it. The windows are the
    same on every page of a query, since a row without a readable timestamp takes its place from its window: in one cut
    anew it could land before ``after`` and be passed over.
    """
    low, high = ceil_second(since), floor_second(until)
    newest = max(low, ceil_second(after.received_at)) if after else high
    while low <= high:
        start = max(low, high - SPAN)
        if start <= newest:
            yield TimeWindow(start, min(high, newest))
        high = start - SECOND


def order_of(rows: Iterable[WireRow[R]]) -> Order:
    """Read the order off a page; a page of one second, or of no readable timestamp, shows none."""
    times = [listed.at for listed in rows if listed.at]
    falls = any(first > second for first, second in pairwise(times))
    rises = any(first < second for first, second in pairwise(times))
    if falls == rises:
        return Order.NONE
    return Order.NEWEST_FIRST if falls else Order.OLDEST_FIRST


def place_in_time(rows: Sequence[WireRow[R]], order: Order, high: datetime) -> list[PlacedRow[R]]:
    """Give each row its place in time, and sort newest first.

    A row without a readable timestamp goes right after the next newer one in the vendor's order, or, where that is
    unknown, to the upper end ``high``: the list reaches it before asking the PBX for older rows only, so that it may
    come twice at worst, but is never passed over.
    """
    newer, entries = high, list[PlacedRow[R]]()
    for listed in reversed(rows) if order is Order.OLDEST_FIRST else rows:
        if listed.at:
            entries.append(PlacedRow(listed.at, listed))
            newer = high if order is Order.NONE else min(high, listed.at)
        else:
            entries.append(PlacedRow(ceil_second(newer) - timedelta(microseconds=1), listed))
    return newest_first(entries)


def newest_first(entries: Iterable[PlacedRow[R]]) -> list[PlacedRow[R]]:
    """Sort by time, then by id, both descending."""
    return sorted(entries, key=lambda entry: (entry.at, entry.listed.row_id), reverse=True)


def oldest_time(rows: Iterable[WireRow[R]], default: datetime) -> datetime:
    """Return the oldest readable timestamp."""
    return min((listed.at for listed in rows if listed.at), default=default)


def floor_second(moment: datetime) -> datetime:
    """Round down, in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0)


def ceil_second(moment: datetime) -> datetime:
    """Round up, in UTC."""
    floor = floor_second(moment)
    return floor if floor == moment else floor + SECOND


def _spell(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
