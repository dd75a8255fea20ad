"""Lists of messages, and one message alone."""

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedPage, ListedVoicemail
from vm_mcp.views.fitting import fit_voicemails
from vm_mcp.views.notices import join_notices, list_notice
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    NOT_KNOWN,
    OptionalInt,
    Timestamp,
    VoicemailItem,
    clock_time,
    message_cells,
    message_fields,
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
    truncated: Annotated[bool, Field(description="True when more match than are shown")] = False
    next_cursor: Annotated[str, Field(description="Give it as `cursor` for the next page")] = ""
    notice: str = ""


def voicemail_list(page: ListedPage, zone: ZoneInfo) -> View[VoicemailList]:
    """Show a page of messages, times in ``zone``."""
    items = [_voicemail_item(listed, zone) for listed in page.voicemails]
    notice = join_notices(page.notice, fit_voicemails(items))
    content = VoicemailList(
        voicemails=items,
        since=timestamp(page.since, zone),
        until=timestamp(page.until, zone),
        total_count=page.total_count,
        truncated=bool(page.next_cursor),
        next_cursor=page.next_cursor,
        notice=join_notices(list_notice(page.voicemails), notice),
    )
    counted = f" of {page.total_count}" if page.total_count is not None else ""
    title = f"{len(items)}{counted} voicemails, newest first, {content.since} to {content.until}."
    more = f"truncated: more match; next_cursor: {page.next_cursor}" if page.next_cursor else ""
    lines = [title, notice, *_table(page.voicemails, items, zone), more]
    return View("\n".join(line for line in lines if line), content)


def one_voicemail(listed: ListedVoicemail, zone: ZoneInfo) -> View[VoicemailList]:
    """Show the one message that was asked for by uuid."""
    item = _voicemail_item(listed, zone)
    content = VoicemailList(voicemails=[item], total_count=1, notice=list_notice([listed]))
    return View("\n".join(["1 of 1 voicemails.", *_table([listed], [item], zone)]), content)


def message_document(listed: ListedVoicemail, zone: ZoneInfo) -> str:
    """Return one message as JSON, for a reader of its resource."""
    content = VoicemailList(voicemails=[_voicemail_item(listed, zone)], notice=list_notice([listed]))
    return content.model_dump_json(exclude_defaults=True, indent=2)


def _voicemail_item(listed: ListedVoicemail, zone: ZoneInfo) -> VoicemailItem:
    return VoicemailItem(
        **message_fields(listed, zone),
        duration_seconds=listed.duration_seconds,
        is_read=listed.is_read,
        read_at=timestamp(listed.read_at, zone),
        heard_by=listed.heard_by or "",
        first_line=listed.first_line,
        no_speech=listed.no_speech,
    )


def _table(voicemails: Sequence[ListedVoicemail], items: Sequence[VoicemailItem], zone: ZoneInfo) -> list[str]:
    if not items:
        return [f"No message matches. Times are in {zone.key}."]
    return [
        f"{list_notice(voicemails)} Times are in {zone.key}.",
        tab_separated(_COLUMNS),
        *(tab_separated(_cells(item)) for item in items),
    ]


def _cells(item: VoicemailItem) -> tuple[str, ...]:
    return (
        item.uuid,
        *message_cells(item),
        "?" if item.duration_seconds is None else str(item.duration_seconds),
        clock_time(item.read_at) or ("yes" if item.is_read else "no"),
        item.heard_by or "?",
        "(no speech)" if item.no_speech else item.first_line or NOT_KNOWN,
    )
