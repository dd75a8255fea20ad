"""Chooses the language of a message among those its account's callers speak."""

from collections.abc import Callable, Mapping, Sequence

# How many times as likely as the next a language must be for the guess to be believed.
_CLEAR = 10


def choose_language(
    shares: Mapping[str, float], languages: Sequence[str], try_openings: Callable[[list[str]], Mapping[str, float]]
) -> str:
    """By the model's first guess when that is clear; else by how well the speech opens in the two likeliest.

    The guess rests on one token, and on a bad line it is wrong where the first words still tell. Later words tell less:
    in the wrong language the model soon writes something fluent of its own, and the whole text's probability was wrong
    where the opening's was right.

    Args:
        shares: How likely the model takes each language to be, by ISO 639-1 code.
        languages: What to choose among, two at the least.
        try_openings: Tells how likely the opening is in each of some languages, as a mean log probability.
    """
    first, second = sorted(languages, key=lambda code: -shares[code])[:2]
    if shares[first] > _CLEAR * shares[second]:
        return first
    openings = try_openings([first, second])
    return max(openings, key=openings.__getitem__)
