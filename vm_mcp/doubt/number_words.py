"""Number words of Turkish and English, and what one word says by itself.

The libraries for this turn words into values (none keeps ``sıfır`` in front, or tells which words a digit came from),
and those that know Turkish know it in part; the words are a small closed set, so they are here.
"""

import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.text import fold

Kind = Literal["digit", "tens", "teen", "hundred", "zeros", "repeat", "written"]
Said = tuple[Kind, str]
"""What a word is, and the digits it says when it stands alone ("repeat": how many times it says the next one)."""

# Kind, value of the first word, and step from each word to the next.
_TURKISH: tuple[tuple[Kind, int, int, str], ...] = (
    ("digit", 0, 1, "sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
    ("tens", 10, 10, "on yirmi otuz kırk elli altmış yetmiş seksen doksan"),
)
_ENGLISH: tuple[tuple[Kind, int, int, str], ...] = (
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

_WRITTEN = re.compile(r"\+?\(?\d[\d().,/–-]*", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+", re.ASCII)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}|(19|20)\d\d-\d{1,2}-\d{1,2}", re.ASCII)
_CURRENCY = re.compile(r"[₺$€£%]")
_EDGES = re.compile(r"(?:[^\w+]|\+(?!\(?\d))*(?P<core>.*?)\W*", re.DOTALL)


class Core(NamedTuple):
    """A word without the punctuation around it, and where in the word that is."""

    text: str
    start: int
    end: int


def core_of(word: str) -> Core:
    """Take the punctuation off both ends of a word; a plus in front of digits stays."""
    found = _EDGES.fullmatch(word)
    start, end = found.span("core") if found else (0, len(word))
    return Core(word[start:end], start, end)


@dataclass(frozen=True, slots=True)
class Number:
    """A word read by itself; no parts: it is no number word."""

    parts: tuple[Said, ...] = ()
    ends: bool = False
    """It has an ending, so nothing follows it in the same number."""


NOTHING = Number()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's number words, folded."""

    plain: dict[str, Said]
    ended: dict[str, Said]
    joined: re.Pattern[str]

    def read(self, word: str) -> Number:
        """Read a word: spoken, written, joined (``otuziki``) or with an ending; amounts and dates are no numbers."""
        core = core_of(word).text
        head, apostrophe, _ = core.replace("’", "'").partition("'")
        if _WRITTEN.fullmatch(head):
            return Number(_written(word, head), ends=bool(apostrophe))
        folded = fold(head)
        if folded in _PLUS and self.plain:
            return Number((("written", "+"),))
        pieces = [self._spoken(piece) for piece in folded.split("-")]
        if not all(piece.parts for piece in pieces):
            return NOTHING
        return Number(tuple(part for piece in pieces for part in piece.parts), bool(apostrophe) or pieces[-1].ends)

    def guess(self, word: str) -> Number:
        """Read a word as the number word that it resembles, if it does."""
        folded = fold(core_of(word).text)
        if folded in _UNITS or folded in _FILLERS:
            return NOTHING
        known = (said for name, said in self.plain.items() if said[0] in {"digit", "tens"} and is_near(folded, name))
        return Number(tuple(list(known)[:1]))

    def count(self, words: list[str]) -> int:
        """How many of the words are number words of this language."""
        return sum(fold(core_of(word).text) in self.plain for word in words)

    def _spoken(self, folded: str) -> Number:
        if folded in self.plain:
            return Number((self.plain[folded],))
        if folded in self.ended:
            return Number((self.ended[folded],), ends=True)
        pieces = self.joined.findall(folded)
        return Number(tuple(self.plain[piece] for piece in pieces)) if "".join(pieces) == folded else NOTHING


def vocabulary(language: str, words: list[str]) -> Vocabulary:
    """Return a language's words; where the engine told none, those of which more occur; none for other languages."""
    if language:
        return _VOCABULARIES.get(language, _NO_WORDS)
    return max(_VOCABULARIES.values(), key=lambda known: known.count(words))


def is_weak(word: str) -> bool:
    """Whether a number word is mostly something else when it stands alone."""
    return fold(core_of(word).text) in _WEAK


def is_filler(word: str) -> bool:
    """Whether it is a dash, said or written."""
    return fold(core_of(word).text) in _FILLERS


def makes_amount(word: str) -> bool:
    """Whether a number before it, or in it, is an amount: money, thousands, a share, half an hour."""
    return _CURRENCY.search(word) is not None or fold(core_of(word).text) in _UNITS


def _written(word: str, core: str) -> tuple[Said, ...]:
    if _CURRENCY.search(word) or _THOUSANDS.fullmatch(core) or _DATE.fullmatch(core):
        return ()
    return tuple(("written", group) for group in re.findall(r"\+?\(?\d+", core, re.ASCII))


def _plain(rows: tuple[tuple[Kind, int, int, str], ...]) -> dict[str, Said]:
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


_NEVER = re.compile("(?!)")
_NO_WORDS = Vocabulary({}, {}, _NEVER)
_VOCABULARIES = {"tr": _turkish(), "en": _english()}
