"""The call records endpoint: list calls."""

from vm_mcp.call_records import CallRecord, CallRecordPage
from vm_mcp.models import PageQuery
from vm_mcp.pbx.call_wire import parse_call_records
from vm_mcp.pbx.paging import Pager
from vm_mcp.pbx.request_limits import OptionalPart, RequestBudget, check_list, within
from vm_mcp.pbx.time_windows import TimeWindow
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.vendor import CALL_RECORD_REQUESTS, CALL_RECORD_SECONDS
from vm_mcp.pbx.wire import WirePage

LIST_SECONDS = 40.0
"""For all requests of one list."""
MOST_WAIT_SECONDS = 3.0
"""For one request's turn. Whoever asks has the records of a few minutes ago, and shows these instead."""
_MARGIN_SECONDS = 1.0
"""Requests sent a minute apart may arrive closer together."""


class CallService:
    """The account's call records; `PbxClient.calls`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        budget = RequestBudget(CALL_RECORD_REQUESTS, CALL_RECORD_SECONDS + _MARGIN_SECONDS, MOST_WAIT_SECONDS)
        # A retry after a 429 would only spend what is left of the minute.
        self._part = OptionalPart("call records", budget, busy_seconds=CALL_RECORD_SECONDS)

    async def list(self, query: PageQuery, limit: int) -> CallRecordPage:
        """List call records, newest first, of all directions: a hundred in a request, and six requests a minute.

        Where the limit is reached after some were read, these are returned, with a ``next_query`` for the rest.

        Args:
            query: A range of time; to continue, the `CallRecordPage.next_query` of the page before.
            limit: Most records to return, 1 or more. Up to nine fewer come where they would take another request.

        Raises:
            InputError: ``limit`` is under 1, or the range is reversed, over 366 days or outside 2000 to 2099.
            PbxForbiddenError: The API key has no right to call records.
            PbxRateLimitError: The limit was reached before any was read; it says when to try again.
            PbxError: Any other of its kinds; an empty page never stands for an error.
        """
        check_list(query, limit)
        page = await within(LIST_SECONDS, Pager(self._fetch, query, limit, is_limited=True).page())
        following = query.model_copy(update={"after": page.after}) if page.after else None
        return CallRecordPage(records=page.rows, next_query=following)

    async def _fetch(self, window: TimeWindow, number: int, size: int) -> WirePage[CallRecord]:
        params = window.params | {"limit": str(size), "page": str(number)}
        return parse_call_records(await self._transport.get_optional("/cdrs", params, self._part))
