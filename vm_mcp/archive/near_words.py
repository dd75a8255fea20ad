"""Decide which words a misheard word may have been.

The distance is counted to the beginning of a heard word, because Turkish adds endings: ``kargo`` is one letter from
``Kırgoya``. The beginning is as long as the word or longer, so that ``otel`` is not near ``telefon``. Letters that
sound alike, such as b and p, count as much as others: to count them half found fewer misheard words.
"""

from collections.abc import Iterable

SHORTEST = 4
"""Letters of the shortest word that is forgiven; shorter ones resemble half the language."""
_EDITS = ((9, 3), (6, 2), (SHORTEST, 1))
"""Least letters of a word, and how many of them may be wrong. `benchmarks/search_recall.py` counts what others find."""
MOST_EDITS = 3


def allowed_edits(word: str) -> int:
    """Return how many letters of a folded word may be wrong; 0 if it is too short, or has digits."""
    return next((edits for least, edits in _EDITS if len(word) >= least), 0) if word.isalpha() else 0


def pieces(word: str, edits: int) -> list[str]:
    """Return parts of a word of which at least one occurs unchanged in every word at most ``edits`` away."""
    count = edits + 1
    return [word[len(word) * at // count : len(word) * (at + 1) // count] for at in range(count)]


def nearest(word: str, heard: Iterable[str], most: int) -> dict[str, int]:
    """Return the heard words that a word may have been misheard as, and how many letters differ, the nearest first.

    That is how many letters must be inserted, deleted or replaced to turn it into the beginning of the heard word.

    Args:
        word: Folded.
        heard: Folded words, with any ending.
        most: Words in which more letters differ are left out.
    """
    # A search that finds what was asked for does without it, and so does every server's start.
    from rapidfuzz.distance import Levenshtein

    sizes = range(len(word), len(word) + most + 1)
    edits = {
        each: min(Levenshtein.distance(word, beginning, score_cutoff=most) for beginning in {each[:n] for n in sizes})
        for each in heard
    }
    return {each: edits[each] for each in sorted(edits, key=lambda each: (edits[each], each)) if edits[each] <= most}
