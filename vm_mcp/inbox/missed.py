"""Missed calls that left no message, by caller, and whether anybody called back."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.callbacks import MissedCaller, missed_callers
from vm_mcp.dates import short_time
from vm_mcp.errors import PbxError
from vm_mcp.inbox.outcomes import MissedCall, MissedPage
from vm_mcp.inbox.overview import LOOKED_AT
from vm_mcp.inbox.requests import ListRequest, MissedRequest
from vm_mcp.people import Access
from vm_mcp.wording import plural, sentences, words

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.listing import Listing
    from vm_mcp.inbox.neighbours import Neighbours
    from vm_mcp.inbox.surroundings import Surroundings


class MissedCalls:
    """One account's missed calls, from the call records."""

    def __init__(self, account: "Account", listing: "Listing", neighbours: "Neighbours") -> None:
        self._account = account
        self._listing = listing
        self._neighbours = neighbours

    async def page(self, request: MissedRequest) -> MissedPage:
        """Return missed calls, the latest caller first; marks nothing as read.

        The messages of that time are listed too, of every mailbox that is seen: a call that left one is not missed.

        Raises:
            InputError: A date or the range is unusable.
            ConfigError: No API key, or an unusable address.
            PbxError: The call records can't be had, or the PBX could not answer; never mistaken for no missed call.
            ArchiveError: The archive can't be used, and call records are only kept there.
        """
        messages = await self._listing.page(ListRequest(since=request.since, until=request.until, limit=LOOKED_AT))
        since = messages.listed_since or messages.since  # the calls of older messages would seem to have left none
        around = await self._neighbours.surroundings(since)
        found = missed_in(around, since, messages.until)
        if found is None:
            raise PbxError(
                "Missed calls are not known, since there are no call records. {notice}", notice=around.notice
            )
        wanted = {"yes": True, "no": False}.get(request.returned)
        matching = [each for each in found if wanted is None or each.is_returned is wanted]
        shown_since = max(since, around.known_since or since)
        notices = (
            self._account.access.hidden_notice(request.extension) or seen_calls_notice(self._account.access),
            unplaced_notice(matching, request.extension),
            self._beginning_notice(shown_since) if shown_since > messages.since else "",
            around.notice,
        )
        return MissedPage(
            callers=to_extension(matching, request.extension),
            since=shown_since,
            until=messages.until,
            notice=sentences(*notices),
        )

    def _beginning_notice(self, since: datetime) -> str:
        zone = self._account.settings.zone
        begin = short_time(since.astimezone(zone), self._account.now().astimezone(zone))
        return words(
            "What was missed before is not known: call records that can be told from messages begin at {time}.",
            time=begin,
        )


def missed_in(around: "Surroundings", since: datetime, until: datetime) -> tuple[MissedCall, ...] | None:
    """Return the missed calls of a time, the latest caller first; None if there are no call records.

    Args:
        around: The call records.
        since: Missed then or later,
        until: up to then.
    """
    if around.history is None:
        return None
    return tuple(_with_names(caller, around) for caller in missed_callers(around.history, since, until))


def to_extension(callers: Iterable[MissedCall], extension: str) -> tuple[MissedCall, ...]:
    """Return those who called an extension; all if it is empty."""
    return tuple(caller for caller in callers if not extension or extension in caller.extensions)


def unplaced_notice(callers: Iterable[MissedCall], extension: str) -> str:
    """Return how many are left out although they may have called an extension; empty if none are."""
    count = sum(not caller.extensions for caller in callers)
    if not extension or not count:
        return ""
    return plural(
        "{count} caller is left out of whose calls the phone system recorded only the line: list without `extension` "
        "to see them.",
        "{count} callers are left out of whose calls the phone system recorded only the line: list without `extension` "
        "to see them.",
        count,
    )


def seen_calls_notice(access: Access) -> str:
    """Return which missed calls are shown to somebody who may see only some mailboxes; empty for all others."""
    if not access.extensions:
        return ""
    return words(
        "Only missed calls to {mailboxes} are shown, and none of which the phone system recorded only the line.",
        mailboxes=access.mailboxes,
    )


def _with_names(caller: MissedCaller, around: "Surroundings") -> MissedCall:
    by_name = {around.people.extension_of(name) for name in caller.extension_names} - {""}
    return MissedCall(
        **dict(caller)
        | {
            "callback": around.with_extension(caller.callback),
            "extensions": caller.extensions or tuple(sorted(by_name)),
            "contacts": around.people.contacts_of(caller.caller_id_number),
        }
    )
