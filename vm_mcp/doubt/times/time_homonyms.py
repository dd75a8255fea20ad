"""Words about time that mean something else unless one about time is beside them: "bu" (this), "I am", "a"."""

import re
from collections.abc import Mapping, Sequence

from vm_mcp.doubt.times.time_tokens import TimeToken, ends_sentence

Neighbours = tuple[str, str]
"""What the tokens before and after must match; empty: no token there is enough. One of the two suffices."""


def neighbours(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> tuple[str, str]:
    """Return the tokens before and after one, within its sentence; empty if there is none, or it is no time word."""
    begins = at == 0 or ends_sentence(words[tokens[at - 1].last])
    ends = at + 1 == len(tokens) or ends_sentence(words[tokens[at].last])
    return "" if begins else tokens[at - 1].text, "" if ends else tokens[at + 1].text


def lacks_neighbours(name: str, beside: tuple[str, str], needed: Mapping[str, Neighbours]) -> bool:
    """Return whether a word needs a neighbour, and has none.

    Args:
        name: The token without its case, or the folded word.
        beside: The tokens before and after it.
        needed: By name, what they must match; a word that isn't there needs nothing.
    """
    patterns = needed.get(name)
    if not patterns:
        return False
    return not any(pattern and re.match(pattern, token) for pattern, token in zip(patterns, beside, strict=True))


def named(rows: str) -> dict[str, str]:
    """Return the token of each word in rows of a token and its words."""
    return {word: token for token, *words in map(str.split, rows.strip().splitlines()) for word in words}
