"""The caller's name as a hint: it corrects a name that was nearly heard, and never brings one in that was not."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from vm_mcp.text import fold_words

_LONGEST = 48  # characters; more of a prompt only takes the model's room
_SHORTEST_WORD = 3
_ALIKE = 0.6
_PIECES = 3  # words that a misheard word of a name may fall into


def clean_name(name: str) -> str:
    """Make a caller's name fit to be a prompt: one short line of words; empty when it holds none.

    The caller or their carrier chooses it, so it may hold anything.
    """
    plain = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFKC", name))
    words = re.findall(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?", plain)
    return " ".join(words)[:_LONGEST].strip()


def is_nearly_heard(name: str, text: str) -> bool:
    """Whether the text has words like the name's, and not all of them spelled as they should be."""
    heard = set(fold_words(text).split())
    missing = [word for word in _words(name) if word not in heard]
    return any(_is_alike(word, other) for word in missing for other in heard)


def correct(text: str, named: str, name: str) -> str:
    """Spell the name in a text as another reading of the same speech has it; every other word stays as it is.

    Args:
        text: What was heard without a hint.
        named: What was heard with the name as a hint, which may also have bent other words.
        name: The name.
    """
    heard, other = text.split(), named.split()
    alike = SequenceMatcher(
        None, [fold_words(word) for word in heard], [fold_words(word) for word in other], autojunk=False
    )
    words: list[str] = []
    for kind, start, end, other_start, other_end in alike.get_opcodes():
        before = heard[start:end]
        words += _respelled(before, other[other_start:other_end], name) if kind == "replace" else before
    return " ".join(words)


def _respelled(words: list[str], others: list[str], name: str) -> list[str]:
    """Put the others' words of the name in place of those that sound like them."""
    spelled = [word for word in others if _is_of(name, word)]
    if not spelled:
        return words
    spans = [
        (_likeness(words[start:end], spelled), start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + _PIECES * len(spelled), len(words)) + 1)
    ]
    likeness, start, end = max(spans)
    return [*words[:start], *spelled, *words[end:]] if likeness >= _ALIKE else words


def _is_of(name: str, word: str) -> bool:
    """Whether it is a word of the name; a Turkish ending may follow an apostrophe."""
    return fold_words(re.split("['’]", word)[0]) in fold_words(name).split()


def _likeness(words: Sequence[str], others: Sequence[str]) -> float:
    """How alike they sound, 0 to 1; where the words are cut doesn't matter."""
    sound, other = (fold_words(" ".join(each)).replace(" ", "") for each in (words, others))
    return SequenceMatcher(None, sound, other, autojunk=False).ratio()


def _words(name: str) -> list[str]:
    return [word for word in fold_words(name).split() if len(word) >= _SHORTEST_WORD]


def _is_alike(word: str, other: str) -> bool:
    return _likeness([word], [other]) >= _ALIKE
