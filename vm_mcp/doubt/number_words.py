"""The number words of Turkish and English, and the digits that a single word stands for.

Libraries turn words into values. None keeps a leading ``sıfır`` or says which word a digit came from, and those for
Turkish are incomplete. The words are a small closed set, so they are listed here.
"""

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from vm_mcp.doubt.edit_distance import distance, is_near
from vm_mcp.text import fold

WordKind = Literal["digit", "tens", "teen", "hundred", "zeros", "thousand", "repeat", "written"]
WordMeaning = tuple[WordKind, str]
"""The kind of a word, and its digits if it stands alone (for "repeat": how many times the next digit is repeated)."""

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
# Case endings of the last word, as in "doksan üçten arayın". Some words with an ending are other words, so they have
# none here: onu (him), biri (someone).
_ENDINGS = "den dan ten tan de da te ta e a ye ya i u yi yu nin in un nun"
_NO_ENDING = {"bir", "on"}
_WEAK = {"bir", "yuz", "one", "oh", "o", "double", "triple"}
"""Words that mostly mean something else if they stand alone: a, face, one (pronoun), oh."""
_LEAST_LETTERS = 3
_FILLERS = {"", "tire", "cizgi", "dash", "hyphen"}
_PLUS = {"arti", "plus"}
_UNIT_WORDS = (
    "bin milyon milyar lira liralik liraya liradan tl kurus dolar euro avro sterlin yuzde bucuk bucukta "
    "thousand million billion dollar dollars euros pound pounds cents bucks percent usd eur gbp"
)
_UNITS = frozenset(_UNIT_WORDS.split())
"""Words that make the number before them an amount or a time."""

# Folded words that the number before them counts or dates. `numara` is not among them, since it follows telephone
# numbers. A missing one does little harm: a number that is valid up to a pause ends there, whatever follows.
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
_MAX_DAY, _MAX_COUNT, _MAX_AMOUNT = 31, 999, 999_999
# Endings of those words: Turkish plural, -lik, possession, case, "which is in", "we are"; English plural.
_NOUN_ENDING = r"(?:l[ae]r)?(?:l[iu][kg])?(?:s?[iu])?n?(?:[dt][ae]n?|y?[ae]|n?[iu]n|y?[iu])?(?:ki)?(?:y?[iu]z)?|s"
# ``beşinci`` and ``beşinde``, as in "on beşinci katta" and "ayın on beşinde".
_ORDINAL = re.compile(
    "(?:bir|iki|uc|dord|bes|alti|yedi|sekiz|dokuz|on|yirmi|otuz|kirk|elli|altmis|yetmis|seksen|doksan)"
    "(?:[iu]?nc[iu]|s?[iu]n(?:[dt]?[ae]))[a-z]*"
)

_WRITTEN = re.compile(r"\+?\(?\d[\d().,/–-]*", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}([.,]\d{3})+", re.ASCII)
_DAY, _MONTH_NUMBER = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
# A date only if day and month can be: ``34-35-36`` are the last digits of three telephone lines.
_DATE = re.compile(
    rf"(?:{_DAY}(?P<sign>[./-]){_MONTH_NUMBER}|{_MONTH_NUMBER}(?P<us>[./-]){_DAY})(?:(?P=sign)|(?P=us))\d{{2,4}}"
    rf"|(19|20)\d\d-{_MONTH_NUMBER}-{_DAY}",
    re.ASCII,
)
_CURRENCY = re.compile(r"[₺$€£%]")
_EDGES = re.compile(r"(?:[^\w+]|\+(?!\(?\d))*(?P<core>.*?)\W*", re.DOTALL)


class Core(NamedTuple):
    """A word without the punctuation around it, and its place in the word."""

    text: str
    start: int
    end: int


def core_of(word: str) -> Core:
    """Return a word without the punctuation at both ends; a plus before digits is kept."""
    found = _EDGES.fullmatch(word)
    start, end = found.span("core") if found else (0, len(word))
    return Core(word[start:end], start, end)


def stem_of(word: str) -> str:
    """Return a word without the punctuation around it, and without the ending behind its apostrophe."""
    return core_of(word).text.replace("’", "'").partition("'")[0]


