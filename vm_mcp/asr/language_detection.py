"""Chooses the language of a message among those that the account's callers speak."""

from collections.abc import Callable, Mapping, Sequence

# How many times as likely as the second language the first must be to be chosen without decoding.
_CLEAR = 10


def choose_language(
    probabilities: Mapping[str, float],
    languages: Sequence[str],
    opening_logprobs: Callable[[list[str]], Mapping[str, float]],
) -> str:
    """Return the likeliest of some languages.

    That is the model's own first guess if it is clear, otherwise the one of the two likeliest in which the first words
    have the higher log probability. The guess rests on one token, and on a bad line it is wrong where the first words
    are still right. More words make the choice worse: once the model has begun in the wrong language it soon writes
    fluent text of its own, and the probability of a whole text was wrong where that of its opening was right.

    Choosing among the account's languages matters most: among all that Whisper knows, `base` called 6 of 28 Turkish and
    English messages Nynorsk, Latin, Armenian, Hungarian or Arabic.

    Args:
        probabilities: The model's probability of each language, by ISO 639-1 code.
        languages: The languages to choose among, at least two.
        opening_logprobs: Returns the mean log probability of the first words in each of some languages.
    """
    first, second = sorted(languages, key=lambda code: -probabilities[code])[:2]
    if probabilities[first] > _CLEAR * probabilities[second]:
        return first
    logprobs = opening_logprobs([first, second])
    return max(logprobs, key=logprobs.__getitem__)
