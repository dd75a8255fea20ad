"""Marks words in a text as doubtful: ``[?Arzlan]``."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.thresholds import DIGITS, NAMES
from vm_mcp.text import fold, fold_words

_MARK = re.compile(r"\[\?([^\]]*)\]")
_SENTENCE_END = (".", "!", "?", "…", ":")
_SHORTEST_NAME = 3


def doubtful_words(said: Sequence[SaidWord], vocabulary: Vocabulary, caller_name: str) -> set[int]:
    """Return the indices of the words that matter and that the engine was unsure of: digits, number words and names.

    Other words are not marked, since a reader gets them from the context.
    """
    words = [word.text for word in said]
    numbers = find_numbers(words, vocabulary)
    names = {index for index in range(len(words)) if _is_name(words, index, caller_name)}
    return {
        index
        for index, word in enumerate(said)
        if word.share is not None
        and ((index in numbers and word.share < DIGITS) or (index in names and word.share < NAMES))
    }


def mark(words: Sequence[str], doubtful: set[int]) -> str:
    """Return the words as one text, the doubtful ones in marks; neighbours share one, punctuation stays outside."""
    text = ""
    for index, word in enumerate(words):
        core = core_of(word)
        if index not in doubtful or not core.text:
            text += f" {word}"
        elif index - 1 in doubtful and text.endswith("]") and not core.start:
            text = f"{text[:-1]} {core.text}]{word[core.end :]}"
        else:
            text += f" {word[: core.start]}[?{core.text}]{word[core.end :]}"
    return text[1:]


def unmark(text: str) -> str:
    """Return a text without its marks, which is what the engine heard."""
    return _MARK.sub(r"\1", text)


def _is_name(words: Sequence[str], index: int, caller_name: str) -> bool:
    """Return whether a word looks like a name.

    No list of names is complete, so capitals decide. The first word of a sentence has one anyway: it is a name when the
    next word is capitalised too. A word of the caller's name, or nearly one, is a name however it is written.
    """
    core = core_of(words[index]).text
    folded = fold(core.partition("'")[0])
    if len(folded) < _SHORTEST_NAME:
        return False
    if any(folded == name or is_near(folded, name) for name in fold_words(caller_name).split()):
        return True
    begins = index == 0 or words[index - 1].endswith(_SENTENCE_END)
    after = words[index + 1] if begins and index + 1 < len(words) and words[index].endswith(core) else ""
    return core[0].isupper() and (not begins or core_of(after).text[:1].isupper())
