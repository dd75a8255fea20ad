"""How probable it is that a word was misheard.

A word's own probability says little about that: it measures the spelling (``beş,`` or ``5``), and a wrong name that the
model makes up may have a high one. Together with what surrounds the word, how common it is, and whether a second
reading heard the same, it says a lot. `benchmarks/fit_doubt.py` fits the weights on messages whose words are known.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import fmean, median

from vm_mcp.doubt.digit_groups import find_numbers
from vm_mcp.doubt.doubt_weights import CONSTANT, WEIGHTS
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of, makes_amount
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.word_frequencies import lower_case, zipf_frequency
from vm_mcp.text import fold

_NEAR, _AROUND = 2, 4
"""How many words to each side count as near, and as around."""
_SHORT = 2
_LEAST_SECONDS = 0.02
_SLOW = 2.5
"""Times as long a letter as usual: words that were left out stand where the next one seems to be slow."""
_SAID_WITH_NUMBERS = {
    "tr": frozenset(
        [
            "ocak",
            "ocakta",
            "şubat",
            "şubatta",
            "mart",
            "martta",
            "nisan",
            "nisanda",
            "mayıs",
            "mayısta",
            "haziran",
            "haziranda",
            "temmuz",
            "temmuzda",
            "ağustos",
            "ağustosta",
            "eylül",
            "eylülde",
            "ekim",
            "ekimde",
            "kasım",
            "kasımda",
            "aralık",
            "aralıkta",
            "pazartesi",
            "salı",
            "çarşamba",
            "perşembe",
            "cuma",
            "cumartesi",
            "pazar",
            "saat",
            "buçuk",
            "buçukta",
            "çeyrek",
            "yarım",
            "geçe",
            "kala",
            "lira",
            "bin",
            "yüz",
            "dahili",
            "numara",
            "numaradan",
            "numaralı",
            "sıfır",
            "bir",
            "iki",
            "üç",
            "dört",
            "beş",
            "altı",
            "yedi",
            "sekiz",
            "dokuz",
            "on",
            "yirmi",
            "otuz",
            "kırk",
            "elli",
            "altmış",
            "yetmiş",
            "seksen",
            "doksan",
        ]
    ),
    "en": frozenset(
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
            "clock",
            "half",
            "quarter",
            "past",
            "dollars",
            "pounds",
            "extension",
            "number",
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
            "thirty",
            "forty",
            "fifty",
            "sixty",
            "seventy",
            "eighty",
            "ninety",
            "hundred",
            "thousand",
        ]
    ),
}


def with_doubts(said: Sequence[SaidWord], language: str, known: Vocabulary) -> list[SaidWord]:
    """Return the words, each with its doubt.

    A word whose engine reports only its probability gets what that lacks to 1; one without a probability gets none. The
    weights were fitted on `base`. Other models have none of their own yet and use the same.

    Args:
        said: All words of a transcript.
        language: ISO 639-1 code of its language; empty: not known.
        known: The language's number words.
    """
    if any(word.logprob is None for word in said):
        return [replace(word, doubt=None if word.probability is None else 1 - word.probability) for word in said]
    return [replace(word, doubt=_doubt(row)) for word, row in zip(said, features(said, language, known), strict=True)]


def features(said: Sequence[SaidWord], language: str, known: Vocabulary) -> list[dict[str, float]]:
    """Return what the doubt of each word depends on, by name; all words must have tokens."""
    seconds = [_seconds_a_letter(word) for word in said]
    words = _Words(said, language, _numbers(said, known), max(_LEAST_SECONDS, median(seconds or [0.0])))
    return [{name: feature(words, index) for name, feature in FEATURES.items()} for index in range(len(said))]


@dataclass(frozen=True, slots=True)
class _Words:
    said: Sequence[SaidWord]
    language: str
    numbers: frozenset[int]
    """Indices of number words, and of words such as ``lira`` that are said with them."""
    usual_seconds: float
    """Median time that a letter takes."""

    def near(self, index: int, count: int) -> list[int]:
        """Return the indices of words near one, without it."""
        return [at for at in range(max(0, index - count), min(len(self.said), index + count + 1)) if at != index]

    def core(self, index: int) -> str:
        """Return a word without the punctuation around it."""
        return core_of(self.said[index].text).text

    def slowness(self, index: int) -> float:
        """Return how much more slowly than the message's usual word one was said, as a ratio."""
        return _seconds_a_letter(self.said[index]) / self.usual_seconds


