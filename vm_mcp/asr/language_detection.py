"""Chooses the language of each window of a message, mostly among those that the account's callers speak."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from vm_mcp.models import Segment

# The weights are those of `base`, from 522 windows of Turkish and English, short, noisy, muffled, with lost packets and
# keyed digits among them: 4 get the wrong language. With the larger of the two probabilities, or where these are close
# the better opening, 78 got the wrong one, nearly all short Turkish that became fluent English.

# How much of the probability of all other languages counts for each of the account's but English. `base` calls English
# English, with .9 and more, but gives Turkish to Nynorsk, Latin, Spanish or Hebrew: what it takes for a language that
# nobody here speaks is hardly English.
_UNKNOWN = 0.5
# How much the mean log probability of the first words counts against the logarithm of the language's probability.
_OPENING = 2.0
# What the account's first language is ahead of the others.
_FIRST = 1.0
# Lead without the first words that these can't make up: they differ by 1.5 at most where they favour the wrong one.
_CLEAR = 3.0
# How much the windows before and after may add: enough for a short and unclear one, less than the lead of a clear one.
_NEIGHBOURS = 1.5
_TINY = 1e-6
# Probability from which another language than the account's is clearly spoken, and seconds that it takes. Turkish was
# given to Spanish or Hebrew with up to .73, in short pieces and in long ones; German, French, Spanish and Italian had
# .83 to .97.
_OTHER, _OTHER_SECONDS = 0.8, 4.0


class LanguageGuess(NamedTuple):
    """What speaks for each of some languages in a window, by ISO 639-1 code: the log of its odds, up to a constant."""

    scores: Mapping[str, float]

    @property
    def likeliest(self) -> str:
        """The language with the highest score."""
        return max(self.scores, key=self.scores.__getitem__)

    def behind(self, language: str) -> float:
        """Return how far a language is behind the likeliest: 0 for that itself, else below 0."""
        return self.scores.get(language, -math.inf) - max(self.scores.values())


def guess_language(
    probabilities: Mapping[str, float],
    languages: Sequence[str],
    opening_logprobs: Callable[[Sequence[str]], Mapping[str, float]],
) -> LanguageGuess:
    """Return what speaks for each of some languages in a window.

    Both signals are added, because each alone is wrong where the other is right: the probability of a language rests on
    one token, and keyed digits or noise change it, while the first words in a wrong language may be as fluent as the
    right ones. More words make the choice worse: once the model has begun in the wrong language it soon writes fluent
    text of its own, and the probability of a whole text was wrong where that of its opening was right.

    Args:
        probabilities: The model's probability of each language that it knows, by ISO 639-1 code.
        languages: Those to choose among: the account's, the most likely first, and others that are spoken.
        opening_logprobs: Returns the mean log probability of the first words in each of some languages. It takes a
            short decoding, so it is called only if the probabilities leave a doubt.
    """
    shares = probabilities
    unknown = max(0.0, 1 - sum(shares.get(code, 0.0) for code in languages))
    scores = {
        code: math.log(shares.get(code, 0.0) + (0 if code == "en" else _UNKNOWN * unknown) + _TINY)
        + (_FIRST if code == languages[0] else 0)
        for code in languages
    }
    near = [code for code in languages if scores[code] > max(scores.values()) - _CLEAR]
    if len(near) > 1:
        openings = opening_logprobs(near)
        best = max(openings.values())
        scores |= {code: scores[code] + _OPENING * (openings[code] - best) for code in near}
    return LanguageGuess(scores)


def other_languages(windows: Iterable[tuple[float, Mapping[str, float]]], languages: Sequence[str]) -> list[str]:
    """Return the languages besides the account's that are clearly spoken in some window of a message.

    Args:
        windows: Of each window, its length in seconds and the model's probability of each language.
        languages: The account's.
    """
    likeliest = (
        max(probabilities, key=probabilities.__getitem__)
        for seconds, probabilities in windows
        if seconds >= _OTHER_SECONDS and max(probabilities.values()) >= _OTHER
    )
    return [code for code in dict.fromkeys(likeliest) if code not in languages]


def choose_languages(guesses: Sequence[LanguageGuess]) -> list[str]:
    """Return the language of each window of a message, given in order.

    Callers seldom change their language, so the windows before and after add to a guess, but never so much that a clear
    half in another language is lost.
    """
    return [_with_neighbours(guesses, index).likeliest for index in range(len(guesses))]


def _with_neighbours(guesses: Sequence[LanguageGuess], index: int) -> LanguageGuess:
    own = guesses[index]
    beside = [*guesses[max(0, index - 1) : index], *guesses[index + 1 : index + 2]]
    if not beside:
        return own
    return LanguageGuess(
        {
            code: score + sum(max(guess.behind(code), -_NEIGHBOURS) for guess in beside) / len(beside)
            for code, score in own.scores.items()
        }
    )


def name_language(segments: Sequence[Segment]) -> tuple[str, tuple[Segment, ...]]:
    """Return the language of most words of a message, empty without segments; and segments that name only others."""
    words = Counter[str]()
    for segment in segments:
        words[segment.language] += len(segment.text.split())
    most = max(words, key=words.__getitem__, default="")
    return most, tuple(
        segment.model_copy(update={"language": ""}) if segment.language == most else segment for segment in segments
    )
