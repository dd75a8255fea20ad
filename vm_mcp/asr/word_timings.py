"""From a model's tokens to words: when each was said, and how sure the model is of it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vm_mcp.models import Word


class _Spelled(NamedTuple):
    """A word, or a part of one, with the space in front of it."""

    text: str
    start: float
    end: float
    probability: float

    def finished(self) -> Word:
        return Word(
            text=self.text.strip(),
            start_seconds=round(self.start, 2),
            end_seconds=round(self.end, 2),
            probability=self.probability,
        )


def spell(
    texts: Sequence[str],
    lengths: Sequence[int],
    probabilities: Sequence[float],
    begins: Iterable[tuple[int, float]],
    end: float,
) -> tuple[Word, ...]:
    """Put words together from their parts.

    Args:
        texts: Each part, with the space in front of it.
        lengths: Of each part, in tokens.
        probabilities: Of each token.
        begins: Numbers of tokens, and when they were said, in seconds of the recording; of a token's times the first
            counts.
        end: When all was said.
    """
    begun: dict[int, float] = {}
    for token, seconds in begins:
        begun.setdefault(token, seconds)
    words: list[_Spelled] = []
    first = 0
    for text, length in zip(texts, lengths, strict=True):
        last = first + length
        sure = sum(probabilities[first:last]) / length
        words.append(_Spelled(text, begun.get(first, end), begun.get(last, end), sure))
        first = last
    return tuple(word.finished() for word in _joined(words))


def _joined(parts: "Iterable[_Spelled]") -> "list[_Spelled]":
    """Join what no space divides, punctuation above all; a word is as sure as its letters and digits are."""
    words: list[_Spelled] = []
    for part in parts:
        if not words or part.text[:1].isspace():
            words.append(part)
            continue
        last = words[-1]
        says = any(char.isalnum() for char in part.text)
        sure = min(last.probability, part.probability) if says else last.probability
        words[-1] = _Spelled(last.text + part.text, last.start, part.end, sure)
    return words
