"""How common a word is in its language, from tables made of wordfreq's data.

A table takes some 30 ms to read, when the first transcript in its language is shown.
"""

import lzma
from functools import cache
from importlib.resources import files

from vm_mcp.doubt.number_words import stem_of
from vm_mcp.text import lower_case

_LANGUAGES = ("tr", "en")


def zipf_frequency(word: str, language: str) -> float:
    """Return how common a word is, on the Zipf scale: 3 for once in a million words, 6 for once in a thousand.

    Args:
        word: With any punctuation and case. Of ``Ayşe'ye``, what is before the apostrophe counts.
        language: ISO 639-1 code.

    Returns:
        3 or more; 0 for a word that is less common or no word, and for a language without a table.
    """
    if not has_frequencies(language):
        return 0.0
    return _table(language).get(lower_case(stem_of(word), language), 0.0)


def has_frequencies(language: str) -> bool:
    """Return whether there is a table for a language."""
    return language in _LANGUAGES


@cache
def _table(language: str) -> dict[str, float]:
    packed = files("vm_mcp.doubt").joinpath("frequencies", f"{language}.xz").read_bytes()
    table: dict[str, float] = {}
    for line in lzma.decompress(packed).decode().splitlines():
        frequency, *words = line.split(" ")
        table.update(dict.fromkeys(words, float(frequency)))
    return table
