"""Puts doubt marks around words: ``[?Arzlan]``."""

import math
from collections.abc import Collection, Sequence

from vm_mcp.doubt.digit_groups import find_numbers, number_runs
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of, stem_of
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.thresholds import DIGITS, NAMES, NUMBER, WHOLE_NUMBER, WORD
from vm_mcp.text import DOUBT_END, DOUBT_START, fold, fold_words

_SENTENCE_END = (".", "!", "?", "…", ":")
_MIN_NAME_LETTERS = 3


def doubtful_words(said: Sequence[SaidWord], vocabulary: Vocabulary, caller_name: str) -> set[int]:
    """Return the indices of the words that were probably misheard.

    Of a number, a mark on its most doubtful word tells that one of its words was probably misheard, even if each of
    them is rather right. Words of the caller's name are not marked: two sources agree on them. Number words are, since
    whoever chooses the name must not vouch for a number. Of words that the engine says little about, only digits and
    names are marked, since a reader can judge others by the context.

    Args:
        said: The words of a transcript, with their doubts.
        vocabulary: The number words of its language.
        caller_name: As the PBX sent it, chosen by the caller.
    """
    words = [word.text for word in said]
    numbers = find_numbers(words, vocabulary)
    caller_names = {name for name in fold_words(caller_name).split() if len(name) >= _MIN_NAME_LETTERS}
    plain = {index for index, word in enumerate(said) if word.logprob is None}
    likely = {index for index, word in enumerate(said) if (word.doubt or 0.0) > (NUMBER if index in numbers else WORD)}
    runs = number_runs(numbers - plain)
    worst = {max(run, key=lambda index: said[index].doubt or 0.0) for run in runs if _is_doubtful(said, run)}
    named = {index for index, word in enumerate(words) if fold_words(stem_of(word)) in caller_names}
    return ((likely - plain) | worst) - (named - numbers) | (_plain_doubts(said, numbers, caller_names) & plain)


def _plain_doubts(said: Sequence[SaidWord], numbers: set[int], caller_names: Collection[str]) -> set[int]:
    words = [word.text for word in said]
    names = {index for index in range(len(words)) if _is_name(words, index, caller_names)}
    return {
        index
        for index, word in enumerate(said)
        if word.doubt is not None
        and ((index in numbers and word.doubt > 1 - DIGITS) or (index in names and word.doubt > 1 - NAMES))
    }


def _is_doubtful(said: Sequence[SaidWord], run: Sequence[int]) -> bool:
    return 1 - math.prod(1 - (said[index].doubt or 0.0) for index in run) > WHOLE_NUMBER


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


def _is_name(words: Sequence[str], index: int, caller_names: Collection[str]) -> bool:
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
