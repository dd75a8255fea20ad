"""Marks words in a text as doubtful: ``[?Arzlan]``."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of
from vm_mcp.doubt.said_words import Said
from vm_mcp.doubt.thresholds import DIGITS, NAMES
from vm_mcp.text import fold, fold_words

_MARK = re.compile(r"\[\?([^\]]*)\]")
_SENTENCE_END = (".", "!", "?", "…", ":")
_SHORTEST_NAME = 3


def doubtful_words(said: Sequence[Said], vocabulary: Vocabulary, caller_name: str) -> set[int]:
    """Indices of the words that the engine was unsure of and that matter: digits, number words and names."""
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
    """Put the words into one text, those of ``doubtful`` in marks; neighbours share one, punctuation stays outside."""
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
    """Take the marks off: what is left is what the engine heard."""
    return _MARK.sub(r"\1", text)


def _is_name(words: Sequence[str], index: int, caller_name: str) -> bool:
    """Whether a word looks like a name.

    It does when it is a word of the caller's name or one letter off, or when it is capitalised and not just because it
    begins a sentence: then the next one must be capitalised too.
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
