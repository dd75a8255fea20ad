"""From tokens to words: when each word was said, and its probability."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vm_mcp.models import Word

# Stands for a probability of zero, which has no logarithm.
_LEAST = 1e-6


def log_of(probability: float) -> float:
    """Return the logarithm of a probability; of zero, that of a very small one."""
    return math.log(max(_LEAST, probability))


class _Piece(NamedTuple):
    """A word or a part of one, with the space before it."""

    text: str
    start: float
    end: float
    probability: float
    tokens: tuple[float, ...]
    """Probabilities of its tokens."""

    def as_word(self) -> Word:
        return Word(
            text=self.text.strip(),
            start_seconds=round(self.start, 2),
            end_seconds=round(self.end, 2),
            probability=self.probability,
            least_probability=round(min(self.tokens), 4),
            logprob=round(sum(map(log_of, self.tokens)), 3),
            tokens=len(self.tokens),
        )


def to_words(
    texts: Sequence[str],
    lengths: Sequence[int],
    probabilities: Sequence[float],
    starts: Iterable[tuple[int, float]],
    end: float,
) -> tuple[Word, ...]:
    """Return the words that some pieces of text make up.

    Args:
        texts: The pieces, each with the space before it, as the tokenizer splits them.
        lengths: Number of tokens of each piece.
        probabilities: Probability of each token.
        starts: Indices of tokens, and when each was said, in seconds of the recording. The alignment maps several
            moments to one token; the first is its start.
        end: Seconds of the recording at which the last piece ends.
    """
    started: dict[int, float] = {}
    for token, seconds in starts:
        started.setdefault(token, seconds)
    pieces: list[_Piece] = []
    first = 0
    for text, length in zip(texts, lengths, strict=True):
        last = first + length
        tokens = tuple(probabilities[first:last])
        pieces.append(_Piece(text, started.get(first, end), started.get(last, end), sum(tokens) / length, tokens))
        first = last
    return tuple(piece.as_word() for piece in _joined(pieces))


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Join pieces that no space separates.

    The tokenizer splits off punctuation, which must not change a word's probability: whether a comma follows says
    nothing about the word. Other pieces, such as the halves of ``555-0134``, are all part of the word, which is as
    doubtful as the most doubtful of them.
    """
    words: list[_Piece] = []
    for piece in pieces:
        if not words or piece.text[:1].isspace():
            words.append(piece)
            continue
        last = words[-1]
        is_punctuation = not any(char.isalnum() for char in piece.text)
        probability = last.probability if is_punctuation else min(last.probability, piece.probability)
        tokens = last.tokens if is_punctuation else last.tokens + piece.tokens
        words[-1] = _Piece(last.text + piece.text, last.start, piece.end, probability, tokens)
    return words
