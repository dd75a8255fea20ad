"""Hears names that the account knows, such as the caller's, where the recognised words sound like one.

Names were tried as a prompt and as hot words: 7 of 32 names that nobody said came into the text. A name is instead put
in place of words that sound like it, and kept only if the model finds the text with it about as likely as its own. That
took words of names heard right from 45 to 72 of 120, and planted none of 1,140 names that nobody said.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.number_words import Vocabulary, largest_count, vocabulary
from vm_mcp.text import fold, fold_words, lower_case

_SOUNDS_ALIKE, _SOUNDS_LIKE_ONE_PART = 0.8, 0.9
"""Ratio of equal letters from which words sound like a name. At 0.7 one name in 32 was planted. A name of one part
needs more: ``Yılmaz`` is no ``Yılmazer``."""
_MARGIN = 10.0
"""How much lower the log probability of the text with the name may be. The model's own spelling of a name is what it
finds likeliest, so a right name is always less likely than that."""
_MOST_CANDIDATES = 4
_MIN_LETTERS, _MOST_LETTERS, _MOST_PARTS = 6, 40, 4
"""Shorter names sound like too many words, and longer ones are not names. Callers choose what their PBX sends."""
_WORDS_FOR_PART = 3
"""The model may write a part of a name as this many words."""

_ENDS = re.compile(r"(?:['’]\w+)?\W*$")


def hear_names(text: str, names: Iterable[str], logprobs: Callable[[Sequence[str]], Sequence[float]]) -> str:
    """Return a text in which a known name stands where it was probably said; the same text if there is none.

    Args:
        text: What was recognised.
        names: Names that the account knows; strangers may have chosen them.
        logprobs: Returns the log probability, under the model, that each of some texts was said.
    """
    candidates = list(islice(_candidates(text, names), _MOST_CANDIDATES))
    if not candidates:
        return text
    own, *others = logprobs([text, *candidates])
    likeliest = max(range(len(candidates)), key=others.__getitem__)
    return candidates[likeliest] if others[likeliest] >= own - _MARGIN else text


def _candidates(text: str, names: Iterable[str]) -> Iterator[str]:
    """Yield the texts with a name in them, the one that sounds most like what was recognised first."""
    words = text.split()
    spoken = set(_letters(text).split())
    found = [
        (likeness, start, end, name)
        for name in map(_spelled, names)
        if name and not set(_letters(name).split()) <= spoken
        for likeness, start, end in _alike(words, name)
    ]
    for _, start, end, name in sorted(found, key=lambda each: -each[0]):
        ending = _ENDS.search(words[end - 1])
        yield " ".join([*words[:start], name + (ending[0] if ending else ""), *words[end:]])


def _alike(words: Sequence[str], name: str) -> list[tuple[float, int, int]]:
    """Return how much stretches of words sound like a name, and where they are; none if it is in the text."""
    letters = _letters(name).replace(" ", "")
    matcher = SequenceMatcher(None, "", letters, autojunk=False)
    parts = len(name.split())
    protected = _protected(words, name)
    least = _SOUNDS_ALIKE if parts > 1 else _SOUNDS_LIKE_ONE_PART
    found: list[tuple[float, int, int]] = []
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _WORDS_FOR_PART * parts) + 1):
            said = _letters(_ENDS.sub("", " ".join(words[start:end])))
            if said == _letters(name):
                return []
            if not protected.isdisjoint(range(start, end)):
                continue
            matcher.set_seq1(said.replace(" ", ""))
            if matcher.quick_ratio() >= least and matcher.ratio() >= least:
                found.append((matcher.ratio(), start, end))
    return _apart(found)


def _apart(found: Iterable[tuple[float, int, int]]) -> list[tuple[float, int, int]]:
    """Return the likest of the stretches that overlap: with less of it, a part of the name would stand there twice."""
    kept: list[tuple[float, int, int]] = []
    for likeness, start, end in sorted(found, key=lambda each: -each[0]):
        if all(end <= first or last <= start for _, first, last in kept):
            kept.append((likeness, start, end))
    return kept


def _protected(words: Sequence[str], name: str) -> set[int]:
    """Return the indices of words that no name replaces: numbers, and what is counted or dated by one.

    A word that is also a part of the name is none of them, such as ``Kasım``.
    """
    parts = set(fold_words(name).split())
    counted = {index for index, word in enumerate(words) if largest_count(word) and fold_words(word) not in parts}
    return counted.union(*(find_numbers(words, known) for known in _number_words()))


def _number_words() -> list[Vocabulary]:
    return [vocabulary(language, []) for language in ("tr", "en")]


def _spelled(name: str) -> str:
    """Return a name as it is written in a sentence; empty if it can't be one."""
    parts = unicodedata.normalize("NFKC", name).split()
    letters = sum(map(len, parts))
    if not _MIN_LETTERS <= letters <= _MOST_LETTERS or any(find_numbers(parts, known) for known in _number_words()):
        return ""
    is_name = len(parts) <= _MOST_PARTS and all(part.replace("-", "").isalpha() for part in parts)
    if not is_name or len(_scripts(parts)) > 1:
        return ""
    return " ".join(part if part.istitle() else _titled(part) for part in parts)


def _scripts(parts: Iterable[str]) -> set[str]:
    """Return the scripts that letters are of, such as ``LATIN``. A name in several only looks like what is said."""
    return {unicodedata.name(char, "").partition(" ")[0] for part in parts for char in part if char != "-"}


def _titled(part: str) -> str:
    """Return a part of a name with a capital, by Turkish rules: ``IŞIL`` becomes ``Işıl``, ``ismail`` ``İsmail``."""
    lower = lower_case(part)
    return lower[:1].replace("i", "İ").upper() + lower[1:]


def _letters(text: str) -> str:
    return re.sub(r"[^\w\s]|\d", "", fold(text))
