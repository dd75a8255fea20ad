"""Collect one page of a list, over as many windows of time and requests as it takes; generic in the row.

Pages continue by key and not by offset: the next page asks for what is as old as the last row shown, or older, and
drops what came before it. A row that arrives meanwhile, or leaves the list, then shifts no other.
"""

from collections.abc import Awaitable, Callable, Container, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from vm_mcp.errors import PbxRateLimitError
from vm_mcp.models import PageKey, PageQuery
from vm_mcp.pbx.row_batches import FetchPage, read_batches
from vm_mcp.pbx.time_windows import PlacedRow, TimeWindow, cut_windows, newest_first
from vm_mcp.pbx.vendor import LARGEST_PAGE, SMALLEST_PAGE
from vm_mcp.pbx.wire import WirePage

R = TypeVar("R")

Keep = Callable[[Sequence[R]], Awaitable[Container[str]]]
"""Returns the ids of those rows that belong to a list, where the PBX can't filter."""
Sees = Callable[[R], bool]
"""Returns whether whoever asks may see a row."""

REQUEST_BUDGET = 30
"""Requests for one page of a list that is filtered here: about ten seconds' worth."""


@dataclass(frozen=True, slots=True)
class ListPage(Generic[R]):
    """Rows, newest first, and where the next page starts."""

    rows: tuple[R, ...]
    total_count: int | None
    """How many rows match the whole query; None where counting them would take too many requests."""
    after: PageKey | None
    """The next page holds what sorts after this; None when nothing is left."""


class Pager(Generic[R]):
    """Collects one page of a query.

    Args:
        fetch: Asks the PBX for a page of a window.
        query: Range of time, and where the page before ended.
        limit: Most rows to return.
        keep: Filters what the PBX can't; None where it filters everything.
        sees: Drops rows that must not be seen, before anything is made of them: they are never kept or counted, and no
            page begins at the id of one. Nor is the PBX's count used, which includes them. None: all may be seen.
        is_limited: Whether the PBX allows few requests. Then none is spent on counting, and the page ends early, with
            the rows that were read, where the limit is reached.
    """

    def __init__(  # noqa: PLR0913 - a list's filters, each for another reason
        self,
        fetch: FetchPage[R],
        query: PageQuery,
        limit: int,
        keep: Keep[R] | None = None,
        *,
        sees: Sees[R] | None = None,
        is_limited: bool = False,
    ) -> None:
        self._ask = fetch
        self._query = query
        self._limit = limit
        self._keep = keep
        self._sees = sees
        self._is_filtered = keep is not None or sees is not None
        self._is_limited = is_limited
        self._counting = not is_limited and query.after is None and query.total_count is None
        self._requests = 0
        self._counted: int | None = 0
        self._seen: set[str] = set()
        self._collected: list[PlacedRow[R]] = []
        self._reached: PageKey | None = None
        """Everything up to here was read, whether kept or not."""

    async def page(self) -> ListPage[R]:
        """Read windows, newest first, until there are enough rows; on a first page, count the windows that are left."""
        whole = True
        for window in cut_windows(self._query.since, self._query.until, self._query.after):
            if self._is_filtered and self._requests >= REQUEST_BUDGET and self._reached:
                whole = False
            if whole and not self._is_over:
                whole = await self._walk(window)
            elif self._counting and not self._is_filtered:
                whole = False
                self._add(await self._count(window))
            else:
                whole = False
                break
        return self._result(whole=whole)

    @property
    def _is_over(self) -> bool:
        """One row more than the limit shows that another page follows. A filtered list is counted by reading it all."""
        return len(self._collected) > self._limit and not (self._keep and self._counting)

    @property
    def _is_enough(self) -> bool:
        """The last tenth of the limit, nine rows at most, is left to the next page rather than to another request."""
        spare = min(SMALLEST_PAGE - 1, self._limit // 10)
        return len(self._collected) >= self._limit - spare and not (self._keep and self._counting)

    async def _walk(self, window: TimeWindow) -> bool:
        """Take rows from a window until there are enough; return whether that was all of it."""
        try:
            return await self._read(window)
        except PbxRateLimitError:
            if not self._is_limited or not self._reached:
                raise
            return False

    async def _read(self, window: TimeWindow) -> bool:
        first = await self._fetch(window, 1, LARGEST_PAGE)
        before = len(self._collected)
        async with aclosing(read_batches(self._fetch, window, first)) as batches:
            async for batch, is_last in batches:
                await self._take(batch, window)
                if is_last:
                    self._reached = window.end
                    self._add(len(self._collected) - before)
                    return True
                if self._reached and (self._is_enough or (self._is_filtered and self._requests >= REQUEST_BUDGET)):
                    break
        self._add(_estimate(first, window))
        return False

    async def _take(self, batch: list[PlacedRow[R]], window: TimeWindow) -> None:
        """Collect a batch's rows that are in the window, after the page before, and not collected yet."""
        after = self._query.after
        # One batch may hold a row twice: it was pushed onto the next page while that one was asked for.
        inside = {entry.listed.row_id: entry for entry in batch if window.holds(entry.listed)}
        new = [entry for row_id, entry in inside.items() if row_id not in self._seen]
        self._seen.update(inside)
        unshown = [
            entry for entry in new if not after or (entry.at, entry.listed.row_id) < (after.received_at, after.uuid)
        ]
        if not unshown:
            return
        seen = [entry for entry in unshown if self._sees is None or self._sees(entry.listed.row)]
        last = unshown[-1]
        # A batch holds all rows of its oldest second, so a time alone is a place where the next page can go on.
        self._reached = last.key if seen and seen[-1] is last else PageKey(received_at=last.at, uuid="")
        kept = await self._keep([entry.listed.row for entry in seen]) if self._keep and seen else None
        self._collected += [entry for entry in seen if kept is None or entry.listed.row_id in kept]

    async def _count(self, window: TimeWindow) -> int | None:
        """Count a window with the smallest request there is; exactly where one page holds it all."""
        page = await self._fetch(window, 1, SMALLEST_PAGE)
        if page.counted_pages(page.row_count) > 1:
            return _estimate(page, window)
        return sum(map(window.holds, page.rows))

    def _add(self, count: int | None) -> None:
        """Add a window's count. One window that can't be counted makes the total unknown."""
        self._counted = None if count is None or self._counted is None else self._counted + count

    async def _fetch(self, window: TimeWindow, number: int, size: int) -> WirePage[R]:
        self._requests += 1
        return await self._ask(window, number, size)

    def _result(self, *, whole: bool) -> ListPage[R]:
        collected = newest_first(self._collected)
        shown = collected[: self._limit]
        total = self._query.total_count
        if self._counting:
            total = len(collected) if whole else None if self._is_filtered else self._counted
        after = shown[-1].key if len(collected) > self._limit else None if whole else self._reached
        return ListPage(tuple(entry.listed.row for entry in shown), total, after)


def _estimate(page: WirePage[R], window: TimeWindow) -> int | None:
    """Return the PBX's count of a window, less the rows of this page that are only in the request's padding."""
    outside = sum(not window.holds(listed) for listed in page.rows)
    return None if page.total_count is None else max(0, page.total_count - outside)
