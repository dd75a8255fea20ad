"""Cut a range of time into windows that the PBX accepts, and sort rows, whose order it doesn't document.

Timestamps are whole seconds. Whether a bound itself belongs to the range is undocumented too. So each request is padded
by a second on both sides, and rows outside of the window are dropped here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

from vm_mcp.models import PageKey
from vm_mcp.pbx.vendor import MAX_WINDOW, REQUEST_TIME
from vm_mcp.pbx.wire import WireRow

R = TypeVar("R")

SECOND = timedelta(seconds=1)
_LAST = "\U0010ffff"
"""The highest character, so that it sorts above every id."""
SPAN = MAX_WINDOW - 2 * SECOND
"""The longest window that is still allowed once it is padded."""


class Order(Enum):
    """Order of a page's timestamps."""

    NEWEST_FIRST = "newest first"
    OLDEST_FIRST = "oldest first"
    NONE = "none"


class PlacedRow(NamedTuple, Generic[R]):
    """A row and the time it is sorted by: its own, or one next to its neighbour's where its own is unknown."""

    at: datetime
    listed: WireRow[R]

    @property
    def key(self) -> PageKey:
        """Unique among the rows; descending order is newest first."""
        return PageKey(received_at=self.at, uuid=self.listed.row_id)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A range of whole seconds in UTC, both ends included, at most `SPAN` long."""

    low: datetime
    high: datetime

    @property
    def bounds(self) -> tuple[str, str]:
        """The padded bounds, as a request spells them."""
        return (self.low - SECOND).strftime(REQUEST_TIME), (self.high + SECOND).strftime(REQUEST_TIME)

    @property
    def params(self) -> dict[str, str]:
        """The bounds as parameters of a request."""
        start, end = self.bounds
        return {"start_stamp_from": start, "start_stamp_to": end}

    @property
    def end(self) -> PageKey:
        """A key after all rows of this window and before those of older windows.

        A row without a timestamp may be placed a microsecond below the window, so the key is a second below.
        """
        return PageKey(received_at=self.low - SECOND, uuid=_LAST)

    def holds(self, listed: WireRow[R]) -> bool:
        """Whether a row is inside. One without a readable timestamp is, since the PBX listed it for this window."""
        return listed.at is None or self.low <= listed.at <= self.high

    def until(self, high: datetime) -> "TimeWindow":
        """Return the part of the window up to ``high``, included."""
        return TimeWindow(self.low, high)


def cut_windows(since: datetime, until: datetime, after: PageKey | None = None) -> Iterator[TimeWindow]:
    """Yield the windows of a range, both ends included, newest first.

    With ``after``, the newest window ends at that row's second. The second is included, since other rows may share it.

    Windows are always cut from ``until``, so they are the same on every page of a query. A row without a readable
    timestamp is sorted by its window's end. If a later page cut its windows at ``after``, the row could sort before
    ``after`` and would be skipped.
    """
    low, high = ceil_second(since), floor_second(until)
    newest_left = max(low, ceil_second(after.received_at)) if after else high
    while low <= high:
        start = max(low, high - SPAN)
        if start <= newest_left:
            yield TimeWindow(start, min(high, newest_left))
        high = start - SECOND


def order_of(rows: Iterable[WireRow[R]]) -> Order:
    """Return the order of a page's rows; `Order.NONE` where they share one second or have no readable timestamps."""
    times = [listed.at for listed in rows if listed.at]
    falls = any(first > second for first, second in pairwise(times))
    rises = any(first < second for first, second in pairwise(times))
    if falls == rises:
        return Order.NONE
    return Order.NEWEST_FIRST if falls else Order.OLDEST_FIRST


def place_in_time(rows: Sequence[WireRow[R]], order: Order, high: datetime) -> list[PlacedRow[R]]:
    """Return the rows newest first, each with the time it is sorted by.

    A row without a readable timestamp is placed a microsecond below its newer neighbour in the vendor's order. Where
    there is no order it is placed below ``high``, the upper end of what was asked for. Too new is the safe side: the
    row may come twice, but is not lost once requests ask for older rows only.
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
    """Return rows sorted by time, then by id, both descending."""
    return sorted(entries, key=lambda entry: (entry.at, entry.listed.row_id), reverse=True)


def oldest_time(rows: Iterable[WireRow[R]], default: datetime) -> datetime:
    """Return the oldest readable timestamp, else ``default``."""
    return min((listed.at for listed in rows if listed.at), default=default)


def floor_second(moment: datetime) -> datetime:
    """Round down to a whole second, in UTC."""
    return moment.astimezone(UTC).replace(microsecond=0)


def ceil_second(moment: datetime) -> datetime:
    """Round up to a whole second, in UTC."""
    floor = floor_second(moment)
    return floor if floor == moment else floor + SECOND
