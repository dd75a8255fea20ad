"""Align what was heard with what was said, at the least cost."""

from collections.abc import Sequence
from typing import NamedTuple

from slots.spoken import Way, are_same, clean, ways

_NEVER = 10**9


class Heard(NamedTuple):
    """A word that was heard, and the words of the message that it stands for."""

    start: int
    end: int
    """Index after the last one; equal to ``start`` for a word that nobody said."""
    errors: int
    """How many words are wrong in it."""


class Alignment(NamedTuple):
    """How a transcript and a message's words belong together."""

    errors: int
    """Words that are wrong, missing or invented."""
    heard: tuple[Heard, ...]


def align(said: Sequence[str], heard: Sequence[str]) -> Alignment:
    """Return the alignment with the fewest errors; a number may have been said in any way that its digits allow.

    Args:
        said: The message's words.
        heard: The transcript's words.
    """
    words = [clean(word) for word in said]
    costs = list(range(len(words) + 1))
    steps: list[list[int | Heard]] = []
    for word in heard:
        costs, step = _after(word, words, costs)
        steps.append(step)
    return Alignment(costs[-1], tuple(reversed(list(_path(steps, len(words))))))


def _after(word: str, said: Sequence[str], costs: Sequence[int]) -> tuple[list[int], list[int | Heard]]:
    """Return the costs of having heard one word more, and how each came about."""
    best = [_NEVER] * (len(said) + 1)
    steps: list[int | Heard] = [0] * (len(said) + 1)
    for way in ways(word):
        for start, before in enumerate(costs):
            for end in _ends(way, start, len(said)):
                errors = _distance(said[start:end], way)
                if before + errors < best[end]:
                    best[end], steps[end] = before + errors, Heard(start, end, errors)
    for end in range(1, len(said) + 1):
        if best[end - 1] + 1 < best[end]:
            best[end], steps[end] = best[end - 1] + 1, end - 1
    return best, steps


def _ends(way: Way, start: int, length: int) -> range:
    """Return where the words that a way stands for may end."""
    spare = 2 if len(way) > 1 else 0
    return range(min(length, start + max(0, len(way) - spare) * (len(way) > 1)), min(length, start + len(way) + spare) + 1)  # fmt: skip  # noqa: E501


def _path(steps: Sequence[Sequence[int | Heard]], end: int) -> "list[Heard]":
    path: list[Heard] = []
    for step in reversed(steps):
        at = step[end]
        while isinstance(at, int):
            end = at
            at = step[end]
        path.append(at)
        end = at.start
    return path


def _distance(said: Sequence[str], heard: Way) -> int:
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        diagonal, row[0] = row[0], count
        for at, other in enumerate(heard, 1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (not are_same(word, other)))
    return row[-1]
