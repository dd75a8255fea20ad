"""How much two spellings differ."""

_VOWELS = str.maketrans("", "", "aeiou")
_MIN_LETTERS = 4
_MIN_CONSONANTS = 3


def distance(first: str, second: str) -> int:
    """Return how many letters must be inserted, deleted or replaced to turn one into the other (Levenshtein)."""
    # One row of the usual table is enough: a cell needs the one above, the one to its left, and the one above that.
    row = list(range(len(second) + 1))
    for count, char in enumerate(first, 1):
        above_left, row[0] = row[0], count
        for at, other in enumerate(second, 1):
            above_left, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, above_left + (char != other))
    return row[-1]


def is_near(heard: str, word: str) -> bool:
    """Return whether a folded word may be a misheard other one: one letter differs, or only vowels do.

    On the telephone vowels are lost before consonants: ``sofor`` was ``sıfır``. Short words are never near, because one
    letter turns them into another common word: ``ben`` (I) is not ``beş`` (five).
    """
    if min(len(heard), len(word)) < _MIN_LETTERS or abs(len(heard) - len(word)) > 1:
        return False
    consonants = word.translate(_VOWELS)
    has_same_consonants = len(consonants) >= _MIN_CONSONANTS and heard.translate(_VOWELS) == consonants
    return has_same_consonants or _is_one_letter_apart(heard, word)


def _is_one_letter_apart(first: str, second: str) -> bool:
    """Return whether their distance is 1; many times faster than to compute it."""
    pairs = enumerate(zip(first, second, strict=False))
    at = next((at for at, (char, other) in pairs if char != other), min(len(first), len(second)))
    rest, other_rest = first[at:], second[at:]
    is_near = rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:]
    return is_near and first != second
