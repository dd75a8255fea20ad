"""How far apart two spellings are."""

_VOWELS = str.maketrans("", "", "aeiou")
_SHORTEST = 4
_CONSONANTS = 3


def distance(first: str, second: str) -> int:
    """Return how many letters must be inserted, dropped or replaced to get from one to the other (Levenshtein)."""
    row = list(range(len(second) + 1))
    for count, char in enumerate(first, 1):
        before, row[0] = row[0], count
        for at, other in enumerate(second, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (char != other))
    return row[-1]


def is_near(heard: str, word: str) -> bool:
    """Return whether a folded word may be another one misheard: one letter off, or the same consonants in order.

    On a telephone line vowels are lost before consonants are: ``sofor`` was ``sıfır``. Short words are near nothing,
    because one letter makes another common word of them: ``ben`` (I) is not ``beş`` (five).
    """
    if min(len(heard), len(word)) < _SHORTEST or abs(len(heard) - len(word)) > 1:
        return False
    consonants = word.translate(_VOWELS)
    same = len(consonants) >= _CONSONANTS and heard.translate(_VOWELS) == consonants
    return same or distance(heard, word) == 1
