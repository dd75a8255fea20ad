"""Count which words and slots of a transcript are right, and which are marked as doubtful."""

import random
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from slots.alignment import align
from slots.messages import Message
from vm_mcp import doubt
from vm_mcp.models import Transcript
from vm_mcp.text import DOUBT_END, DOUBT_START

_RESAMPLINGS = 1000

T = TypeVar("T")


class SlotScore(NamedTuple):
    """A slot as it was transcribed."""

    kind: str
    is_right: bool
    is_marked: bool
    """Whether any of its words has a doubt mark."""


class Score(NamedTuple):
    """A message as it was transcribed and shown."""

    words: int
    """Said."""
    errors: int
    """Words that are wrong, missing or invented."""
    marked: int
    """Words with a doubt mark."""
    marked_wrong: int
    """Those of them that are wrong."""
    wrong: int
    """Words of the transcript that are wrong."""
    slots: tuple[SlotScore, ...]
    phones: int
    """Telephone numbers said."""
    phones_right: int
    """Those of them that are listed, whether as sure or not."""
    sure: int
    """Telephone numbers told as valid."""
    sure_wrong: int
    """Those of them that nobody said."""


def score(message: Message, transcript: Transcript) -> Score:
    """Compare what is shown of a message with what was said."""
    shown = doubt.show(transcript)
    heard, marked = marked_words(shown.text)
    alignment = align(message.text.split(), heard)
    wrong = {index for index, each in enumerate(alignment.heard) if each.errors}
    said = {national(slot.value) for slot in message.slots if slot.kind == "phone"}
    listed = {national(phone.number) for phone in shown.phone_numbers if phone.number}
    sure = {national(phone.number) for phone in shown.phone_numbers if phone.is_valid}
    return Score(
        words=len(message.text.split()),
        errors=alignment.errors,
        marked=len(marked),
        marked_wrong=len(marked & wrong),
        wrong=len(wrong),
        slots=tuple(_slot(slot.kind, slot.start, slot.end, alignment.heard, marked) for slot in message.slots),
        phones=len(said),
        phones_right=len(said & listed),
        sure=len(sure),
        sure_wrong=len(sure - said),
    )


def _slot(kind: str, start: int, end: int, heard: Sequence[tuple[int, int, int]], marked: set[int]) -> SlotScore:
    """Return whether a slot's words were all heard, and nothing else among them."""
    touching = [
        index
        for index, (first, last, _) in enumerate(heard)
        if (first < end and last > start) or (first == last and start < first < end)
    ]
    covered = {word for index in touching for word in range(heard[index][0], heard[index][1])}
    is_right = covered >= set(range(start, end)) and not any(heard[index][2] for index in touching)
    return SlotScore(kind, is_right, not marked.isdisjoint(touching))


def marked_words(text: str) -> tuple[list[str], set[int]]:
    """Return the words of a text that is shown, without doubt marks, and the indices of those in marks."""
    words: list[str] = []
    marked: set[int] = set()
    inside = False
    for word in text.split():
        inside = inside or DOUBT_START in word
        if inside:
            marked.add(len(words))
        inside = inside and DOUBT_END not in word
        words.append(word.replace(DOUBT_START, "").replace(DOUBT_END, ""))
    return words, marked


def national(number: str) -> str:
    """Return a number's digits without the prefixes that it may be said with."""
    digits = re.sub(r"\D", "", number)
    return re.sub("^(0090|090|90|0)(?=.{10})", "", digits)


class Interval(NamedTuple):
    """A percentage, and between which values it lies if other messages of the kind were drawn, in 95 % of draws."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it as a table shows it."""
        return f"{self.value:.1f} [{self.low:.0f}-{self.high:.0f}]"


def interval(scores: Sequence[T], part: Callable[[T], int], whole: Callable[[T], int]) -> Interval:
    """Return what percentage a part is of a whole over all messages, with a bootstrap by message."""
    generator = random.Random(1)  # noqa: S311 - a benchmark, no secret
    counts = [(part(each), whole(each)) for each in scores]
    draws = sorted(_percentage(generator.choices(counts, k=len(counts))) for _ in range(_RESAMPLINGS))
    return Interval(_percentage(counts), draws[round(_RESAMPLINGS * 0.025)], draws[round(_RESAMPLINGS * 0.975)])


def _percentage(counts: Sequence[tuple[int, int]]) -> float:
    return 100 * sum(part for part, _ in counts) / max(1, sum(whole for _, whole in counts))
