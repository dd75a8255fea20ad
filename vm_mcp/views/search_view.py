"""What search_transcripts answers."""

from typing import Annotated
from zoneinfo import ZoneInfo

from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from vm_mcp.models import SearchHit, SearchResult, Snippet
from vm_mcp.views.formatting import QUOTED_SPEECH, UNMARKED, Stamp, local, result, stamp

HIT = "**"
"""Stands on both sides of what was found."""


class SearchHitItem(BaseModel):
    """One message that was found."""

    uuid: str
    received_at: Stamp = ""
    caller_id_name: Annotated[str, Field(description="Quoted from the caller")] = ""
    caller_id_number: str = ""
    extension: Annotated[str, Field(description="The mailbox")] = ""
    snippet: Annotated[str, Field(description="Part of the transcript, quoted from the caller; **found**")] = ""


class SearchHitList(BaseModel):
    """Answer of search_transcripts."""

    hits: list[SearchHitItem]
    total_count: Annotated[int, Field(description="All that match, shown or not")]
    notice: str = ""


def search_hits(found: SearchResult, zone: ZoneInfo) -> CallToolResult:
    """Show what was found, the best first, times in ``zone``."""
    answer = SearchHitList(
        hits=[_item(hit, zone) for hit in found.hits],
        total_count=found.total_count,
        notice=f"{QUOTED_SPEECH} {UNMARKED}",
    )
    title = f"{len(found.hits)} of {found.total_count} transcribed voicemails that match, the best first."
    if not found.hits:
        advice = "No transcript matches. Only messages that were transcribed can be found; try fewer or shorter words."
        return result(advice, answer)
    columns = "uuid\treceived\tname\tnumber\textension\tfound"
    rows = ["\t".join(_row(hit, zone)) for hit in found.hits]
    return result("\n".join([f"{title} {QUOTED_SPEECH} {UNMARKED} Times are in {zone.key}.", columns, *rows]), answer)


def _item(hit: SearchHit, zone: ZoneInfo) -> SearchHitItem:
    return SearchHitItem(
        uuid=hit.voicemail.uuid,
        received_at=stamp(hit.voicemail.received_at, zone),
        caller_id_name=hit.voicemail.caller_id_name,
        caller_id_number=hit.voicemail.caller_id_number,
        extension=hit.voicemail.extension,
        snippet=_marked(hit.snippet),
    )


def _row(hit: SearchHit, zone: ZoneInfo) -> tuple[str, ...]:
    voicemail = hit.voicemail
    return (
        voicemail.uuid,
        local(voicemail.received_at, zone) or "?",
        voicemail.caller_id_name or "-",
        voicemail.caller_id_number or "-",
        voicemail.extension or "-",
        _marked(hit.snippet) or "-",
    )


def _marked(snippet: Snippet) -> str:
    text, at = "", 0
    for start, end in snippet.marks:
        text += f"{snippet.text[at:start]}{HIT}{snippet.text[start:end]}{HIT}"
        at = end
    return text + snippet.text[at:]
