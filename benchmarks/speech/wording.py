"""Normalise texts and count their errors: word and character error rates."""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import jiwer

if TYPE_CHECKING:
    from whisper_normalizer.english import EnglishTextNormalizer

_ONES = ["sıfır", "bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz"]
_TENS = ["", "on", "yirmi", "otuz", "kırk", "elli", "altmış", "yetmiş", "seksen", "doksan"]


class Pair(NamedTuple):
    """What was said and what was recognised, both normalised."""

    said: str
    heard: str


class Rates(NamedTuple):
    """Error rates over several messages, in percent."""

    messages: int
    words: int
    """Words in the references."""
    wer: float
    cer: float


def pair(said: str, heard: str, language: str) -> Pair:
    """Normalise both texts by the rules of a language."""
    return Pair(normalise(said, language), normalise(heard, language) or "-")


def rates(pairs: Iterable[Pair]) -> Rates:
    """Return the rates over all messages together, so that long ones count more."""
    references, texts = map(list, zip(*pairs, strict=True))
    words = sum(len(reference.split()) for reference in references)
    return Rates(len(references), words, 100 * jiwer.wer(references, texts), 100 * jiwer.cer(references, texts))


def invented_words(heard: Iterable[str]) -> int:
    """Count the words that an engine reports where nobody speaks, without remarks in brackets such as ``[Music]``."""
    return sum(len(re.findall(r"\w+", without_remarks(text))) for text in heard)


def without_remarks(text: str) -> str:
    """Remove what is in brackets, as OpenAI's normaliser does."""
    return re.sub(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*", " ", text)


def normalise(text: str, language: str) -> str:
    """Return a text in one spelling: by OpenAI's normaliser for English, and by similar rules for Turkish."""
    joined = re.sub(r"(\d)[-.:,](\d)", r"\1\2", without_remarks(text))
    if language == "en":
        return " ".join(re.sub(r"(\d)", r" \1 ", re.sub(r"[^\w\s]", " ", _english()(joined))).split())
    lowered = joined.replace("I", "ı").replace("İ", "i").lower()
    spelled = re.sub(r"\d+", lambda found: f" {spell(found[0])} ", re.sub(r"['’]", "", lowered))
    return " ".join(re.sub(r"[^\w\s]|_", " ", spelled).split())


@cache
def _english() -> "EnglishTextNormalizer":
    from whisper_normalizer.english import EnglishTextNormalizer

    return EnglishTextNormalizer()


def spell(digits: str) -> str:
    """Return digits as Turkish words: a telephone number digit by digit, any other as a number."""
    if digits.startswith("0") or len(digits) > len("999999"):
        return " ".join(_ONES[int(digit)] for digit in digits)
    words, number = [], int(digits)
    for size, name in ((1000, "bin"), (100, "yüz")):
        count, number = divmod(number, size)
        words += [spell(str(count))] * (count > 1) + [name] * (count > 0)
    tens, ones = divmod(number, 10)
    return " ".join([*words, *[_TENS[tens]] * (tens > 0), *[_ONES[ones]] * (ones > 0)]) or _ONES[0]
