"""Lists of messages, and one message alone."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedPage, ListedVoicemail
from vm_mcp.views.fitting import fit_voicemails
from vm_mcp.views.notices import join_notices, list_notice
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    MessageRow,
    OptionalInt,
    Timestamp,
    VoicemailItem,
    beginning_cell,
    clock_time,
    message_cells,
    timestamp,
)
from vm_mcp.views.view import View, tab_separated

_COLUMNS = ("uuid", *MESSAGE_COLUMNS, "seconds", "read", "heard by", "transcript begins")


class VoicemailList(BaseModel):
    """Answer of list_voicemails."""

    voicemails: list[VoicemailItem]
    since: Timestamp = ""
    until: Timestamp = ""
    total_count: Annotated[OptionalInt, Field(description="Matches over all pages; left out while unknown")] = None
    truncated: Annotated[bool, Field(description="True: more match than are shown")] = False
    next_cursor: Annotated[str, Field(description="Pass it as `cursor` for the next page")] = ""
    notice: str = ""


def voicemail_list(page: ListedPage, zone: ZoneInfo) -> View[VoicemailList]:
    """Show a page of messages, times in ``zone``."""
    items = [VoicemailItem.of(listed, zone) for listed in page.voicemails]
    fitted = fit_voicemails(items)
    content = VoicemailList(
        voicemails=items,
        since=timestamp(page.since, zone),
        until=timestamp(page.until, zone),
        total_count=page.total_count,
        truncated=bool(page.next_cursor),
        next_cursor=page.next_cursor,
        notice=join_notices(_quoting_notice(items), page.notice, fitted),
    )
    return View("\n".join(_lines(content, zone)), content)


def one_voicemail(listed: ListedVoicemail, zone: ZoneInfo) -> View[VoicemailList]:
    """Show one message, times in ``zone``."""
    items = [VoicemailItem.of(listed, zone)]
    content = VoicemailList(voicemails=items, total_count=1, notice=_quoting_notice(items))
    return View("\n".join(_lines(content, zone)), content)


def message_document(listed: ListedVoicemail, zone: ZoneInfo) -> str:
    """Return one message as JSON, for a reader of its resource."""
    items = [VoicemailItem.of(listed, zone)]
    content = VoicemailList(voicemails=items, notice=_quoting_notice(items))
    return content.model_dump_json(exclude_defaults=True, indent=2)


def message_title(listed: ListedVoicemail, zone: ZoneInfo) -> str:
    """Return one message as a title: who, when, for which mailbox."""
    row = MessageRow.of(listed, zone)
    caller = row.caller_id_name or row.caller_id_number or "number hidden"
    return ", ".join(part for part in (caller, clock_time(row.received_at), row.extension) if part)


def _quoting_notice(items: list[VoicemailItem]) -> str:
    return list_notice(item.first_line for item in items) if items else ""


def _lines(content: VoicemailList, zone: ZoneInfo) -> Iterator[str]:
    counted = f" of {content.total_count}" if content.total_count is not None else ""
    bounds = f", newest first, {content.since} to {content.until}" if content.since else ""
    yield f"{len(content.voicemails)}{counted} voicemails{bounds}."
    if not content.voicemails:
        yield "No message matches."
    yield join_notices(content.notice, f"Times are in {zone.key}.")
    if content.voicemails:
        yield tab_separated(_COLUMNS)
    yield from (tab_separated(_cells(item)) for item in content.voicemails)
    if content.next_cursor:
        yield f"truncated: more match; next_cursor: {content.next_cursor}"


def _cells(item: VoicemailItem) -> tuple[str, ...]:
    return (
        item.uuid,
        *message_cells(item),
        "?" if item.duration_seconds is None else str(item.duration_seconds),
        clock_time(item.read_at) or ("yes" if item.is_read else "no"),
        item.heard_by or "?",
        beginning_cell(item.first_line, no_speech=item.no_speech, not_understood=item.not_understood),
    )
