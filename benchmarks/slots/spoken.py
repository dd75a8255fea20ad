"""The ways in which a word that an engine wrote may have been said, in Turkish: ``14'te`` is ``on dörtte``.

Nothing of the product is used here: what is measured must not be measured with itself.
"""

import re
from collections.abc import Iterator
from functools import cache

from spoken_numbers import cut, spell

from vm_mcp.text import fold

Way = tuple[str, ...]
"""Words as they are said, lower-case, without punctuation."""

_ONES = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
_TENS = ["", *["on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]]
_NUMBER_WORDS = {fold(word): word for word in [*_ONES, *_TENS[1:], "yüz", "bin", "milyon", "buçuk", "çeyrek", "yarım"]}
_LONGEST_FIRST = sorted(_NUMBER_WORDS, key=len, reverse=True)
_PIECES = re.compile("|".join(_LONGEST_FIRST))
_ENDINGS = frozenset(
    [
        "den",
        "dan",
        "ten",
        "tan",
        "de",
        "da",
        "te",
        "ta",
        "e",
        "a",
        "ye",
        "ya",
        "i",
        "u",
        "yi",
        "yu",
        "nin",
        "in",
        "un",
        "nun",
        "deki",
        "daki",
        "teki",
        "taki",
        "lik",
        "luk",
        "inci",
        "nci",
        "uncu",
        "ncu",
        "kadar",
        "si",
        "ti",
        "ni",
        "ini",
    ]
) | {""}
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPRSTUVYZ", ["a", "be", "ce", "de", "e", "fe", "ge", "he", "ı", "je", "ke", "le", "me", "ne", "o", "pe", "re", "se", "te", "u", "ve", "ye", "ze"], strict=True))  # fmt: skip  # noqa: E501
_WRITTEN = re.compile(r"\W*(\+?\d[\d.,:/\-–()]*)(?:['’]?([^\W\d]+))?\W*")
# Digits in the groups in which people say numbers of that length.
_CUTS = {
    3: ["12"],
    4: ["22", "13", "112"],
    5: ["32", "23"],
    6: ["222", "33"],
    7: ["322", "34", "313"],
    10: ["3322", "334", "22222"],
    11: ["13322", "1334", "222221", "3332"],
    12: ["23322", "222222"],
    13: ["123322"],
}
_MOST_WAYS = 60


def clean(word: str) -> str:
    """Return a word lower-case by Turkish rules, without punctuation and circumflexes."""
    lower = word.replace("İ", "i").replace("I", "ı").lower().translate(str.maketrans("âîû", "aiu"))
    return re.sub(r"[\W_]", "", lower)


@cache
def are_same(said: str, heard: str) -> bool:
    """Return whether two cleaned words are the same; the ending of a number word doesn't matter."""
    stem = _number_stem(said)
    return said == heard or (stem != "" and stem == _number_stem(heard))


@cache
def ways(word: str) -> tuple[Way, ...]:
    """Return how a word that an engine wrote may have been said, at least one way."""
    written = _WRITTEN.fullmatch(word)
    if written:
        return tuple(dict.fromkeys(_number_ways(written[1].strip(".,:-–/"), clean(written[2] or ""))))[:_MOST_WAYS]
    return tuple(dict.fromkeys(_word_ways(word))) or ((),)


def _word_ways(word: str) -> Iterator[Way]:
    whole = clean(word)
    if not whole:
        return
    yield (whole,)
    pieces = _PIECES.findall(fold(whole))
    rest = fold(whole).removeprefix("".join(pieces))
    if len(pieces) > 1 and "".join(pieces) + rest == fold(whole) and rest in _ENDINGS:
        yield (*(_NUMBER_WORDS[piece] for piece in pieces[:-1]), _NUMBER_WORDS[pieces[-1]] + rest)
    letters = re.sub(r"\W", "", word)
    if letters.isalpha() and letters.isupper() and len("AB") <= len(letters) <= len("PLATE"):
        yield tuple(_LETTERS.get(letter, letter.lower()) for letter in letters)
    if "-" in word:
        yield tuple(filter(None, map(clean, word.split("-"))))


def _number_ways(digits: str, ending: str) -> Iterator[Way]:
    for said in _said_digits(digits):
        words = said.split()
        if words:
            yield (*words[:-1], words[-1] + ending)


def _said_digits(digits: str) -> Iterator[str]:
    parts = [part for part in re.split(r"[.,:/\-–()+]+", digits) if part]
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        yield _say(int("".join(parts)))
    if re.fullmatch(r"\d{1,2}[.:]30", digits):
        yield f"{_group(parts[0])} buçuk"
    if re.fullmatch(r"\d+[.,]5", digits):
        yield f"{_say(int(parts[0]))} buçuk"
    said = [""]
    for part in parts:
        said = [f"{before} {way}".strip() for before in said[:12] for way in _group_ways(part)]
    for way in said:
        yield f"artı {way}" if digits.startswith("+") else way
        yield way.removeprefix("sıfır ")


def _group_ways(digits: str) -> Iterator[str]:
    yield _group(digits)
    yield spell(digits)
    for sizes in _CUTS.get(len(digits), []):
        yield " ".join(map(_group, cut(digits, list(map(int, sizes)))))


def _group(digits: str) -> str:
    """Return digits said as one number, after their leading zeros."""
    rest = digits.lstrip("0")
    return " ".join(["sıfır"] * (len(digits) - len(rest)) + ([_say(int(rest))] if rest else []))


def _say(number: int) -> str:
    """Return a whole number as it is said."""
    for size, name in ((10**6, "milyon"), (1000, "bin"), (100, "yüz")):
        if number >= size:
            count, rest = divmod(number, size)
            counted = "" if count == 1 and size < 10**6 else f"{_say(count)} "
            return f"{counted}{name} {_say(rest) if rest else ''}".strip()
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]} {_ONES[ones] if ones or not tens else ''}".strip()


@cache
def _number_stem(word: str) -> str:
    """Return a number word without its ending, folded; empty for any other word."""
    folded = fold(word)
    if re.fullmatch("dord(u|e)?(n|ncu)?", folded):
        return "dort"
    return next((stem for stem in _LONGEST_FIRST if folded.startswith(stem) and folded[len(stem) :] in _ENDINGS), "")
