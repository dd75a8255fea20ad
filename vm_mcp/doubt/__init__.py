"""What a reader of a transcript must doubt: words that the engine was unsure of, and the telephone numbers it heard.

Nothing here is stored, because it follows from a transcript and its caller. CPU-bound, milliseconds a transcript, and
imports a numbering plan with the first telephone number (~250 ms): call it off the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import find_runs
from vm_mcp.doubt.marks import doubtful_words, mark, unmark
from vm_mcp.doubt.number_words import core_of, vocabulary
from vm_mcp.doubt.phone_numbers import find_phones
from vm_mcp.doubt.said_words import placed_words, said_words
from vm_mcp.models import PhoneNumber, Transcript

__all__ = ["NumberPlace", "Shown", "number_places", "show", "unmark"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A transcript as it is shown."""

    segments: tuple[str, ...]
    """Each segment's text: one clean line, doubtful words as ``[?word]``, no other square bracket."""
    phone_numbers: tuple[PhoneNumber, ...] = ()
    has_marks: bool = False
    """Whether any word is marked."""

    @property
    def text(self) -> str:
        """All segments as one line; empty when nobody spoke."""
        return " ".join(text for text in self.segments if text)


class NumberPlace(NamedTuple):
    """Where in a text a telephone number was said."""

    numbers: tuple[str, ...]
    """The number, in E.164 where it is valid, else the digits as heard; then other lines of the same place."""
    start: int
    end: int


def number_places(text: str, *, language: str = "", caller_number: str = "") -> list[NumberPlace]:
    """Return the telephone numbers that `show` lists for a transcript, and where they stand in its text.

    Args:
        text: A transcript's whole text.
        language: ISO 639-1 code; empty: not known.
        caller_number: As the PBX sent it; empty when it is not known.
    """
    placed = placed_words(text)
    words = [word[0] for word in placed]
    heard = find_phones(words, [None] * len(words), find_runs(words, vocabulary(language, words)), caller_number)
    return [
        NumberPlace(
            (each.number.e164 or each.number.number, *each.other_lines),
            placed[each.words[0]].start() + core_of(words[each.words[0]]).start,
            placed[each.words[-1]].start() + core_of(words[each.words[-1]]).end,
        )
        for each in heard
    ]


def show(transcript: Transcript, *, caller_number: str = "", caller_name: str = "") -> Shown:
    """Return a transcript with its doubtful words marked, and its telephone numbers.

    Args:
        transcript: What the engine heard; without words' probabilities nothing is marked.
        caller_number: As the PBX sent it; numbers heard are compared with it.
        caller_name: As the PBX sent it, chosen by the caller; its words count as names.
    """
    said = said_words(transcript)
    words = [word.text for word in said]
    known = vocabulary(transcript.language, words)
    phones = find_phones(words, [word.share for word in said], find_runs(words, known), caller_number)
    doubtful = doubtful_words(said, known, caller_name).union(*(phone.guesses for phone in phones))
    by_segment: list[list[int]] = [[] for _ in transcript.segments]
    for index, word in enumerate(said):
        by_segment[word.segment].append(index)
    segments = tuple(_marked(words, indices, doubtful) for indices in by_segment)
    return Shown(segments, tuple(phone.number for phone in phones), bool(doubtful))


def _marked(words: Sequence[str], indices: Sequence[int], doubtful: set[int]) -> str:
    return mark([words[index] for index in indices], {at for at, index in enumerate(indices) if index in doubtful})
