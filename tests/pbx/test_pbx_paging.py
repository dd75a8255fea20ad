"""Paging knows nothing of voicemail: here it pages call records, and imports no module that does."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.models import PageQuery
from vm_mcp.pbx.paging import Keep, ListPage, Pager, Sees
from vm_mcp.pbx.time_windows import SPAN, TimeWindow, cut_windows
from vm_mcp.pbx.wire import WirePage, WireRow, parse_page, read_count, read_label, read_text, read_timestamp

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=70)
QUERY = PageQuery(since=START, until=END)


@dataclass(frozen=True)
class CallRecord:
    """A row of another list of the vendor's: other fields, another id, another timestamp."""

    call_uuid: str
    started_at: datetime
    talk_seconds: int | None
    queue: str


def parse_calls(body: bytes) -> WirePage[CallRecord]:
    return parse_page(body, "cdrs", _parse_call)


def _parse_call(row: dict[str, Any]) -> WireRow[CallRecord] | None:
    call_uuid, started_at = read_text(row.get("call_uuid")), read_timestamp(row.get("answer_stamp"))
    if not call_uuid or not started_at:
        return None
    record = CallRecord(call_uuid, started_at, read_count(row.get("talk_duration")), read_label(row.get("queue")))
    return WireRow(record.started_at, record.call_uuid, record)


