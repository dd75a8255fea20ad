"""Shorten uuids to ends that a person can type."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import takewhile

SHORTEST_ENDING = 6
"""Characters; a shorter end of a uuid may soon be another's, too."""


def shortest_endings(uuids: Sequence[str], others: Iterable[str]) -> dict[str, str]:
    """Return the shortest ends of uuids that no other has, in any case; all of one if it is the end of another.

    Args:
        uuids: The uuids.
        others: Those that share the last `SHORTEST_ENDING` characters with one of them, in any case.
    """
    backwards = sorted({uuid.casefold()[::-1] for uuid in others})
    return {uuid: _ending(uuid, backwards) for uuid in uuids}


def _ending(uuid: str, backwards: Sequence[str]) -> str:
    """Return the end of a uuid that none of the others has; they are sorted, so only its neighbours can share more."""
    own = uuid.casefold()[::-1]
    at = bisect_left(backwards, own)
    near = [other for other in backwards[max(0, at - 1) : at + 2] if other != own]
    shared = max((_shared(own, other) for other in near), default=0)
    return uuid[-max(SHORTEST_ENDING, shared + 1) :]


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginnings."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
