"""The caller's name as a hint for the spelling of what was heard; it never brings a word in."""

import re
import unicodedata

from vm_mcp.text import fold

_LETTERS = re.compile(r"[^\W\d_]+")
# Of a name, in letters. Shorter ones, such as `Su` or `Al`, are more often other words.
_SHORTEST = 3


def respell(text: str, name: str) -> str:
    """Spell words of a text as the caller's name does, where both are the same but for case and accents.

    ``ben ayse yılmaz`` gives ``ben Ayşe Yılmaz`` for ``Ayşe Yılmaz``. A name in capitals has no spelling to take, and
    one without accents takes none away. A word that only resembles the name stays: the caller or their carrier chose
    the name, and it may be somebody else's.

    Args:
        text: What was heard.
        name: The name as the PBX has it; it may hold anything.

    Returns:
        A text that `vm_mcp.text.fold` makes the same as what was heard.
    """
    parts = _LETTERS.findall(unicodedata.normalize("NFKC", name))
    spellings = {fold(part): part for part in parts if len(part) >= _SHORTEST and part.istitle()}
    return _LETTERS.sub(lambda heard: _better(heard[0], spellings.get(fold(heard[0]), heard[0])), text)


def _better(heard: str, spelling: str) -> str:
    """Choose the spelling unless it lacks an accent, or a dotless i, that was heard."""
    before, after = _lower(heard), _lower(spelling)
    keeps_all = len(before) == len(after) and all(
        letter.isascii() or letter == other for letter, other in zip(before, after, strict=True)
    )
    return spelling if keeps_all else heard


def _lower(word: str) -> str:
    return word.replace("I", "ı").replace("İ", "i").lower()
