"""Chooses the language of a message among those its account's callers speak."""

from collections.abc import Callable, Mapping, Sequence

from vm_mcp.asr.decoder import Attempt

# How many times as likely as the next a language must be for the guess to be believed.
_CLEAR = 10


def choose_language(
    shares: Mapping[str, float], languages: Sequence[str], decode: Callable[[str], Attempt]
) -> tuple[str, Attempt | None]:
    """By the model's first guess when that is clear; else by decoding as the two likeliest.

    The guess rests on one token, and on a bad line it is wrong where the text's probability still tells.

    Args:
        shares: How likely the model takes each language to be, by ISO 639-1 code.
        languages: What to choose among, two at the least.
        decode: Decodes the speech as a language.

    Returns:
        The language, and what decoding as it gave, if that had to be tried.
    """
    first, second = sorted(languages, key=lambda code: -shares[code])[:2]
    if shares[first] > _CLEAR * shares[second]:
        return first, None
    attempts = {code: decode(code) for code in (first, second)}
    best = max(attempts, key=lambda code: (not attempts[code].is_loop, attempts[code].avg_logprob))
    return best, attempts[best]
