"""Spells the caller's name right where it was recognised. `known_names` hears it where it was recognised wrong."""

import re
import unicodedata

from vm_mcp.models import Segment
from vm_mcp.text import fold, lower_case

_LETTERS = re.compile(r"[^\W\d_]+")
# Letters of a name. Shorter ones, such as `Su` or `Al`, are more often other words.
_MIN_LETTERS = 3


def respell(text: str, name: str) -> str:
    """Return a text with the caller's name as the PBX spells it, where only case and accents differ.

    ``ben ayse yılmaz`` becomes ``ben Ayşe Yılmaz`` for ``Ayşe Yılmaz``. A name in capitals says nothing about case and
    is not used, and a name typed without accents removes none.

    Args:
        text: What was recognised.
        name: The name as the PBX sent it; any text.

    Returns:
        A text that is equal to the one given after `vm_mcp.text.fold`.
    """
    parts = _LETTERS.findall(unicodedata.normalize("NFKC", name))
    spellings = {fold(part): part for part in parts if len(part) >= _MIN_LETTERS and part.istitle()}
    return _LETTERS.sub(lambda word: _better(word[0], spellings.get(fold(word[0]), word[0])), text)


def respelled(segment: Segment, name: str) -> Segment:
    """Return a segment with the caller's name as `respell` spells it, in its text and in its words."""
    words = tuple(word.model_copy(update={"text": respell(word.text, name)}) for word in segment.words)
    return segment.model_copy(update={"text": respell(segment.text, name), "words": words})


def _better(word: str, spelling: str) -> str:
    """Return the spelling, unless it lacks an accent or a dotless i that the word has."""
    before, after = lower_case(word), lower_case(spelling)
    keeps_all = len(before) == len(after) and all(
        letter.isascii() or letter == other for letter, other in zip(before, after, strict=True)
    )
    return spelling if keeps_all else word
