"""Puts doubt marks around words: ``[?Arzlan]``."""

from collections.abc import Sequence

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.thresholds import DIGITS, NAMES
from vm_mcp.text import DOUBT_END, DOUBT_START, fold, fold_words

_SENTENCE_END = (".", "!", "?", "…", ":")
_MIN_NAME_LETTERS = 3


def doubtful_words(said: Sequence[SaidWord], vocabulary: Vocabulary, caller_name: str) -> set[int]:
    """Return the indices of the digits, number words and names that the engine was unsure of.

    Other words are not marked, because a reader can tell from the context whether they are right.
    """
    words = [word.text for word in said]
    numbers = find_numbers(words, vocabulary)
    caller_names = fold_words(caller_name).split()
    names = {index for index in range(len(words)) if _is_name(words, index, caller_names)}
    return {
        index
        for index, word in enumerate(said)
        if word.probability is not None
        and ((index in numbers and word.probability < DIGITS) or (index in names and word.probability < NAMES))
    }


def mark(words: Sequence[str], doubtful: set[int]) -> str:
    """Return the words as one text, the doubtful ones in marks.

    Neighbours are in one mark, and punctuation at the ends of a word is outside of it.

    Args:
        words: In order.
        doubtful: Indices of the doubtful ones.
    """
    text = ""
    for index, word in enumerate(words):
        core = core_of(word)
        if index not in doubtful or not core.text:
            text += f" {word}"
        elif index - 1 in doubtful and text.endswith(DOUBT_END) and not core.start:
            text = f"{text.removesuffix(DOUBT_END)} {core.text}{DOUBT_END}{word[core.end :]}"
        else:
            text += f" {word[: core.start]}{DOUBT_START}{core.text}{DOUBT_END}{word[core.end :]}"
    return text[1:]


def _is_name(words: Sequence[str], index: int, caller_names: Sequence[str]) -> bool:
    """Return whether a word looks like a name.

    No list of names is complete, so capitals decide. The first word of a sentence always has one: it is a name if the
    next word is capitalised as well. A word that is, or nearly is, part of the caller's name is a name in any case.
    """
    core = core_of(words[index]).text
    folded = fold(core.partition("'")[0])
    if len(folded) < _MIN_NAME_LETTERS:
        return False
    if any(folded == name or is_near(folded, name) for name in caller_names):
        return True
    begins = index == 0 or words[index - 1].endswith(_SENTENCE_END)
    after = words[index + 1] if begins and index + 1 < len(words) and words[index].endswith(core) else ""
    return core[0].isupper() and (not begins or core_of(after).text[:1].isupper())
