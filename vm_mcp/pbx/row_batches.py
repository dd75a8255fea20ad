"""Read the rows of one window of time, newest first, in whatever order the PBX lists them.

The order is undocumented, so the first page decides how the others are read. Rows may arrive in the list, or leave it,
between two requests: a message filtered by "unread" leaves it when someone listens. No row may be lost over that, while
one that comes twice is dropped by the caller.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from vm_mcp.pbx.time_windows import Order, PlacedRow, TimeWindow, newest_first, oldest_time, order_of, place_in_time
from vm_mcp.pbx.vendor import LARGEST_PAGE
from vm_mcp.pbx.wire import WirePage

R = TypeVar("R")

FetchPage = Callable[[TimeWindow, int, int], Awaitable[WirePage[R]]]
"""Asks the PBX for one page: window, page number from 1, rows per page."""

RowBatches = AsyncGenerator[tuple[list[PlacedRow[R]], bool], None]
"""Rows newest first, no batch newer than the one before it, each with whether it is the last."""


async def read_batches(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> RowBatches[R]:
    """Yield a window's rows in batches, asking for no page before the caller wants its rows.

    Args:
        fetch: Asks the PBX.
        window: What to read. A batch may hold rows just outside of it, since requests are padded.
        first: The window's first page.
    """
    size = first.row_count

    async def fetch_counted(window: TimeWindow, number: int, rows: int) -> WirePage[R]:
        page = await fetch(window, number, rows)
        return replace(page, total_pages=page.counted_pages(size))

    first = replace(first, total_pages=first.counted_pages(size))
    order = order_of(first.rows)
    if first.total_pages == 1:
        yield place_in_time(first.rows, order, window.high), True
        return
    read = {Order.NEWEST_FIRST: _forwards, Order.OLDEST_FIRST: _backwards, Order.NONE: _everything}[order]
    async with aclosing(read(fetch_counted, window, first)) as batches:
        async for batch in batches:
            yield batch


async def _forwards(fetch: FetchPage[R], window: TimeWindow, page: WirePage[R]) -> RowBatches[R]:
    """Newest first: each request is for page 1 of what is as old as the oldest row so far, or older.

    Rows that come or go then shift no page. The next page number is needed only where a whole page shares one second.
    """
    held: list[PlacedRow[R]] = []
    number = 1
    while True:
        entries = held + place_in_time(page.rows, Order.NEWEST_FIRST, window.high)
        oldest = oldest_time(page.rows, window.high)
        if number >= page.total_pages or not page.rows or oldest < window.low:
            yield newest_first(entries), True
            return
        # The oldest second is held back: more rows of it may follow on the next page, to be sorted among these.
        yield newest_first(entry for entry in entries if entry.at > oldest), False
        if oldest < window.high:
            held, window, number = [], window.until(oldest), 1
        else:
            held, number = entries, number + 1
        following = await _following(fetch, window, number, page)
        if number > 1 and following.rows == page.rows:
            yield newest_first(held), True  # the PBX ignores page numbers, so nothing older can be reached
            return
        page = following


async def _backwards(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> RowBatches[R]:
    """Oldest first: the newest rows are on the last page, so pages are read from there."""
    last, page = await _last_page(fetch, window, first)
    if not page.rows:  # total_pages is wrong
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
        # As in `_forwards`, the oldest second is held back until the page before it shows the rest of that second.
        yield newest_first(entry for entry in entries if entry.at > ceiling), False
        held = [entry for entry in entries if entry.at <= ceiling]
        is_known = number - 1 == 1 and page.total_count == first.total_count
        earlier = first if is_known else await fetch(window, number - 1, LARGEST_PAGE)
        # More rows than before: one came in further up, and pushed others onto the page that was already read.
        if (earlier.total_count or 0) > (page.total_count or 0):
            held += place_in_time((await fetch(window, number, LARGEST_PAGE)).rows, Order.OLDEST_FIRST, ceiling)
        page = earlier


async def _last_page(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> tuple[int, WirePage[R]]:
    """Return the number and content of the last page, which may change while it is asked for."""
    number = first.total_pages
    page = await fetch(window, number, LARGEST_PAGE)
    for _ in range(3):
        if page.total_pages == number:
            break
        number = page.total_pages
        page = await fetch(window, number, LARGEST_PAGE)
    return number, page


async def _everything(fetch: FetchPage[R], window: TimeWindow, first: WirePage[R]) -> RowBatches[R]:
    """Without an order the newest rows are known only once all pages are read."""
    page, number = first, 1
    rows = list(first.rows)
    while page.rows and number < page.total_pages:
        number += 1
        following = await _following(fetch, window, number, page)
        if following.rows == page.rows:
            break  # the PBX ignores page numbers
        rows += following.rows
        page = following
    yield place_in_time(rows, order_of(rows), window.high), True


async def _following(fetch: FetchPage[R], window: TimeWindow, number: int, before: WirePage[R]) -> WirePage[R]:
    """Return a page, with the rows that may have moved from it onto the page before.

    A smaller count shows that rows left the list since ``before``; those after them moved up, some onto that page.
    """
    page = await fetch(window, number, LARGEST_PAGE)
    if number == 1 or (page.total_count or 0) >= (before.total_count or 0):
        return page
    moved = await fetch(window, number - 1, LARGEST_PAGE)
    return replace(page, rows=moved.rows + page.rows)
