"""The overview of an inbox, and missed calls alone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import MissedCall, MissedPage, Overview
from vm_mcp.text import counted, were
from vm_mcp.views.notices import join_notices, list_notice
from vm_mcp.views.overview_rows import MISSED_COLUMNS, WAITING_COLUMNS, MailboxItem, MissedItem, WaitingItem
from vm_mcp.views.rows import NOT_KNOWN, OptionalInt, Timestamp, clock_time, timestamp
from vm_mcp.views.view import View, tab_separated

MOST_CALLERS = 30
"""Callers shown. They are sorted by how long they have waited, so those left out have waited less."""


class InboxOverview(BaseModel):
    """Answer of show_inbox."""

    since: Timestamp
    until: Timestamp
    messages: Annotated[int, Field(description="How many were looked at")]
    truncated: Annotated[bool, Field(description="True: older ones were not looked at")] = False
    unread: int
    unheard: Annotated[
        OptionalInt,
        Field(description="Unread, or marked as read by this assistant alone; left out while not known"),
    ] = None
    open: Annotated[OptionalInt, Field(description="Neither called back nor closed, whoever heard them")] = None
    mailboxes: list[MailboxItem] = []
    waiting: Annotated[list[WaitingItem], Field(description="Callers with open messages, longest wait first")] = []
    waiting_count: Annotated[int, Field(description="All who wait, shown or not")] = 0
    missed: Annotated[
        list[MissedItem], Field(description="Missed calls without a message, not called back; the latest first")
    ] = []
    missed_count: Annotated[OptionalInt, Field(description="All of them, shown or not; left out if not known")] = None
    missed_returned: Annotated[int, Field(description="Callers beside these who were called back")] = 0
    notice: str = ""


class MissedCallList(BaseModel):
    """Answer of list_missed_calls."""

    callers: Annotated[list[MissedItem], Field(description="The latest first")]
    total_count: Annotated[int, Field(description="All callers that match, shown or not")]
    since: Timestamp
    until: Timestamp
    notice: str = ""


def inbox_overview(found: Overview, zone: ZoneInfo) -> View[InboxOverview]:
    """Show how much is in the mailboxes, who is waiting and who was missed, times in ``zone``."""
    waiting = [WaitingItem.of_caller(caller, zone, found.until) for caller in found.waiting[:MOST_CALLERS]]
    not_returned = [missed for missed in found.missed or () if not missed.is_returned]
    content = InboxOverview(
        since=timestamp(found.since, zone),
        until=timestamp(found.until, zone),
        messages=found.messages,
        truncated=found.truncated,
        unread=found.unread,
        unheard=found.unheard,
        open=found.open,
        mailboxes=[MailboxItem(**dict(mailbox)) for mailbox in found.mailboxes],
        waiting=waiting,
        waiting_count=len(found.waiting),
        missed=_missed(not_returned, zone, found.until),
        missed_count=None if found.missed is None else len(not_returned),
        missed_returned=len(found.missed or ()) - len(not_returned),
        notice=join_notices(list_notice(caller.first_line for caller in waiting), found.notice),
    )
    year = found.until.astimezone(zone).year
    return View("\n".join(_lines(content, zone, year)), content, year)


def missed_calls(page: MissedPage, zone: ZoneInfo) -> View[MissedCallList]:
    """Show missed calls that left no message, times in ``zone``."""
    content = MissedCallList(
        callers=_missed(page.callers, zone, page.until),
        total_count=len(page.callers),
        since=timestamp(page.since, zone),
        until=timestamp(page.until, zone),
        notice=join_notices(list_notice(()), page.notice),
    )
    year = page.until.astimezone(zone).year
    return View("\n".join(_missed_lines(content, zone, year)), content, year)


def _missed(callers: Sequence[MissedCall], zone: ZoneInfo, now: datetime) -> list[MissedItem]:
    return [MissedItem.of_missed(caller, zone, now) for caller in callers[:MOST_CALLERS]]


def _missed_lines(content: MissedCallList, zone: ZoneInfo, year: int) -> Iterator[str]:
    yield (
        f"{_callers(len(content.callers), content.total_count)} who {were(content.total_count)} missed and left no "
        f"message, {_range(content, year)}, {zone.key}."
    )
    yield content.notice
    if content.callers:
        yield tab_separated(MISSED_COLUMNS)
    yield from (tab_separated(caller.missed_cells(year)) for caller in content.callers)


def _lines(content: InboxOverview, zone: ZoneInfo, year: int) -> Iterator[str]:
    yield (
        f"{counted(content.messages, 'voicemail')}, {_range(content, year)}, {zone.key}: {_count(content.open)} open, "
        f"{content.unread} unread, {_count(content.unheard)} unheard (unread, or opened by this assistant alone)."
    )
    if content.truncated:
        yield f"truncated: only the newest {content.messages} were looked at; older ones may wait longer."
    yield content.notice
    yield from map(tab_separated, _mailbox_cells(content))
    what = "with open messages" if content.open is not None else "with unread messages"
    yield f"{_callers(len(content.waiting), content.waiting_count)} {what}, longest wait first."
    if content.waiting:
        yield tab_separated(WAITING_COLUMNS)
    yield from (tab_separated(caller.waiting_cells(year)) for caller in content.waiting)
    yield from _missed_part(content, year)


def _missed_part(content: InboxOverview, year: int) -> Iterator[str]:
    if content.missed_count is None:
        yield "Missed calls without a message are not known."
        return
    more = content.missed_returned
    returned = f"; {more} more {were(more)} called back" if more else ""
    verb = were(content.missed_count)
    shown = _callers(len(content.missed), content.missed_count)
    yield f"{shown} {verb} missed, left no message and {verb} not called back{returned}."
    if content.missed:
        yield tab_separated(MISSED_COLUMNS)
    yield from (tab_separated(caller.missed_cells(year)) for caller in content.missed)


def _range(content: InboxOverview | MissedCallList, year: int) -> str:
    return f"{clock_time(content.since, year)} to {clock_time(content.until, year)}"


def _callers(shown: int, total: int) -> str:
    callers = counted(total, "caller")
    return callers if shown == total else f"{shown} of {callers}"


def _mailbox_cells(content: InboxOverview) -> Iterator[tuple[str, ...]]:
    if content.mailboxes:
        yield "extension", "owner", "messages", "open", "unread", "unheard"
    for mailbox in content.mailboxes:
        yield (
            mailbox.extension or NOT_KNOWN,
            mailbox.owner or NOT_KNOWN,
            str(mailbox.messages),
            _count(mailbox.open),
            str(mailbox.unread),
            _count(mailbox.unheard),
        )


def _count(known: int | None) -> str:
    return "an unknown number" if known is None else str(known)
