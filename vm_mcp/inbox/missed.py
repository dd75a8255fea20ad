"""Missed calls that left no message, by caller, and whether anybody called back."""

from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.callbacks import MissedCaller, missed_callers
from vm_mcp.errors import PbxError
from vm_mcp.inbox.outcomes import MissedCall, MissedPage
from vm_mcp.inbox.overview import LOOKED_AT
from vm_mcp.inbox.requests import ListRequest, MissedRequest

if TYPE_CHECKING:
    from vm_mcp.inbox.listing import Listing
    from vm_mcp.inbox.neighbours import Neighbours
    from vm_mcp.inbox.surroundings import Surroundings


class MissedCalls:
    """One account's missed calls, from the call records."""

    def __init__(self, listing: "Listing", neighbours: "Neighbours") -> None:
        self._listing = listing
        self._neighbours = neighbours

    async def page(self, request: MissedRequest) -> MissedPage:
        """Return missed calls, the latest caller first; marks nothing as read.

        The messages of that time are listed too, of every mailbox: a call that left one is not missed.

        Raises:
            InputError: A date or the range is unusable.
            ConfigError: No API key, or an unusable address.
            PbxError: The call records can't be had, or the PBX could not answer; never mistaken for no missed call.
            ArchiveError: The archive can't be used, and call records are only kept there.
        """
        messages = await self._listing.page(ListRequest(since=request.since, until=request.until, limit=LOOKED_AT))
        around = await self._neighbours.surroundings(messages.since)
        found = missed_in(around, messages.since, messages.until, request.extension)
        if found is None:
            raise PbxError(f"Missed calls are not known, since there are no call records. {around.notice}")
        wanted = {"yes": True, "no": False}.get(request.returned)
        return MissedPage(
            callers=tuple(each for each in found if wanted is None or each.is_returned is wanted),
            since=max(messages.since, around.known_since or messages.since),
            until=messages.until,
            notice=around.notice,
        )


def missed_in(
    around: "Surroundings", since: datetime, until: datetime, extension: str = ""
) -> tuple[MissedCall, ...] | None:
    """Return the missed calls of a time, the latest caller first; None if there are no call records.

    Args:
        around: The call records.
        since: Missed then or later,
        until: up to then.
        extension: Only calls to this one; those of which the PBX recorded only a line of the account are left out.
    """
    if around.history is None:
        return None
    found = [_with_names(caller, around) for caller in missed_callers(around.history, since, until)]
    return tuple(caller for caller in found if not extension or extension in caller.extensions)


def _with_names(caller: MissedCaller, around: "Surroundings") -> MissedCall:
    by_name = {around.extension_of(name) for name in caller.extension_names} - {""}
    return MissedCall(
        **dict(caller)
        | {
            "callback": around.with_extension(caller.callback),
            "extensions": caller.extensions or tuple(sorted(by_name)),
            "contacts": around.contacts_of(caller.caller_id_number),
        }
    )
