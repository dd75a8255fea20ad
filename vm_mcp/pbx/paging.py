"""One page of a list, of whatever rows: which requests it takes, and what of their answers belongs to it.

Pages continue by key, not by offset. The next page asks for what is as old as the last row given or older, and drops
what came before: a message that arrives meanwhile, or leaves the list because somebody opened it, moves none of the
others. Within one page the same holds where the PBX lists newest first; in any other order the PBX's own page numbers
are all there is, and a page is read again when the count shows that rows moved over its edge.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from vm_mcp.models import PageKey, PageQuery
from vm_mcp.pbx.time_windows import (
    Order,
    PlacedRow,
    TimeWindow,
    cut_windows,
    newest_first,
    oldest_time,
    order_of,
    place_in_time,
)
from vm_mcp.pbx.wire import WirePage

R = TypeVar("R")

FetchPage = Callable[[TimeWindow, int, int], Awaitable[WirePage[R]]]
"""Asks the PBX for a window's page number, with that many rows a page."""

Keep = Callable[[Sequence[R]], Awaitable[Container[str]]]
"""Returns the ids of the rows that belong to a list, where the PBX can't filter."""

Batches = AsyncGenerator[tuple[list[PlacedRow[R]], bool], None]
"""Rows newest first, each batch older than the one before, and whether it is the last."""

FULL_PAGE, SMALL_PAGE = 100, 10
"""The vendor's bounds of a page."""
REQUEST_BUDGET = 30
"""Requests that a filter of ours may take before it hands back what it has: about ten seconds' worth."""


@dataclass(frozen=True, slots=True)
class ListPage(Generic[R]):
    """Rows, newest first, and where to go on."""

    rows: tuple[R, ...]
    total_count: int | None
    """How many match the whole query; None while that would cost too many requests."""
    after: PageKey | None
    """None when nothing is left."""


