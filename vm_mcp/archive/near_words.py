"""Decide which words a misheard word may have been.

The distance is counted to the beginning of a heard word, because Turkish adds endings: ``kargo`` is one letter from
``Kırgoya``. The beginning is as long as the word or longer, so that ``otel`` is not near ``telefon``. Letters that
sound alike, such as b and p, count as much as others: to count them half found fewer misheard words.
"""

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


def distance(word: str, heard: str, most: int) -> int:
    """Return how many letters must be inserted, deleted or replaced to turn a word into the beginning of another.

    Args:
        word: Folded.
        heard: Folded, with any ending.
        most: Above this, some higher value is returned.
    """
    # A search that finds what was asked for does without it, and so does every server's start.
    from rapidfuzz.distance import Levenshtein

    beginnings = {heard[:size] for size in range(len(word), len(word) + most + 1)}
    return min(Levenshtein.distance(word, beginning, score_cutoff=most) for beginning in beginnings)
