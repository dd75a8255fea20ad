"""The caller's name as a hint: it corrects a name that was nearly heard, and never brings one in that was not."""

import re
import unicodedata
from difflib import SequenceMatcher

from vm_mcp.text import fold_words

_LONGEST = 48  # characters; more of a prompt only takes the model's room
_SHORTEST_WORD = 3
_ALIKE = 0.6


def clean_name(name: str) -> str:
    """Make a caller's name fit to be a prompt: one short line of words; empty when it holds none.

    The caller or their carrier chooses it, so it may hold anything.
    """
    plain = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFKC", name))
    words = re.findall(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?", plain)
    return " ".join(words)[:_LONGEST].strip()


def is_heard(name: str, text: str) -> bool:
    """Whether every word of the name is in the text."""
    return set(_words(name)) <= set(fold_words(text).split())


def is_nearly_heard(name: str, text: str) -> bool:
    """Whether the text has words like the name's, and not all of them spelled as they should be."""
    heard = set(fold_words(text).split())
    missing = [word for word in _words(name) if word not in heard]
    return any(_is_alike(word, other) for word in missing for other in heard)


def _words(name: str) -> list[str]:
    return [word for word in fold_words(name).split() if len(word) >= _SHORTEST_WORD]


def _is_alike(word: str, other: str) -> bool:
    return SequenceMatcher(None, word, other, autojunk=False).ratio() >= _ALIKE
