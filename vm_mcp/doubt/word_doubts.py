"""How probable it is that a word was misheard.

A word's own probability says little about that: it measures the spelling (``beş,`` or ``5``), and a wrong name that the
model makes up may have a high one. Together with what surrounds the word, how common it is, and whether a second
reading heard the same, it says a lot. `benchmarks/fit_doubt.py` fits the weights on messages whose words are known.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from statistics import fmean, median

from vm_mcp.doubt.digit_groups import find_numbers_and_units, number_runs
from vm_mcp.doubt.doubt_weights import CONSTANT, WEIGHTS
from vm_mcp.doubt.edit_distance import is_near
from vm_mcp.doubt.number_words import Vocabulary, core_of
from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.word_frequencies import has_frequencies, zipf_frequency
from vm_mcp.text import fold, lower_case

_NEAR, _AROUND = 2, 4
"""How many words to each side count as near, and as around."""
_SHORT = 2
_LEAST_SECONDS = 0.02
_SLOW = 2.5
"""Times as long a letter as usual: words that were left out stand where the next one seems to be slow."""
_TURKISH = (
    "ocak ocakta şubat şubatta mart martta nisan nisanda mayıs mayısta haziran haziranda temmuz temmuzda "
    "ağustos ağustosta eylül eylülde ekim ekimde kasım kasımda aralık aralıkta pazartesi salı çarşamba perşembe "
    "cuma cumartesi pazar saat buçuk buçukta çeyrek yarım geçe kala lira bin yüz dahili numara numaradan "
    "numaralı sıfır bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen "
    "doksan"
)
_ENGLISH = (
    "january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday clock half quarter past dollars pounds extension number zero one "
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"
)
_SAID_WITH_NUMBERS = {"tr": frozenset(_TURKISH.split()), "en": frozenset(_ENGLISH.split())}


def with_doubts(said: Sequence[SaidWord], language: str, known: Vocabulary) -> list[SaidWord]:
    """Return the words, each with its doubt.

    A word whose engine reports only its probability gets what that lacks to 1; one without a probability gets none. The
    weights were fitted on `base`. Other models have none of their own yet and use the same.

    Args:
        said: All words of a transcript.
        language: ISO 639-1 code of its language; empty: not known. In a language without word frequencies, words get
            plain doubts.
        known: The language's number words.
    """
    if not has_frequencies(language):
        # Every word would count as unknown. What the engine says of tokens goes, so that nobody takes these for fitted.
        said = [replace(word, least_probability=None, logprob=None, tokens=0) for word in said]
    if all(word.logprob is None for word in said):
        return [_with_plain_doubt(word) for word in said]
    rows = features(said, language, known)
    return [
        _with_plain_doubt(word) if word.logprob is None else replace(word, doubt=_doubt(row))
        for word, row in zip(said, rows, strict=True)
    ]


def _with_plain_doubt(word: SaidWord) -> SaidWord:
    return replace(word, doubt=None if word.probability is None else 1 - word.probability)


def features(said: Sequence[SaidWord], language: str, known: Vocabulary) -> list[dict[str, float]]:
    """Return what the doubt of each word depends on, by name.

    Of a word without tokens, its probability counts as the least of them, and 1 where that isn't known either.
    """
    seconds = [_seconds_a_letter(word) for word in said]
    numbers = frozenset(find_numbers_and_units([word.text for word in said], known))
    usual = max(_LEAST_SECONDS, median(seconds or [0.0]))
    words = _Words(said, language, numbers, _differing_fractions(said, numbers), usual)
    return [{name: feature(words, index) for name, feature in FEATURES.items()} for index in range(len(said))]


@dataclass(frozen=True, slots=True)
class _Words:
    said: Sequence[SaidWord]
    language: str
    numbers: frozenset[int]
    """Indices of number words, and of words such as ``lira`` that are said with them."""
    differing: Sequence[float]
    """For each word of a number, what fraction of the number's words the second reading heard otherwise."""
    usual_seconds: float
    """Median time that a letter takes."""

    def near(self, index: int, count: int) -> list[int]:
        """Return the indices of words near one, without it."""
        return [at for at in range(max(0, index - count), min(len(self.said), index + count + 1)) if at != index]

    def core(self, index: int) -> str:
        """Return a word without the punctuation around it."""
        return core_of(self.said[index].text).text

    def probability(self, index: int) -> float:
        """Return a word's probability; 1 if it isn't known."""
        probability = self.said[index].probability
        return 1.0 if probability is None else probability

    def least(self, index: int) -> float:
        """Return the least probability of a word's tokens; its own probability if that isn't known."""
        least = self.said[index].least_probability
        return self.probability(index) if least is None else least

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


def _differing_fractions(said: Sequence[SaidWord], numbers: Collection[int]) -> list[float]:
    """Return, for each word, what fraction of the words of its number the second reading heard otherwise; else 0."""
    fractions = [0.0] * len(said)
    for run in number_runs(numbers):
        fraction = fmean(said[at].is_confirmed is False for at in run)
        fractions[run[0] : run[-1] + 1] = [fraction] * len(run)
    return fractions


@cache
def _folded_with_numbers(language: str) -> frozenset[str]:
    return frozenset(map(fold, _SAID_WITH_NUMBERS.get(language, ())))


@lru_cache(maxsize=4096)
def _resembles(word: str, language: str) -> bool:
    """Return whether a word is nearly one that is said with numbers, such as ``mark`` for ``mart``, and is not one."""
    lower = lower_case(word, language)
    if lower in _SAID_WITH_NUMBERS.get(language, frozenset()):
        return False
    folded, known = fold(lower), _folded_with_numbers(language)
    return folded in known or any(is_near(folded, other) for other in known)


FEATURES: Mapping[str, Callable[[_Words, int], float]] = {
    "probability": lambda words, index: words.probability(index),
    "log least": lambda words, index: math.log(words.least(index) + 1e-4),
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
    "least near": lambda words, index: min(map(words.least, words.near(index, _NEAR)), default=1.0),
    "mean around": lambda words, index: fmean(map(words.probability, [index, *words.near(index, _AROUND)])),
    "confirmed": lambda words, index: words.said[index].is_confirmed is True,
    "number differs": lambda words, index: words.differing[index],
    "differing beside": lambda words, index: sum(words.said[at].is_confirmed is False for at in words.near(index, 1)),
    "slowness": lambda words, index: min(3.0, math.log(max(words.slowness(index), 0.05))),
    "is slow": lambda words, index: words.slowness(index) > _SLOW,
}
"""What a word's doubt depends on."""


def _doubt(row: Mapping[str, float]) -> float:
    score = CONSTANT + sum(WEIGHTS[name] * value for name, value in row.items())
    return round(1 / (1 + math.exp(-score)), 3)
