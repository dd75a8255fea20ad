"""What a search found."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.models import SearchHit, SearchResult, Snippet
from vm_mcp.views.notices import QUOTED_SPEECH, UNMARKED
from vm_mcp.views.rows import MESSAGE_COLUMNS, NOT_KNOWN, SearchHitItem, message_cells, message_fields
from vm_mcp.views.view import View, tab_separated

HIT = "**"
"""Stands on both sides of what was found."""


class SearchHitList(BaseModel):
    """Answer of search_transcripts."""

    hits: list[SearchHitItem]
    total_count: Annotated[int, Field(description="All that match, shown or not")]
    notice: str = ""


def search_hits(found: SearchResult, zone: ZoneInfo) -> View[SearchHitList]:
    """Show what was found, the best first, times in ``zone``."""
    notice = f"{QUOTED_SPEECH} {UNMARKED}"
    items = [_item(hit, zone) for hit in found.hits]
    content = SearchHitList(hits=items, total_count=found.total_count, notice=notice)
    if not items:
        advice = "No transcript matches. Only messages that were transcribed can be found; try fewer or shorter words."
        return View(advice, content)
    title = f"{len(items)} of {found.total_count} transcribed voicemails that match, the best first."
    lines = [
        f"{title} {notice} Times are in {zone.key}.",
        tab_separated(("uuid", *MESSAGE_COLUMNS, "found")),
        *(tab_separated((item.uuid, *message_cells(item), item.snippet or NOT_KNOWN)) for item in items),
    ]
    return View("\n".join(lines), content)


def _item(hit: SearchHit, zone: ZoneInfo) -> SearchHitItem:
    return SearchHitItem(**message_fields(hit.voicemail, zone), snippet=_marked(hit.snippet))


def _marked(snippet: Snippet) -> str:
    text, at = "", 0
    for start, end in snippet.marks:
        text += f"{snippet.text[at:start]}{HIT}{snippet.text[start:end]}{HIT}"
        at = end
    return text + snippet.text[at:]