@dataclass(frozen=True, slots=True)
class NumberWord:
    """What a word means by itself. Without parts it is not a number word."""

    parts: tuple[WordMeaning, ...] = ()
    ends: bool = False
    """Whether it has a case ending: then the number ends with it."""


NOTHING = NumberWord()


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The folded number words of one language.

    Meanings are cached, because indexing an archive reads the same words thousands of times.
    """

    plain: dict[str, WordMeaning]
    """Words without an ending."""
    ended: dict[str, WordMeaning]
    """Words with a case ending."""
    joined: re.Pattern[str]
    """Matches one word after another in words that are written together."""

    @lru_cache(maxsize=2048)  # noqa: B019 - there are six vocabularies, and they live as long as the process
    def read(self, word: str) -> NumberWord:
        """Return the meaning of a word in letters or digits, written together (``otuziki``) or with an ending.

        Amounts and dates have none, as far as the word alone shows it: by a currency sign, thousands separators or the
        shape of a date. What the words around a number make of it is decided by `makes_amount` and `largest_count`.
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
        """Return the meaning of the number word that a word resembles; `NOTHING` if it resembles none."""
        folded = fold(core_of(word).text)
        if folded in _UNITS or folded in _FILLERS:
            return NOTHING
        near = (
            meaning for name, meaning in self.plain.items() if meaning[0] in {"digit", "tens"} and is_near(folded, name)
        )
        return NumberWord(tuple(itertools.islice(near, 1)))

    def resembles(self, folded: str) -> bool:
        """Return whether a word may be a misheard number word, even one too short to tell which."""
        least = _LEAST_LETTERS
        return len(folded) >= least and any(len(name) >= least and distance(folded, name) == 1 for name in self.plain)

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
    """Return the number words of a language; none for one that is not listed.

    If the language is not known (empty), it is taken to be the one with the most number words among ``words``.
    """
    if language:
        return _VOCABULARIES.get(language, _NO_WORDS)
    return max(_VOCABULARIES.values(), key=lambda known: known.count(words))


def is_weak(word: str) -> bool:
    """Return whether a number word mostly means something else if it stands alone."""
    return fold(core_of(word).text) in _WEAK


def is_filler(word: str) -> bool:
    """Return whether a word is a dash, written or said."""
    return fold(core_of(word).text) in _FILLERS


def makes_amount(word: str) -> bool:
    """Return whether a word makes the number before or in it an amount: money, thousands, a percentage, a half."""
    return _CURRENCY.search(word) is not None or fold(core_of(word).text) in _UNITS


def largest_count(word: str) -> int:
    """Return the largest number before a word that may date or count it, such as 31 for a month; 0 if none can.

    Ordinals are such words as well: of ``on beşinci`` only ``on`` is read as a number.
    """
    folded = fold(stem_of(word)).replace(".", "")
    if _MONTH.fullmatch(folded):
        return _MAX_DAY
    if folded in _UNITS:
        return _MAX_AMOUNT
    return _MAX_COUNT if _NOUN.fullmatch(folded) or _ORDINAL.fullmatch(folded) else 0


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
        stem + ending: meaning
        for stem, meaning in stems.items()
        if stem not in _NO_ENDING
        for ending in _ENDINGS.split()
    }
    plain["yuz"] = ("hundred", "100")
    return Vocabulary(plain, ended, re.compile("|".join(sorted(plain, key=len, reverse=True))))


def _english() -> Vocabulary:
    plain = _plain(_ENGLISH)
    plain |= dict.fromkeys(("oh", "o", "nought", "naught"), plain["zero"])
    # In an English telephone number "eight hundred five" is 800 5. The same words in Turkish are 805.
    plain |= {"hundred": ("zeros", "00"), "double": ("repeat", "2"), "triple": ("repeat", "3")}
    return Vocabulary(plain, {}, _NEVER)


def _nouns(stems: str) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(stems.split())})(?:{_NOUN_ENDING})")


_MONTH, _NOUN = _nouns(_MONTHS), _nouns(_COUNTED)
_NEVER = re.compile("(?!)")
_NO_WORDS = Vocabulary({}, {}, _NEVER)
_VOCABULARIES = {"tr": _turkish(), "en": _english()}
