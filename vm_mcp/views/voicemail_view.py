"""What list_voicemails answers."""

from collections.abc import Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedPage, ListedVoicemail
from vm_mcp.views.fitting import fit_voicemails
from vm_mcp.views.formatting import Stamp, local, quoted, result, stamp


class VoicemailItem(BaseModel):
    """One message; what the PBX did not say is left out."""

    uuid: str
    received_at: Stamp = ""
    caller_id_name: Annotated[str, Field(description="Quoted from the caller")] = ""
    caller_id_number: str = ""
    extension: Annotated[str, Field(description="The mailbox")] = ""
    duration_seconds: int = -1
    is_read: bool
    read_at: Stamp = ""
    heard_by: Annotated[
        Literal["nobody", "assistant", "person", ""],
        Field(description="assistant: marked as read by this assistant alone, nobody has listened yet"),
    ] = ""
    first_line: Annotated[str, Field(description="How its transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True when it was transcribed and no words could be made out")] = False


class VoicemailList(BaseModel):
    """Answer of list_voicemails."""

    voicemails: list[VoicemailItem]
    since: Stamp = ""
    until: Stamp = ""
    total_count: Annotated[int, Field(description="Matches over all pages; left out while unknown")] = -1
    truncated: Annotated[bool, Field(description="True when more match than are shown")] = False
    next_cursor: Annotated[str, Field(description="Give it as `cursor` for the next page")] = ""
    notice: str = ""


def voicemail_list(page: ListedPage, zone: ZoneInfo) -> CallToolResult:
    """Show a page of messages, times in ``zone``."""
    items = [_voicemail_item(listed, zone) for listed in page.voicemails]
    notice = " ".join(part for part in (page.notice, fit_voicemails(items)) if part)
    answer = VoicemailList(
        voicemails=items,
        since=stamp(page.since, zone),
        until=stamp(page.until, zone),
        total_count=-1 if page.total_count is None else page.total_count,
        truncated=bool(page.next_cursor),
        next_cursor=page.next_cursor,
        notice=f"{quoted(page.voicemails)} {notice}".strip(),
    )
    counted = f" of {page.total_count}" if page.total_count is not None else ""
    title = f"{len(page.voicemails)}{counted} voicemails, newest first, {answer.since} to {answer.until}."
    more = [f"truncated: more match; next_cursor: {page.next_cursor}"] if page.next_cursor else []
    told = [notice] if notice else []
    return result("\n".join([title, *told, *_table(page.voicemails, items, zone), *more]), answer)


def one_voicemail(listed: ListedVoicemail, zone: ZoneInfo) -> CallToolResult:
    """Show the one message that was asked for by uuid."""
    item = _voicemail_item(listed, zone)
    answer = VoicemailList(voicemails=[item], total_count=1, notice=quoted([listed]))
    return result("\n".join(["1 of 1 voicemails.", *_table([listed], [item], zone)]), answer)


def message_document(listed: ListedVoicemail, zone: ZoneInfo) -> str:
    """Write one message as JSON, for a reader of its resource."""
    answer = VoicemailList(voicemails=[_voicemail_item(listed, zone)], notice=quoted([listed]))
    return answer.model_dump_json(exclude_defaults=True, indent=2)


def _voicemail_item(listed: ListedVoicemail, zone: ZoneInfo) -> VoicemailItem:
    return VoicemailItem(
        uuid=listed.uuid,
        received_at=stamp(listed.received_at, zone),
        caller_id_name=listed.caller_id_name,
        caller_id_number=listed.caller_id_number,
        extension=listed.extension,
        duration_seconds=-1 if listed.duration_seconds is None else listed.duration_seconds,
        is_read=listed.is_read,
        read_at=stamp(listed.read_at, zone),
        heard_by=listed.heard_by or "",
        first_line=listed.first_line,
        no_speech=listed.is_no_speech,
    )


def _table(voicemails: Sequence[ListedVoicemail], items: Sequence[VoicemailItem], zone: ZoneInfo) -> list[str]:
    if not voicemails:
        return [f"No message matches. Times are in {zone.key}."]
    columns = ("uuid", "received", "name", "number", "extension", "seconds", "read", "heard by", "transcript begins")
    header = f"{quoted(voicemails)} Times are in {zone.key}.\n" + "\t".join(columns)
    return [header, *("\t".join(_row(listed, item, zone)) for listed, item in zip(voicemails, items, strict=True))]


def _row(listed: ListedVoicemail, item: VoicemailItem, zone: ZoneInfo) -> tuple[str, ...]:
    duration = listed.duration_seconds
    return (
        listed.uuid,
        local(listed.received_at, zone) or "?",
        item.caller_id_name or "-",
        listed.caller_id_number or "-",
        listed.extension or "-",
        "?" if duration is None else str(duration),
        local(listed.read_at, zone) or ("yes" if listed.is_read else "no"),
        listed.heard_by or "?",
        "(no speech)" if item.no_speech else item.first_line or "-",
    )
