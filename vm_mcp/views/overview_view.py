"""What show_inbox answers."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedVoicemail, Overview, WaitingCaller
from vm_mcp.views.formatting import Stamp, local, quoted, result, stamp

MOST_CALLERS = 30
"""Callers shown; who comes after them has waited less long."""

Name = Annotated[str, Field(description="Quoted from the caller")]


class MailboxItem(BaseModel):
    """Counts of one mailbox."""

    extension: str = ""
    messages: int
    unread: int
    unheard: Annotated[int, Field(description="Left out while it can't be told")] = -1


class OldestItem(BaseModel):
    """The message that lies there longest."""

    uuid: str = ""
    received_at: Stamp = ""
    caller_id_name: Name = ""
    caller_id_number: str = ""
    extension: str = ""


class WaitingItem(BaseModel):
    """A caller whom no person has heard."""

    caller_id_name: Name = ""
    caller_id_number: Annotated[str, Field(description="Left out when hidden")] = ""
    calls: Annotated[int, Field(description="Messages of theirs that nobody has heard")]
    since: Annotated[Stamp, Field(description="When the first of them was left")] = ""
    latest_at: Stamp = ""
    latest_uuid: str
    extensions: list[str] = []
    latest_begins: Annotated[str, Field(description="How the latest transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True when no words could be made out in the latest")] = False


class InboxOverview(BaseModel):
    """Answer of show_inbox."""

    since: Stamp
    until: Stamp
    messages: Annotated[int, Field(description="How many were looked at")]
    truncated: Annotated[bool, Field(description="True when there are older ones that were not looked at")] = False
    unread: int
    unheard: Annotated[
        int, Field(description="Unread, or marked as read by this assistant alone; left out while it can't be told")
    ] = -1
    mailboxes: list[MailboxItem] = []
    oldest_unread: Annotated[OldestItem, Field(description="Left out when there is none")] = OldestItem()
    oldest_unheard: Annotated[OldestItem, Field(description="Left out when there is none")] = OldestItem()
    waiting: Annotated[list[WaitingItem], Field(description="The longest-waiting first")] = []
    waiting_count: Annotated[int, Field(description="All who wait, shown or not")] = 0
    notice: str = ""


def inbox_overview(found: Overview, zone: ZoneInfo) -> CallToolResult:
    """Show what lies in the mailboxes and who waits, times in ``zone``."""
    answer = InboxOverview(
        since=stamp(found.since, zone),
        until=stamp(found.until, zone),
        messages=found.messages,
        truncated=found.is_partial,
        unread=found.unread,
        unheard=_count(found.unheard),
        mailboxes=[
            MailboxItem(extension=box.extension, messages=box.messages, unread=box.unread, unheard=_count(box.unheard))
            for box in found.mailboxes
        ],
        oldest_unread=_oldest(found.oldest_unread, zone),
        oldest_unheard=_oldest(found.oldest_unheard, zone),
        waiting=[_waiting(caller, zone) for caller in found.waiting[:MOST_CALLERS]],
        waiting_count=len(found.waiting),
        notice=f"{quoted(caller.latest for caller in found.waiting[:MOST_CALLERS])} {found.notice}".strip(),
    )
    return result("\n".join(_lines(answer, found, zone)), answer)


def _lines(answer: InboxOverview, found: Overview, zone: ZoneInfo) -> Iterator[str]:
    yield (
        f"{answer.messages} voicemails, {answer.unread} unread, {_shown(answer.unheard)} unheard (unread, or marked as "
        f"read by this assistant alone), {answer.since} to {answer.until}."
    )
    if answer.truncated:
        yield f"truncated: only the newest {answer.messages} were looked at; older ones may wait longer."
    yield f"{answer.notice} Times are in {zone.key}."
    yield from ("\t".join(row) for row in _mailbox_rows(answer))
    for name, oldest in (("unread", found.oldest_unread), ("unheard", found.oldest_unheard)):
        if oldest:
            yield "\t".join([f"oldest {name}", *_oldest_row(oldest, zone)])
    shown = f", the {MOST_CALLERS} who wait longest" if answer.waiting_count > len(answer.waiting) else ""
    yield f"{answer.waiting_count} callers whom no person has heard yet{shown}, longest wait first."
    if answer.waiting:
        yield "name\tnumber\tcalls\tsince\tlatest\textensions\tuuid of the latest\tits transcript begins"
    yield from ("\t".join(_waiting_row(caller, zone)) for caller in found.waiting[:MOST_CALLERS])


def _mailbox_rows(answer: InboxOverview) -> Iterator[tuple[str, ...]]:
    if answer.mailboxes:
        yield "extension", "messages", "unread", "unheard"
    for box in answer.mailboxes:
        yield box.extension or "-", str(box.messages), str(box.unread), _shown(box.unheard)


def _oldest_row(voicemail: ListedVoicemail, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        local(voicemail.received_at, zone),
        voicemail.caller_id_name or "-",
        voicemail.caller_id_number or "-",
        voicemail.extension or "-",
        voicemail.uuid,
    )


def _waiting_row(caller: WaitingCaller, zone: ZoneInfo) -> tuple[str, ...]:
    latest = caller.latest
    return (
        latest.caller_id_name or "-",
        latest.caller_id_number or "-",
        str(caller.unheard),
        local(caller.since, zone) or "?",
        local(latest.received_at, zone) or "?",
        ", ".join(caller.extensions) or "-",
        latest.uuid,
        "(no speech)" if latest.is_no_speech else latest.first_line or "-",
    )


def _waiting(caller: WaitingCaller, zone: ZoneInfo) -> WaitingItem:
    latest = caller.latest
    return WaitingItem(
        caller_id_name=latest.caller_id_name,
        caller_id_number=latest.caller_id_number,
        calls=caller.unheard,
        since=stamp(caller.since, zone),
        latest_at=stamp(latest.received_at, zone),
        latest_uuid=latest.uuid,
        extensions=list(caller.extensions),
        latest_begins=latest.first_line,
        no_speech=latest.is_no_speech,
    )


def _oldest(voicemail: ListedVoicemail | None, zone: ZoneInfo) -> OldestItem:
    if voicemail is None:
        return OldestItem()
    return OldestItem(
        uuid=voicemail.uuid,
        received_at=stamp(voicemail.received_at, zone),
        caller_id_name=voicemail.caller_id_name,
        caller_id_number=voicemail.caller_id_number,
        extension=voicemail.extension,
    )


def _count(known: int | None) -> int:
    return -1 if known is None else known


def _shown(count: int) -> str:
    return "an unknown number" if count < 0 else str(count)