def _seconds_a_letter(word: SaidWord) -> float:
    seconds = (word.end_seconds or 0.0) - (word.start_seconds or 0.0)
    return seconds / max(_SHORT, len(core_of(word.text).text))


def _repeats(words: _Words, index: int) -> float:
    """Return whether a number word stands beside itself."""
    own = fold(words.core(index))
    return float(index in words.numbers and any(fold(words.core(at)) == own for at in words.near(index, 1)))


def _is_syllable(words: _Words, index: int) -> float:
    """Return whether a word is as short as a syllable: in Turkish, most of these are torn off a longer word."""
    return float(words.language == "tr" and index not in words.numbers and len(words.core(index)) <= _SHORT)


def _run_differs(words: _Words, index: int) -> float:
    """Return what fraction of the words of a number the second reading heard otherwise; 0 for other words."""
    if index not in words.numbers:
        return 0.0
    first = last = index
    while first - 1 in words.numbers:
        first -= 1
    while last + 1 in words.numbers:
        last += 1
    return fmean(words.said[at].is_confirmed is False for at in range(first, last + 1))


@cache
def _resembles(word: str, language: str) -> bool:
    """Return whether a word is nearly one that is said with numbers, such as ``mark`` for ``mart``, and is not one."""
    lower = lower_case(word, language)
    known = _SAID_WITH_NUMBERS.get(language, frozenset())
    return lower not in known and any(
        fold(lower) == fold(other) or is_near(fold(lower), fold(other)) for other in known
    )


FEATURES: Mapping[str, Callable[[_Words, int], float]] = {
    "probability": lambda words, index: words.said[index].probability or 0.0,
    "log least": lambda words, index: math.log((words.said[index].least_probability or 0.0) + 1e-4),
    "log product": lambda words, index: math.log(math.exp(words.said[index].logprob or 0.0) + 1e-5),
    "tokens": lambda words, index: words.said[index].tokens,
    "is number": lambda words, index: index in words.numbers,
    "has digit": lambda words, index: any(char.isdigit() for char in words.said[index].text),
    "numbers near": lambda words, index: len(words.numbers.intersection(words.near(index, _NEAR))),
    "repeats": _repeats,
    "zipf": lambda words, index: (
        0.0 if index in words.numbers else zipf_frequency(words.said[index].text, words.language)
    ),
    "resembles": lambda words, index: index not in words.numbers and _resembles(words.core(index), words.language),
    "is syllable": _is_syllable,
    "least near": lambda words, index: min(
        (words.said[at].least_probability or 0.0 for at in words.near(index, _NEAR)), default=1.0
    ),
    "mean around": lambda words, index: fmean(
        words.said[at].probability or 0.0 for at in [index, *words.near(index, _AROUND)]
    ),
    "confirmed": lambda words, index: words.said[index].is_confirmed is True,
    "number differs": _run_differs,
    "differing beside": lambda words, index: sum(words.said[at].is_confirmed is False for at in words.near(index, 1)),
    "slowness": lambda words, index: min(3.0, math.log(max(words.slowness(index), 0.05))),
    "is slow": lambda words, index: words.slowness(index) > _SLOW,
}
"""What a word's doubt depends on."""


def _numbers(said: Sequence[SaidWord], known: Vocabulary) -> frozenset[int]:
    words = [word.text for word in said]
    return frozenset(find_numbers(words, known) | {at for at, word in enumerate(words) if makes_amount(word)})


def _doubt(row: Mapping[str, float]) -> float:
    score = CONSTANT + sum(WEIGHTS[name] * value for name, value in row.items())
    return round(1 / (1 + math.exp(-score)), 3)
