"""What a reader of a transcript should doubt: words that the engine was unsure of, telephone numbers, and times.

All of it follows from a transcript and its caller, so no transcript is stored with it; only the archive's search index
keeps the numbers. CPU-bound, milliseconds for a transcript, and imports the numbering plans for the first telephone
number (~250 ms): call through `asyncio.to_thread`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from statistics import fmean
from typing import NamedTuple

from vm_mcp.doubt.dictation import dictated_runs
from vm_mcp.doubt.digit_groups import Run
from vm_mcp.doubt.heard_numbers import HeardNumber
from vm_mcp.doubt.heard_otherwise import heard_otherwise
from vm_mcp.doubt.marks import doubtful_words, mark
from vm_mcp.doubt.number_context import telephone_runs
from vm_mcp.doubt.number_words import Vocabulary, core_of, vocabulary
from vm_mcp.doubt.phone_numbers import find_phones
from vm_mcp.doubt.said_digits import SaidDigits, said_digits
from vm_mcp.doubt.said_times import said_times
from vm_mcp.doubt.said_words import SaidWord, placed_words, said_words
from vm_mcp.doubt.second_opinion import OtherWord, other_words, with_second_opinion
from vm_mcp.doubt.thresholds import MESSAGE
from vm_mcp.doubt.word_doubts import with_doubts
from vm_mcp.models import HeardOtherwise, PhoneNumber, SaidTime, Transcript

__all__ = ["DoubtfulWord", "NumberPlace", "Shown", "ShownWord", "number_places", "show"]


class _Numbers(NamedTuple):
    """The numbers in some words."""

    runs: list[Run]
    """As they are dictated."""
    phones: list[HeardNumber]


class DoubtfulWord(NamedTuple):
    """A word in a doubt mark."""

    text: str
    start_seconds: float


class ShownWord(NamedTuple):
    """A word as it is shown, with its punctuation."""

    text: str
    start_seconds: float | None
    """When it begins in the recording; None if the engine doesn't say."""
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A transcript as it is shown."""

    segments: tuple[str, ...]
    """Text of each segment: one clean line, with doubtful words as ``[?word]`` and no other square brackets."""
    words: tuple[tuple[ShownWord, ...], ...] = ()
    """The words of each segment, without marks."""
    phone_numbers: tuple[PhoneNumber, ...] = ()
    has_marks: bool = False
    """Whether there is a doubt mark in it."""
    times: tuple[SaidTime, ...] = ()
    heard_otherwise: tuple[HeardOtherwise, ...] = ()
    """Numbers, other than telephone numbers, that two readings differ on."""
    doubts: tuple[float, ...] = ()
    """Estimated probability for each word that it was misheard, 0 to 1; empty if the engine says too little of them."""
    doubtful: tuple[DoubtfulWord, ...] = ()
    """The marked words, where the engine says when they were said."""
    digits: tuple[SaidDigits, ...] = ()
    """All that its digits can mean, telephone numbers and others; their words are counted in `text`."""

    @property
    def is_hardly_understood(self) -> bool:
        """Whether most of it was probably misheard, as from a far room, over an echo, or of two people at once."""
        return bool(self.doubts) and fmean(self.doubts) > MESSAGE

    @property
    def text(self) -> str:
        """All segments as one line; empty if nobody spoke."""
        return " ".join(text for text in self.segments if text)


class NumberPlace(NamedTuple):
    """Where a telephone number stands in a text."""

    start: int
    end: int


def number_places(text: str) -> list[NumberPlace]:
    """Return where the telephone numbers stand in a text that is no transcript, such as what somebody types."""
    placed = placed_words(text)
    words = [word[0] for word in placed]
    return [
        NumberPlace(
            placed[phone.words[0]].start() + core_of(words[phone.words[0]]).start,
            placed[phone.words[-1]].start() + core_of(words[phone.words[-1]]).end,
        )
        for phone in _numbers(words, [None] * len(words), vocabulary("", words)).phones
        if phone.number.number
    ]


def show(
    transcript: Transcript, *, caller_number: str = "", caller_name: str = "", received_at: datetime | None = None
) -> Shown:
    """Return a transcript with doubt marks, and the telephone numbers and times in it.

    Args:
        transcript: What the engine recognised. If it gave no probabilities of words, none is marked.
        caller_number: As the PBX sent it. The numbers in the transcript are compared with it.
        caller_name: As the PBX sent it, chosen by the caller. Its words count as names.
        received_at: When the message was left, aware, in the account's zone; None: no times are read.
    """
    parts = [_show_part(part, caller_number, caller_name, received_at) for part in transcript.by_language()]
    return Shown(
        tuple(chain.from_iterable(part.segments for part in parts)),
        tuple(chain.from_iterable(part.words for part in parts)),
        tuple(chain.from_iterable(part.phone_numbers for part in parts)),
        any(part.has_marks for part in parts),
        tuple(chain.from_iterable(part.times for part in parts)),
        tuple(chain.from_iterable(part.heard_otherwise for part in parts)),
        tuple(chain.from_iterable(part.doubts for part in parts)),
        tuple(chain.from_iterable(part.doubtful for part in parts)),
        tuple(_counted_through(parts)),
    )


def _show_part(transcript: Transcript, caller_number: str, caller_name: str, received_at: datetime | None) -> Shown:
    """Return a transcript, or the part of one, that is in one language."""
    plain = said_words(transcript)
    words = [word.text for word in plain]
    known = vocabulary(transcript.language, words)
    said = with_doubts(plain, transcript.language, known)
    numbers = _numbers(words, _probabilities(said), known, caller_number)
    others = other_words(said, transcript)
    other_texts = [word.text for word in others]
    other_numbers = _numbers(other_texts, [None] * len(others), known, caller_number)
    phones = with_second_opinion(numbers.phones, said, transcript, others, other_numbers.phones)
    doubtful = doubtful_words(said, known, caller_name).union(*(phone.guesses for phone in phones))
    by_segment: list[list[int]] = [[] for _ in transcript.segments]
    for index, word in enumerate(said):
        by_segment[word.segment].append(index)
    segments = tuple(_marked(words, indices, doubtful) for indices in by_segment)
    are_placed = any(word.end_seconds for word in said)
    shown_words = tuple(tuple(_shown_word(said, at, doubtful, are_placed) for at in each) for each in by_segment)
    times = said_times(said, transcript.language, received_at) if received_at else ()
    listed = {index for phone in phones for index in phone.words}
    differing = heard_otherwise(said, transcript, known, listed)
    digits = [*said_digits(words, numbers.runs, phones)]
    # Where a second reading is hidden, what is left around the gap is no number.
    if any(segment.other_readings for segment in transcript.segments):
        digits += _as_shown(said_digits(other_texts, *other_numbers), others)
    placed = tuple(_placed(said, doubtful)) if are_placed else ()
    timed = tuple(_with_seconds(phone, said) for phone in phones)
    return Shown(
        segments, shown_words, timed, bool(doubtful), times, differing, _fitted_doubts(said), placed, tuple(digits)
    )


def _numbers(
    words: Sequence[str], probabilities: Sequence[float | None], known: Vocabulary, caller_number: str = ""
) -> _Numbers:
    dictated = dictated_runs(words, known)
    runs = list(telephone_runs(words, dictated))
    return _Numbers(dictated, find_phones(words, probabilities, runs, caller_number))


def _placed(said: Sequence[SaidWord], doubtful: Collection[int]) -> Iterator[DoubtfulWord]:
    """Yield the doubtful words with when they were said."""
    for word in (said[index] for index in sorted(doubtful)):
        text = core_of(word.text).text
        if text and word.start_seconds is not None:
            yield DoubtfulWord(text, word.start_seconds)


def _shown_word(said: Sequence[SaidWord], index: int, doubtful: Collection[int], are_placed: bool) -> ShownWord:  # noqa: FBT001 - of one caller
    word = said[index]
    return ShownWord(word.text, word.start_seconds if are_placed else None, index in doubtful)


def _as_shown(digits: Iterable[SaidDigits], others: Sequence[OtherWord]) -> Iterator[SaidDigits]:
    """Yield the digits of the other readings, with the words that are shown in their place."""
    for found in digits:
        yield found._replace(first=others[found.first].at, last=others[found.last].at)


def _counted_through(parts: Iterable[Shown]) -> Iterator[SaidDigits]:
    """Yield the digits of all parts, with their words counted in the whole text."""
    before = 0
    for part in parts:
        yield from (found._replace(first=before + found.first, last=before + found.last) for found in part.digits)
        before += len(part.text.split())


def _fitted_doubts(said: Sequence[SaidWord]) -> tuple[float, ...]:
    """Return the doubts of all words; none if they are only what the engine's probabilities lack to 1."""
    has_all = all(word.logprob is not None for word in said)
    return tuple(word.doubt for word in said if word.doubt is not None) if has_all else ()


def _with_seconds(heard: HeardNumber, said: Sequence[SaidWord]) -> PhoneNumber:
    """Return a number with where to listen for it."""
    first, last = said[heard.words[0]], said[heard.words[-1]]
    return heard.number.model_copy(update={"start_seconds": first.start_seconds, "end_seconds": last.end_seconds})


def _probabilities(said: Sequence[SaidWord]) -> list[float | None]:
    """Return how probable it is that each word is right."""
    return [None if word.doubt is None else 1 - word.doubt for word in said]


def _marked(words: Sequence[str], indices: Sequence[int], doubtful: set[int]) -> str:
    return mark([words[index] for index in indices], {at for at, index in enumerate(indices) if index in doubtful})
