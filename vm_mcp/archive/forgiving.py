"""Find messages by words that resemble those asked for, where few or none have the words themselves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from vm_mcp.archive.near_words import MOST_EDITS, allowed_edits, nearest
from vm_mcp.archive.query import Prefix, QueryPart

FEW = 3
"""With fewer messages that match, those are added that have words which resemble those asked for."""
_MOST_NEAR = 50
"""Words that a word may have been misheard as; the nearest are taken."""

NearWords = Mapping[str, int]
"""Indexed words, the nearest first, and how many letters differ."""


def forgivable(parts: Iterable[QueryPart]) -> dict[str, int]:
    """Return the words of a query that may have been misheard, and how many letters may be wrong."""
    words = {part.word: allowed_edits(part.word) for part in parts if isinstance(part, Prefix)}
    return {word: most for word, most in words.items() if most}


def near_words(word: str, heard: Iterable[str], most: int) -> NearWords:
    """Return those of some indexed words that a word may have been misheard as. CPU-bound: microseconds each.

    Args:
        word: Folded.
        heard: The indexed words, folded.
        most: How many letters may be wrong.
    """
    return dict(islice(nearest(word, heard, most).items(), _MOST_NEAR))


def forgiving_queries(
    parts: Sequence[QueryPart], near: Mapping[str, NearWords], *, is_found: bool
) -> Iterator[list[QueryPart]]:
    """Yield queries that forgive more and more letters, for the first that finds something to be taken.

    Args:
        parts: The query.
        near: Of each of its `forgivable` words, those that it may have been misheard as.
        is_found: Whether a message matches the query itself; then only one letter is forgiven.
    """
    for edits in range(1, 2 if is_found else MOST_EDITS + 1):
        forgiving = [_forgiving(part, near, edits) for part in parts]
        if forgiving != list(parts):
            yield forgiving


def _forgiving(part: QueryPart, near: Mapping[str, NearWords], edits: int) -> QueryPart:
    if not isinstance(part, Prefix):
        return part
    return replace(part, near=tuple(word for word, away in near.get(part.word, {}).items() if away <= edits))
