"""Lists of messages, one message alone, and what a person said of some."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedPage, ListedVoicemail
from vm_mcp.text import counted
from vm_mcp.views.fitting import fit_voicemails
from vm_mcp.views.notices import join_notices, list_notice
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    MessageRow,
    OptionalInt,
    Owners,
    Timestamp,
    VoicemailItem,
    beginning_cell,
    clock_time,
    message_cells,
    owners_of,
    owners_text,
    timestamp,
)
from vm_mcp.views.view import View, tab_separated

_COLUMNS = ("uuid ends in", *MESSAGE_COLUMNS, "seconds", "heard by", "state", "transcript begins")
LOCAL = "Kept on this computer only; the phone system and its read marks are unchanged."
SHARED = "Kept for the whole team; the phone system and its read marks are unchanged."


class VoicemailList(BaseModel):
    """Answer of list_voicemails."""

    voicemails: list[VoicemailItem]
    owners: Owners = {}
    since: Timestamp = ""
    until: Timestamp = ""
    total_count: Annotated[OptionalInt, Field(description="Matches over all pages; left out while unknown")] = None
    truncated: Annotated[bool, Field(description="True: more match than are shown")] = False
    next_cursor: Annotated[str, Field(description="Pass it as `cursor` for the next page")] = ""
    notice: str = ""


class MarkedList(BaseModel):
    """Answer of update_voicemails."""

    voicemails: list[MessageRow]
    notice: str = ""


def voicemail_list(page: ListedPage, zone: ZoneInfo) -> View[VoicemailList]:
    """Show a page of messages, times in ``zone``."""
    items = [VoicemailItem.of_message(listed, zone, page.until) for listed in page.voicemails]
    fitted = fit_voicemails(items)
    content = VoicemailList(
        voicemails=items,
        owners=owners_of(page.voicemails),
        since=timestamp(page.since, zone),
        until=timestamp(page.until, zone),
        total_count=page.total_count,
        truncated=bool(page.next_cursor),
        next_cursor=page.next_cursor,
        notice=join_notices(_quoting_notice(items), page.notice, fitted),
    )
    year = page.until.astimezone(zone).year
    return View("\n".join(_lines(content, zone, year)), content, year)


def one_voicemail(listed: ListedVoicemail, zone: ZoneInfo, now: datetime) -> View[VoicemailList]:
    """Show one message, times in ``zone``; ``now`` is the current time, aware."""
    items = [VoicemailItem.of_message(listed, zone, now)]
    content = VoicemailList(voicemails=items, owners=owners_of([listed]), total_count=1, notice=_quoting_notice(items))
    year = now.astimezone(zone).year
    return View("\n".join(_lines(content, zone, year)), content, year)


def marked_voicemails(listed: Sequence[ListedVoicemail], zone: ZoneInfo, now: datetime) -> View[MarkedList]:
    """Show what a person said of messages, times in ``zone``; ``now`` is the current time, aware."""
    content = MarkedList(
        voicemails=[MessageRow.of_message(each, zone, now) for each in listed],
        notice=join_notices(SHARED if any(each.marked_by for each in listed) else LOCAL, list_notice(())),
    )
    year = now.astimezone(zone).year
    return View("\n".join(_marked_lines(content, year)), content, year)


def message_document(listed: ListedVoicemail, zone: ZoneInfo, now: datetime) -> str:
    """Return one message as JSON, for a reader of its resource; ``now`` is the current time, aware."""
    items = [VoicemailItem.of_message(listed, zone, now)]
    content = VoicemailList(voicemails=items, owners=owners_of([listed]), notice=_quoting_notice(items))
    return content.model_dump_json(exclude_defaults=True, indent=2)


def message_title(listed: ListedVoicemail, zone: ZoneInfo) -> str:
    """Return one message as a title: who, when, for which mailbox."""
    row = MessageRow.of(listed, zone)
    caller = row.caller_id_name or row.contact or row.caller_id_number or "number hidden"
    return ", ".join(part for part in (caller, clock_time(row.received_at), row.extension) if part)


def _quoting_notice(items: list[VoicemailItem]) -> str:
    return list_notice(item.first_line for item in items) if items else ""


def _lines(content: VoicemailList, zone: ZoneInfo, year: int) -> Iterator[str]:
    shown, total = len(content.voicemails), content.total_count
    voicemails = counted(shown, "voicemail") if total is None else f"{shown} of {counted(total, 'voicemail')}"
    bounds = f", newest first, {clock_time(content.since, year)} to {clock_time(content.until, year)}"
    yield f"{voicemails}{bounds if content.since else ''}, {zone.key}."
    if not content.voicemails:
        yield "No message matches."
    yield from filter(None, (content.notice, owners_text(content.owners)))
    if content.voicemails:
        yield tab_separated(_COLUMNS)
    yield from (tab_separated(_cells(item, year)) for item in content.voicemails)
    if content.next_cursor:
        yield f"truncated: more match; next_cursor: {content.next_cursor}"


def _cells(item: VoicemailItem, year: int) -> tuple[str, ...]:
    return (
        item.short_uuid,
        *message_cells(item, year),
        "?" if item.duration_seconds is None else str(item.duration_seconds),
        item.heard_cell(year),
        item.state_cell,
        beginning_cell(item.first_line, no_speech=item.no_speech, not_understood=item.not_understood),
    )


def _marked_lines(content: MarkedList, year: int) -> Iterator[str]:
    yield f"{counted(len(content.voicemails), 'voicemail')}. {content.notice}"
    yield tab_separated(("uuid ends in", *MESSAGE_COLUMNS, "state"))
    for item in content.voicemails:
        yield tab_separated((item.short_uuid, *message_cells(item, year), item.state_cell))
