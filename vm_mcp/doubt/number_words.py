"""Number words of Turkish and English, and what one word says by itself.

Libraries turn words into values: none keeps a leading ``sıfır`` or tells which word a digit came from, and those that
know Turkish know part of it. The words are a small closed set, so they are listed here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.text import fold

WordKind = Literal["digit", "tens", "teen", "hundred", "zeros", "repeat", "written"]
WordMeaning = tuple[WordKind, str]
"""What a word is, and the digits it says when it stands alone ("repeat": how many times it says the next one)."""

# Kind, value of the first word, and step from each word to the next.
_TURKISH: tuple[tuple[WordKind, int, int, str], ...] = (
    ("digit", 0, 1, "sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
    ("tens", 10, 10, "on yirmi otuz kırk elli altmış yetmiş seksen doksan"),
)
_ENGLISH: tuple[tuple[WordKind, int, int, str], ...] = (
    ("digit", 0, 1, "zero one two three four five six seven eight nine"),
    ("teen", 10, 1, "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"),
    ("tens", 20, 10, "twenty thirty forty fifty sixty seventy eighty ninety"),
)
# A case on the last word: "doksan üçten arayın". Not on words that become others: onu (him), biri (someone).
_ENDINGS = "den dan ten tan de da te ta e a ye ya i u yi yu nin in un nun"
_NO_ENDING = {"bir", "on"}
_WEAK = {"bir", "yuz", "one", "oh", "o", "double", "triple"}
"""Mostly something else when they stand alone: a, face, one (pronoun), oh."""
_FILLERS = {"", "tire", "cizgi", "dash", "hyphen"}
_PLUS = {"arti", "plus"}
_UNIT_WORDS = (
    "bin milyon milyar lira liralik liraya liradan tl kurus dolar euro avro sterlin yuzde bucuk bucukta "
    "thousand million billion dollar dollars euros pound pounds cents bucks percent usd eur gbp"
)
_UNITS = frozenset(_UNIT_WORDS.split())
"""What makes an amount or a time of the number before."""

# Words that a number in front of them counts or dates, folded. `numara` is none: it follows telephone numbers. One that
# is missing costs little, since a number that is valid up to a pause ends there, whatever follows.
_MONTHS = (
    "ocak ocag subat mart nisan mayis haziran temmuz agustos eylul ekim kasim aralik aralig "
    "january february march april may june july august september october november december"
)
_COUNTED = (
    "gun hafta ay yil sene saat dakika saniye gece pazartesi sali carsamba persembe cuma cumartesi pazar "
    "kisi cocuk yetiskin yas kat oda masa bilet kez kere defa adet tane parca paket koli kutu porsiyon metre metrekare "
    "kilometre santim kilo gram ton litre derece "
    "second minute hour day night week month year people person guest monday tuesday wednesday thursday friday "
    "saturday sunday am pm"
)
_MONTH_DAYS, _MOST_COUNTED, _MOST_MONEY = 31, 999, 999_999
# What follows the stem: Turkish plural, -lik, possession, case, "which is in", "we are"; English plural.
_NOUN_ENDING = r"(?:l[ae]r)?(?:l[iu][kg])?(?:s?[iu])?n?(?:[dt][ae]n?|y?[ae]|n?[iu]n|y?[iu])?(?:ki)?(?:y?[iu]z)?|s"
# ``beşinci`` and ``beşinde``: on beşinci katta, ayın on beşinde.
_ORDINAL = re.compile(
    "(?:bir|iki|uc|dord|bes|alti|yedi|sekiz|dokuz|on|yirmi|otuz|kirk|elli|altmis|yetmis|seksen|doksan)"
    "(?:[iu]?nc[iu]|s?[iu]n(?:[dt]?[ae]))[a-z]*"
)

_WRITTEN = re.compile(r"\+?\(?\d[\d().,/–-]*", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+", re.ASCII)
_DAY, _MONTH_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
# Only what can be a date is one: ``34-35-36`` are the last digits of three lines.
_DATE = re.compile(
    rf"(?:{_DAY}(?P<sign>[./-]){_MONTH_NUMBER}|{_MONTH_NUMBER}(?P<us>[./-]){_DAY})(?:(?P=sign)|(?P=us))\d{{2,4}}"
    rf"|(19|20)\d\d-{_MONTH_NUMBER}-{_DAY}",
    re.ASCII,
)
_CURRENCY = re.compile(r"[₺$€£%]")
_EDGES = re.compile(r"(?:[^\w+]|\+(?!\(?\d))*(?P<core>.*?)\W*", re.DOTALL)


class Core(NamedTuple):
    """A word without the punctuation around it, and where in the word that is."""

    text: str
    start: int
    end: int


def core_of(word: str) -> Core:
    """Return a word without the punctuation at both ends; a plus in front of digits stays."""
    found = _EDGES.fullmatch(word)
    start, end = found.span("core") if found else (0, len(word))
    return Core(word[start:end], start, end)


@dataclass(frozen=True, slots=True)
class NumberWord:
    """A word read by itself; without parts it is no number word."""

    parts: tuple[WordMeaning, ...] = ()
    ends: bool = False
    """It has a case ending, so nothing follows it in the same number."""


NOTHING = NumberWord()


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """One language's number words, folded.

    What a word says is remembered: indexing an archive reads the same words thousands of times.
    """

    plain: dict[str, WordMeaning]
    ended: dict[str, WordMeaning]
    joined: re.Pattern[str]

    @lru_cache(maxsize=2048)  # noqa: B019 - there are three vocabularies, and they live as long as the process
    def read(self, word: str) -> NumberWord:
        """Return what a word says: spoken, written, joined (``otuziki``) or with an ending; of amounts nothing.

        Only a currency sign, thousands' separators and a date's shape tell by the word alone; what other words around a
        number make of it is decided where they are known.
        """
        core = core_of(word).text
        head, apostrophe, _ = core.replace("’", "'").partition("'")
        if _WRITTEN.fullmatch(head):
            return NumberWord(_written(word, head), ends=bool(apostrophe))
        folded = fold(head)
        if folded in _PLUS and self.plain:
            return NumberWord((("written", "+"),))
        pieces = [self._spoken(piece) for piece in folded.split("-")]
        if not all(piece.parts for piece in pieces):
            return NOTHING
        return NumberWord(tuple(part for piece in pieces for part in piece.parts), bool(apostrophe) or pieces[-1].ends)

    @lru_cache(maxsize=2048)  # noqa: B019 - see `read`
    def guess(self, word: str) -> NumberWord:
        """Return the number word that a word resembles, if it resembles one."""
        folded = fold(core_of(word).text)
        if folded in _UNITS or folded in _FILLERS:
            return NOTHING
        known = (said for name, said in self.plain.items() if said[0] in {"digit", "tens"} and is_near(folded, name))
        return NumberWord(tuple(list(known)[:1]))

    def count(self, words: list[str]) -> int:
        """Return how many of the words are number words of this language."""
        return sum(fold(core_of(word).text) in self.plain for word in words)

    def _spoken(self, folded: str) -> NumberWord:
        if folded in self.plain:
            return NumberWord((self.plain[folded],))
        if folded in self.ended:
            return NumberWord((self.ended[folded],), ends=True)
        pieces = self.joined.findall(folded)
        return NumberWord(tuple(self.plain[piece] for piece in pieces)) if "".join(pieces) == folded else NOTHING


def vocabulary(language: str, words: list[str]) -> Vocabulary:
    """Return a language's words, none for one not listed; where the engine named none, those that occur most."""
    if language:
        return _VOCABULARIES.get(language, _NO_WORDS)
    return max(_VOCABULARIES.values(), key=lambda known: known.count(words))


