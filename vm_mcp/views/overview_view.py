"""The overview of an inbox."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedVoicemail, Overview
from vm_mcp.views.notices import join_notices, list_notice
from vm_mcp.views.rows import (
    NOT_KNOWN,
    MailboxItem,
    OldestItem,
    OptionalInt,
    Timestamp,
    WaitingItem,
    beginning_cell,
    clock_time,
    message_cells,
    timestamp,
)
from vm_mcp.views.view import View, tab_separated

MOST_CALLERS = 30
"""Callers shown. They are sorted by how long they have waited, so those left out have waited less."""

_WAITING_COLUMNS = (
    "name", "number", "calls", "since", "latest", "extensions", "uuid of the latest", "its transcript begins"
)  # fmt: skip


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
    mailboxes: list[MailboxItem] = []
    oldest_unread: Annotated[OldestItem, Field(description="Left out if there is none")] = OldestItem()
    oldest_unheard: Annotated[OldestItem, Field(description="Left out if there is none")] = OldestItem()
    waiting: Annotated[list[WaitingItem], Field(description="Longest wait first")] = []
    waiting_count: Annotated[int, Field(description="All who wait, shown or not")] = 0
    notice: str = ""


def inbox_overview(found: Overview, zone: ZoneInfo) -> View[InboxOverview]:
    """Show how much is in the mailboxes and who is waiting, times in ``zone``."""
    waiting = [WaitingItem.of(caller, zone) for caller in found.waiting[:MOST_CALLERS]]
    content = InboxOverview(
        since=timestamp(found.since, zone),
        until=timestamp(found.until, zone),
        messages=found.messages,
        truncated=found.truncated,
        unread=found.unread,
        unheard=found.unheard,
        mailboxes=[MailboxItem.of(mailbox, zone) for mailbox in found.mailboxes],
        oldest_unread=_oldest(found.oldest_unread, zone),
        oldest_unheard=_oldest(found.oldest_unheard, zone),
        waiting=waiting,
        waiting_count=len(found.waiting),
        notice=join_notices(list_notice(caller.latest_begins for caller in waiting), found.notice),
    )
    return View("\n".join(_lines(content, zone)), content)


def _lines(content: InboxOverview, zone: ZoneInfo) -> Iterator[str]:
    yield (
        f"{content.messages} voicemails, {content.unread} unread, {_count(content.unheard)} unheard (unread, or marked "
        f"as read by this assistant alone), {content.since} to {content.until}."
    )
    if content.truncated:
        yield f"truncated: only the newest {content.messages} were looked at; older ones may wait longer."
    yield f"{content.notice} Times are in {zone.key}."
    yield from map(tab_separated, _mailbox_cells(content))
    for name, oldest in (("unread", content.oldest_unread), ("unheard", content.oldest_unheard)):
        if oldest.uuid:
            yield tab_separated((f"oldest {name}", *message_cells(oldest), oldest.uuid))
    shown = f", the {MOST_CALLERS} who wait longest" if content.waiting_count > len(content.waiting) else ""
    yield f"{content.waiting_count} callers whom no person has heard yet{shown}, longest wait first."
    if content.waiting:
        yield tab_separated(_WAITING_COLUMNS)
    yield from (tab_separated(_waiting_cells(caller)) for caller in content.waiting)


def _mailbox_cells(content: InboxOverview) -> Iterator[tuple[str, ...]]:
    if content.mailboxes:
        yield "extension", "messages", "unread", "unheard"
    for mailbox in content.mailboxes:
        yield mailbox.extension or NOT_KNOWN, str(mailbox.messages), str(mailbox.unread), _count(mailbox.unheard)


def _waiting_cells(caller: WaitingItem) -> tuple[str, ...]:
    return (
        caller.caller_id_name or NOT_KNOWN,
        caller.caller_id_number or NOT_KNOWN,
        str(caller.calls),
        clock_time(caller.since) or "?",
        clock_time(caller.latest_at) or "?",
        ", ".join(caller.extensions) or NOT_KNOWN,
        caller.latest_uuid,
        beginning_cell(caller.latest_begins, no_speech=caller.no_speech, not_understood=caller.not_understood),
    )


def _oldest(voicemail: ListedVoicemail | None, zone: ZoneInfo) -> OldestItem:
    return OldestItem.of(voicemail, zone) if voicemail else OldestItem()


def _count(known: int | None) -> str:
    return "an unknown number" if known is None else str(known)
