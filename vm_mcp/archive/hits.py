"""What a search shows of a message that it found."""

from collections.abc import Sequence

from vm_mcp.archive.documents import said_text
from vm_mcp.archive.query import Prefix, QueryPart, find
from vm_mcp.archive.snippets import snippet
from vm_mcp.archive.words import SaidText
from vm_mcp.models import SearchHit, Voicemail


def search_hit(
    voicemail: Voicemail, parts: Sequence[QueryPart], *, shown: str, digits: str, is_transcribed: bool
) -> SearchHit:
    """Return a hit, with a snippet and the words that only resemble those asked for. CPU-bound: a millisecond.

    Args:
        voicemail: The message.
        parts: The query that found it.
        shown: Of its `vm_mcp.archive.documents.Document`, as are the digits.
        digits: Where numbers stand in it.
        is_transcribed: Whether it has a transcript.
    """
    said = said_text(shown, digits)
    near = [part for part in parts if isinstance(part, Prefix) and part.near]
    close = [*_close(said, near), *_close(SaidText(voicemail.caller_id_name), near)] if near else []
    return SearchHit(
        voicemail=voicemail,
        snippet=snippet(said.text, find(parts, said)),
        close=tuple(dict.fromkeys(close)),
        is_transcribed=is_transcribed,
    )


def _close(said: SaidText, near: Sequence[Prefix]) -> list[str]:
    return [said.text[term.start : term.end] for part in near for term in part.close_terms(said.terms)]
