"""What a search found."""

from collections.abc import Iterator
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.models import SearchHit, SearchResult, Snippet
from vm_mcp.views.notices import QUOTED_SPEECH, UNMARKED
from vm_mcp.views.rows import MESSAGE_COLUMNS, NOT_KNOWN, SearchHitItem, message_cells
from vm_mcp.views.view import View, tab_separated

HIGHLIGHT = "**"
"""Stands on both sides of what was found."""
_NOTHING = "No transcript matches. Only messages that were transcribed can be found; try fewer or shorter words."


class SearchHitList(BaseModel):
    """Answer of search_transcripts."""

    hits: list[SearchHitItem]
    total_count: Annotated[int, Field(description="All that match, shown or not")]
    notice: str = ""


def search_hits(found: SearchResult, zone: ZoneInfo) -> View[SearchHitList]:
    """Show what was found, the best first, times in ``zone``."""
    content = SearchHitList(
        hits=[_item(hit, zone) for hit in found.hits],
        total_count=found.total_count,
        notice=f"{QUOTED_SPEECH} {UNMARKED}" if found.hits else _NOTHING,
    )
    return View("\n".join(_lines(content, zone)), content)


def _lines(content: SearchHitList, zone: ZoneInfo) -> Iterator[str]:
    if not content.hits:
        yield content.notice
        return
    title = f"{len(content.hits)} of {content.total_count} transcribed voicemails that match, the best first."
    yield f"{title} {content.notice} Times are in {zone.key}."
    yield tab_separated(("uuid", *MESSAGE_COLUMNS, "found"))
    for item in content.hits:
        yield tab_separated((item.uuid, *message_cells(item), item.snippet or NOT_KNOWN))


def _item(hit: SearchHit, zone: ZoneInfo) -> SearchHitItem:
    return SearchHitItem.of(hit.voicemail, zone, snippet=_highlighted(hit.snippet))


def _highlighted(snippet: Snippet) -> str:
    text, at = "", 0
    for start, end in snippet.marks:
        text += f"{snippet.text[at:start]}{HIGHLIGHT}{snippet.text[start:end]}{HIGHLIGHT}"
        at = end
    return text + snippet.text[at:]
