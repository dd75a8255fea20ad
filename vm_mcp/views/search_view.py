"""What a search found."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.models import SearchHit, SearchResult, Snippet
from vm_mcp.text import DOUBT_START, counted
from vm_mcp.views.notices import MARKED, QUOTED_SPEECH, join_notices
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    NOT_KNOWN,
    OptionalInt,
    Owners,
    SearchHitItem,
    message_cells,
    owners_of,
    owners_text,
)
from vm_mcp.views.view import View, tab_separated
from vm_mcp.wording import Words, plural, words

HIGHLIGHT = "**"
"""Stands on both sides of what was found."""
NOT_TRANSCRIBED = words("(no transcript: found by the caller or the note)")
MISSPELLS = words("Speech recognition misspells: try the stem of a word, or read all transcripts.")
_NEAR = "`close` words are not those asked for but resemble them: they may be the same, misheard."


class SearchHitList(BaseModel):
    """Answer of search_transcripts."""

    hits: list[SearchHitItem]
    owners: Owners = {}
    total_count: Annotated[int, Field(description="All that were found, shown or not")]
    near_count: Annotated[int, Field(description="Of these, those that only have `close` words")] = 0
    searched_count: Annotated[OptionalInt, Field(description="Without hits: transcripts searched")] = None
    missing_count: Annotated[OptionalInt, Field(description="Without hits: messages that have no transcript")] = None
    notice: str = ""


def search_hits(found: SearchResult, zone: ZoneInfo, now: datetime) -> View[SearchHitList]:
    """Show what was found, the best first, times in ``zone``; ``now`` is the current time, aware."""
    year = now.astimezone(zone).year
    content = SearchHitList(
        hits=[_item(hit, zone, now) for hit in found.hits],
        owners=owners_of(hit.voicemail for hit in found.hits),
        total_count=found.total_count,
        near_count=found.near_count,
        searched_count=None if found.hits else found.searched_count,
        missing_count=None if found.hits else found.missing_count,
        notice=join_notices(found.notice, _notice(found) if found.hits else nothing_found(found), _pending(found)),
    )
    return View("\n".join(_lines(content, zone, year)), content, year)


def nothing_found(found: SearchResult) -> Words:
    """Return what to say of a search that found nothing: what was searched, what was not, and what to try."""
    missing = words("none is missing")
    if found.missing_count:
        missing = plural(
            "{count} more message has none and is found by names and notes only",
            "{count} more messages have none and are found by names and notes only",
            found.missing_count,
        )
    transcripts = counted(found.searched_count, "transcript")
    return join_notices(
        words("0 of {transcripts} match; {missing}.", transcripts=transcripts, missing=missing),
        MISSPELLS if found.searched_count else "",
    )


def _notice(found: SearchResult) -> str:
    has_marks = any(DOUBT_START in hit.snippet.text for hit in found.hits)
    return join_notices(QUOTED_SPEECH, MARKED if has_marks else "", _NEAR if found.near_count else "")


def _pending(found: SearchResult) -> str:
    if not found.pending_count:
        return ""
    return f"{found.pending_count} messages are still being indexed after an update: search again in a minute."


def _lines(content: SearchHitList, zone: ZoneInfo, year: int) -> Iterator[str]:
    if not content.hits:
        yield content.notice
        return
    near = f", {content.near_count} of them only nearly" if content.near_count else ""
    title = f"{len(content.hits)} of {content.total_count} voicemails that match{near}, the best first."
    yield f"{title} {zone.key}. {content.notice}"
    yield from filter(None, [owners_text(content.owners)])
    yield tab_separated(("uuid ends in", *MESSAGE_COLUMNS, "state", "found"))
    for item in content.hits:
        close = [f"close: {', '.join(item.close)}"] if item.close else []
        cells = (
            *message_cells(item, year),
            item.state_cell,
            item.snippet or (NOT_TRANSCRIBED if item.no_transcript else NOT_KNOWN),
            *close,
        )
        yield tab_separated((item.short_uuid, *cells))


def _item(hit: SearchHit, zone: ZoneInfo, now: datetime) -> SearchHitItem:
    return SearchHitItem.of_message(
        hit.voicemail,
        zone,
        now,
        snippet=highlighted(hit.snippet),
        close=list(hit.close),
        no_transcript=not hit.is_transcribed,
    )


def highlighted(snippet: Snippet) -> str:
    """Return a snippet with `HIGHLIGHT` around what was found."""
    text, at = "", 0
    for start, end in snippet.marks:
        text += f"{snippet.text[at:start]}{HIGHLIGHT}{snippet.text[start:end]}{HIGHLIGHT}"
        at = end
    return text + snippet.text[at:]