class CallList:
    """Answers as the vendor would: JSON, page by page, for a window."""

    def __init__(self, records: Sequence[CallRecord], *, is_newest_first: bool = True) -> None:
        self.records = sorted(records, key=lambda record: record.started_at, reverse=is_newest_first)
        self.windows: list[TimeWindow] = []

    def __repr__(self) -> str:
        return f"CallList({self.records})"

    async def fetch(self, window: TimeWindow, number: int, size: int) -> WirePage[CallRecord]:
        self.windows.append(window)
        low, high = (datetime.strptime(bound, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) for bound in window.bounds)
        assert high - low <= timedelta(days=31)
        size = min(size, 4)
        found = [record for record in self.records if low <= record.started_at <= high]
        rows = [
            {
                "call_uuid": record.call_uuid,
                "answer_stamp": f"{record.started_at:%Y-%m-%d %H:%M:%S} +0000",
                "talk_duration": str(record.talk_seconds),
                "queue": record.queue,
            }
            for record in found[(number - 1) * size : number * size]
        ]
        pagination = {"total_count": len(found), "total_pages": -(-len(found) // size)}
        return parse_calls(json.dumps({"cdrs": rows, "pagination": pagination}).encode())


def read_pages(
    calls: CallList,
    limit: int,
    keep: Keep[CallRecord] | None = None,
    sees: Sees[CallRecord] | None = None,
) -> list[ListPage[CallRecord]]:
    async def read() -> list[ListPage[CallRecord]]:
        query, pages = QUERY, []
        while True:
            pages.append(await Pager(calls.fetch, query, limit, keep, sees=sees).page())
            if pages[-1].after is None:
                return pages
            query = QUERY.model_copy(update={"after": pages[-1].after, "total_count": pages[-1].total_count})

    return asyncio.run(read())


edges = [window.low for window in cut_windows(START, END)]
moments = st.sampled_from([edge + timedelta(seconds=n) for edge in edges for n in (-1, 0, 1)]) | st.integers(
    0, 70 * 86_400
).map(lambda seconds: START + timedelta(seconds=seconds))
records = st.builds(
    CallRecord,
    call_uuid=st.integers(0, 10**9).map("call-{}".format),
    started_at=moments,
    talk_seconds=st.integers(0, 3600),
    queue=st.sampled_from(["Satış", "Servis"]),
)
call_lists = st.builds(
    CallList,
    st.lists(records, max_size=25, unique_by=lambda record: record.call_uuid),
    is_newest_first=st.booleans(),
)


@given(call_lists, st.integers(1, 30))
def test_call_records_are_paged_in_full_once_each_and_newest_first(calls: CallList, limit: int) -> None:
    pages = read_pages(calls, limit)
    listed = [record for page in pages for record in page.rows]
    assert Counter(listed) == Counter(record for record in calls.records if START <= record.started_at <= END)
    assert all(newer.started_at >= older.started_at for newer, older in pairwise(listed))
    assert all(len(page.rows) <= limit for page in pages)


@given(call_lists, st.integers(1, 8))
def test_a_filter_of_ours_keeps_the_call_records_that_it_names(calls: CallList, limit: int) -> None:
    async def keep_service(rows: Sequence[CallRecord]) -> Container[str]:
        return {record.call_uuid for record in rows if record.queue == "Servis"}

    in_range = [record for record in calls.records if START <= record.started_at <= END]
    listed = [record for page in read_pages(calls, limit, keep_service) for record in page.rows]
    assert Counter(listed) == Counter(record for record in in_range if record.queue == "Servis")


close_together = st.builds(
    CallRecord,
    call_uuid=st.integers(0, 10**9).map("call-{}".format),
    started_at=st.integers(0, 4).map(lambda seconds: END - timedelta(seconds=seconds)),
    talk_seconds=st.just(1),
    queue=st.sampled_from(["Satış", "Servis"]),
)
crowded = st.builds(
    CallList,
    st.lists(close_together, max_size=25, unique_by=lambda record: record.call_uuid),
    is_newest_first=st.booleans(),
)


@pytest.mark.parametrize("budget", [1, 2, 30])
@given(calls=call_lists | crowded, limit=st.integers(1, 8), filters=st.booleans())
def test_rows_that_must_not_be_seen_leave_no_trace_in_any_page(
    budget: int, calls: CallList, limit: int, *, filters: bool
) -> None:
    def sees(record: CallRecord) -> bool:
        return record.queue == "Servis"

    async def keep_all(rows: Sequence[CallRecord]) -> Container[str]:
        assert all(map(sees, rows))
        return {record.call_uuid for record in rows}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vm_mcp.pbx.paging.REQUEST_BUDGET", budget)
        pages = read_pages(calls, limit, keep_all if filters else None, sees)
    seen = [record for record in calls.records if START <= record.started_at <= END and sees(record)]
    assert Counter(record for page in pages for record in page.rows) == Counter(seen)
    hidden = {record.call_uuid for record in calls.records if not sees(record)}
    assert not hidden & {page.after.uuid for page in pages if page.after}
    assert {page.total_count for page in pages} <= {None, len(seen)}


@pytest.mark.parametrize(("limit", "pages"), [(4, 2), (5, 1), (6, 1)])
def test_a_page_that_takes_exactly_all_there_is_has_none_after_it(limit: int, pages: int) -> None:
    calls = [CallRecord(f"call-{n}", END - timedelta(minutes=n), n, "Servis") for n in range(5)]
    assert len(read_pages(CallList(calls), limit)) == pages


def test_a_range_is_asked_for_in_the_windows_it_is_cut_into() -> None:
    calls = CallList([])
    assert read_pages(calls, 10) == [ListPage((), 0, None)]
    assert calls.windows == list(cut_windows(START, END))
    assert calls.windows[0].high - calls.windows[0].low == SPAN


def test_a_row_that_its_parser_refuses_is_left_out() -> None:
    page = parse_calls(b'{"cdrs": [{"call_uuid": "c1", "answer_stamp": "2026-01-01 09:00:00 +0300"}, {}, 7]}')
    assert [listed.row_id for listed in page.rows] == ["c1"]
    assert page.rows[0].row == CallRecord("c1", datetime(2026, 1, 1, 6, tzinfo=UTC), None, "")


def test_paging_imports_no_module_of_voicemail() -> None:
    code = (
        "import sys, vm_mcp.pbx.paging\n"
        "sys.exit(any(name.startswith(('vm_mcp.pbx.voicemail', 'httpx')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