def is_weak(word: str) -> bool:
    """Return whether a number word is mostly something else when it stands alone."""
    return fold(core_of(word).text) in _WEAK


def is_filler(word: str) -> bool:
    """Return whether a word is a dash, said or written."""
    return fold(core_of(word).text) in _FILLERS


def makes_amount(word: str) -> bool:
    """Return whether a number before a word, or in it, is an amount: money, thousands, a percentage, half an hour."""
    return _CURRENCY.search(word) is not None or fold(core_of(word).text) in _UNITS


def largest_count(word: str) -> int:
    """Return the largest number that, in front of a word, may be a date or a count of it: 31 before a month.

    Returns 0 for all other words. An ordinal counts too: of ``on beşinci`` only ``on`` is read as a number.
    """
    folded = fold(core_of(word).text.replace("’", "'").partition("'")[0]).replace(".", "")
    if _MONTH.fullmatch(folded):
        return _MONTH_DAYS
    if folded in _UNITS:
        return _MOST_MONEY
    return _MOST_COUNTED if _NOUN.fullmatch(folded) or _ORDINAL.fullmatch(folded) else 0


def _written(word: str, core: str) -> tuple[WordMeaning, ...]:
    if _CURRENCY.search(word) or _THOUSANDS.fullmatch(core) or _DATE.fullmatch(core):
        return ()
    return tuple(("written", group) for group in re.findall(r"\+?\(?\d+", core, re.ASCII))


def _plain(rows: tuple[tuple[WordKind, int, int, str], ...]) -> dict[str, WordMeaning]:
    return {
        fold(word): (kind, str(first + step * index))
        for kind, first, step, words in rows
        for index, word in enumerate(words.split())
    }


def _turkish() -> Vocabulary:
    plain = _plain(_TURKISH)
    stems = {**plain, "dord": plain["dort"]}
    ended = {
        stem + ending: said for stem, said in stems.items() if stem not in _NO_ENDING for ending in _ENDINGS.split()
    }
    plain["yuz"] = ("hundred", "100")
    return Vocabulary(plain, ended, re.compile("|".join(sorted(plain, key=len, reverse=True))))


def _english() -> Vocabulary:
    plain = _plain(_ENGLISH)
    plain |= dict.fromkeys(("oh", "o", "nought", "naught"), plain["zero"])
    # "eight hundred five" is 800 5 in a telephone number; a Turkish 805 is said that way.
    plain |= {"hundred": ("zeros", "00"), "double": ("repeat", "2"), "triple": ("repeat", "3")}
    return Vocabulary(plain, {}, _NEVER)


def _nouns(stems: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(stems.split())})(?:{_NOUN_ENDING})")


_MONTH, _NOUN = _nouns(_MONTHS), _nouns(_COUNTED)
_NEVER = re.compile("(?!)")
_NO_WORDS = Vocabulary({}, {}, _NEVER)
_VOCABULARIES = {"tr": _turkish(), "en": _english()}