class Pager(Generic[R]):
    """Collects one page of a query.

    Args:
        fetch: Asks the PBX.
        query: Range, and where the page before ended.
        limit: Rows at most.
        keep: Filters what the PBX can't; None: it has filtered already.
    """

    def __init__(self, fetch: FetchPage[R], query: PageQuery, limit: int, keep: Keep[R] | None = None) -> None:
        self._ask = fetch
        self._query = query
        self._limit = limit
        self._keep = keep
        self._counting = query.after is None and query.total_count is None
        self._requests = 0
        self._counted: int | None = 0
        self._seen: set[str] = set()
        self._found: list[PlacedRow[R]] = []
        self._reached: PageKey | None = None

    async def page(self) -> ListPage[R]:
        """Ask the PBX as often as it takes."""
        whole = True
        for window in cut_windows(self._query.since, self._query.until, self._query.after):
            if self._keep and self._requests >= REQUEST_BUDGET and self._reached:
                whole = False
            if whole and not self._is_over:
                whole = await self._walk(window)
            elif self._counting and not self._keep:
                whole = False
                self._add(await self._count(window))
            else:
                whole = False
                break
        return self._result(whole=whole)

    @property
    def _is_over(self) -> bool:
        """One more than asked for shows that another page follows; a filter of ours counts only by reading on."""
        return len(self._found) > self._limit and not (self._keep and self._counting)

    @property
    def _is_enough(self) -> bool:
        """The last few are left to the next page, where they would cost a request of their own."""
        spare = min(SMALL_PAGE - 1, self._limit // 10)
        return len(self._found) >= self._limit - spare and not (self._keep and self._counting)

    async def _walk(self, window: TimeWindow) -> bool:
        """Take rows from a window until there are enough; return whether that was all of it."""
        first = await self._fetch(window, 1, FULL_PAGE)
        before = len(self._found)
        async with aclosing(_batches(self._fetch, window, first)) as batches:
            async for batch, is_last in batches:
                await self._take(batch, window)
                if is_last:
                    self._reached = window.end
                    self._add(len(self._found) - before)
                    return True
                if self._reached and (self._is_enough or (self._keep and self._requests >= REQUEST_BUDGET)):
                    break
        self._add(_estimate(first, window))
        return False

    async def _take(self, batch: list[PlacedRow[R]], window: TimeWindow) -> None:
        after = self._query.after
        # A row may come twice in one batch: it was pushed onto the next page while that was asked for.
        inside = {entry.listed.row_id: entry for entry in batch if window.holds(entry.listed)}
        new = [entry for row_id, entry in inside.items() if row_id not in self._seen]
        self._seen.update(inside)
        here = [
            entry for entry in new if not after or (entry.at, entry.listed.row_id) < (after.received_at, after.uuid)
        ]
        if not here:
            return
        self._reached = here[-1].key
        kept = await self._keep([entry.listed.row for entry in here]) if self._keep else None
        self._found += [entry for entry in here if kept is None or entry.listed.row_id in kept]

    async def _count(self, window: TimeWindow) -> int | None:
        page = await self._fetch(window, 1, SMALL_PAGE)
        if page.total_pages > 1:
            return _estimate(page, window)
        return sum(map(window.holds, page.rows))

    def _add(self, count: int | None) -> None:
        self._counted = None if count is None or self._counted is None else self._counted + count

    async def _fetch(self, window: TimeWindow, number: int, size: int) -> WirePage[R]:
        self._requests += 1
        return await self._ask(window, number, size)

    def _result(self, *, whole: bool) -> ListPage[R]:
        found = newest_first(self._found)
        given = found[: self._limit]
        total = self._query.total_count
        if self._counting:
            total = len(found) if whole else None if self._keep else self._counted
        after = given[-1].key if len(found) > self._limit else None if whole else self._reached
        return ListPage(tuple(entry.listed.row for entry in given), total, after)


async def _batches(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> Batches[R]:
    """Yield a window's rows, in whatever order the PBX lists them."""
    order = order_of(first.rows)
    if first.total_pages == 1:
        yield place_in_time(first.rows, order, window.high), True
        return
    walk = {Order.NEWEST_FIRST: _forwards, Order.OLDEST_FIRST: _backwards, Order.NONE: _everything}[order]
    async with aclosing(walk(fetch, window, first)) as batches:
        async for batch in batches:
            yield batch


async def _forwards(fetch: FetchPage[R], window: TimeWindow, page: WirePage[R]) -> Batches[R]:
    """Newest first: each request ends where the answer before it ended, so nothing depends on page numbers."""
    held: list[PlacedRow[R]] = []
    number = 1
    while True:
        entries = held + place_in_time(page.rows, Order.NEWEST_FIRST, window.high)
        oldest = oldest_time(page.rows, window.high)
        if number >= page.total_pages or not page.rows or oldest < window.low:
            yield newest_first(entries), True
            return
        # What shares its second with the last message may have companions on the next page.
        yield newest_first(entry for entry in entries if entry.at > oldest), False
        if oldest < window.high:
            held, window, number = [], window.until(oldest), 1
        else:
            held, number = entries, number + 1
        following = await _following(fetch, window, number, page)
        if number > 1 and following.rows == page.rows:
            yield newest_first(held), True  # page numbers are ignored, and there is no other way on
            return
        page = following


async def _backwards(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> Batches[R]:
    """Oldest first: the newest are on the last page."""
    last, page = await _last_page(fetch, window, first)
    if not page.rows:  # the number of pages is wrong
        async for batch in _everything(fetch, window, first):
            yield batch
        return
    ceiling, held = window.high, list[PlacedRow[R]]()
    for number in range(last, 0, -1):
        entries = held + place_in_time(page.rows, Order.OLDEST_FIRST, ceiling)
        ceiling = min(ceiling, oldest_time(page.rows, ceiling))
        if number == 1:
            yield newest_first(entries), True
            return
        yield newest_first(entry for entry in entries if entry.at > ceiling), False
        held = [entry for entry in entries if entry.at <= ceiling]
        is_known = number - 1 == 1 and page.total_count == first.total_count
        earlier = first if is_known else await fetch(window, number - 1, FULL_PAGE)
        if (earlier.total_count or 0) > (page.total_count or 0):  # messages may have moved up, over the edge
            held += place_in_time((await fetch(window, number, FULL_PAGE)).rows, Order.OLDEST_FIRST, ceiling)
        page = earlier


async def _last_page(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> tuple[int, WirePage[R]]:
    """Find the last page, which may have moved since the first was read."""
    number = first.total_pages
    page = await fetch(window, number, FULL_PAGE)
    for _ in range(3):
        if page.total_pages == number:
            break
        number = page.total_pages
        page = await fetch(window, number, FULL_PAGE)
    return number, page


async def _everything(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> Batches[R]:
    """No order to go by on the first page: the newest are known once all are."""
    page, number = first, 1
    rows = list(first.rows)
    while page.rows and number < page.total_pages:
        number += 1
        following = await _following(fetch, window, number, page)
        if following.rows == page.rows:
            break  # page numbers are ignored
        rows += following.rows
        page = following
    yield place_in_time(rows, order_of(rows), window.high), True


async def _following(fetch: FetchPage[R], window: TimeWindow, number: int, before: WirePage[R]) -> WirePage[R]:
    """Read a page by its number, and what may have moved from it to the page before meanwhile."""
    page = await fetch(window, number, FULL_PAGE)
    if number == 1 or (page.total_count or 0) >= (before.total_count or 0):
        return page
    moved = await fetch(window, number - 1, FULL_PAGE)
    return replace(page, rows=moved.rows + page.rows)


def _estimate(page: WirePage[R], window: TimeWindow) -> int | None:
    """Count a window by the PBX's own word, less what the page shows to lie in the padding."""
    outside = sum(not window.holds(listed) for listed in page.rows)
    return None if page.total_count is None else max(0, page.total_count - outside)
