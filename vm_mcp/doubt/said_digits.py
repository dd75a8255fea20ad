"""Digits said in a transcript, in words or written, as a search finds them.

Any number counts here, also an order number, a price or a year, and each way to read it: a search had better find one
message too many. `vm_mcp.doubt.show` decides what a reader is told of the same words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vm_mcp.doubt.dictation import dictated_runs
from vm_mcp.doubt.digit_groups import Run, readings
from vm_mcp.doubt.heard_numbers import HeardNumber
from vm_mcp.doubt.number_candidates import in_fewest_groups
from vm_mcp.doubt.number_words import stem_of, vocabulary
from vm_mcp.text import fold

_MOST_DIGITS = 3 * len("00905321234567")
"""More digits than three telephone numbers have are something else."""
_SCALES = {"bin", "thousand"}
_THREE_DIGITS = len("999")


class SaidDigits(NamedTuple):
    """Digits, and the words that they were read from."""

    numbers: tuple[str, ...]
    """Each way to read them; telephone numbers also in E.164."""
    first: int
    """Index of the first word, among all words of the transcript."""
    last: int


def spoken_digits(words: Sequence[str]) -> list[SaidDigits]:
    """Return the digits said in some words, in the language of most of their number words."""
    return list(said_digits(words, dictated_runs(words, vocabulary("", list(words))), ()))


def said_digits(words: Sequence[str], runs: Sequence[Run], heard: Iterable[HeardNumber]) -> Iterator[SaidDigits]:
    """Yield the digits said in a transcript, in no order; several may be read from the same words.

    Args:
        words: All words.
        runs: The runs of number words among them.
        heard: The telephone numbers among them.
    """
    for phone in heard:
        numbers = (phone.number.number, phone.number.e164, *phone.other_lines)
        yield SaidDigits(tuple(filter(None, numbers)), phone.words[0], phone.words[-1])
    for at, word in enumerate(words):
        if digits := re.sub(r"\D", "", stem_of(word), flags=re.ASCII):
            yield SaidDigits((digits,), at, at)
    whole = [SaidDigits(_whole(run), run.parts[0].word, run.parts[-1].word) for run in runs]
    yield from (said for said in whole if said.numbers)
    yield from _thousands(words, whole)


def _whole(run: Run) -> tuple[str, ...]:
    """Return the ways to read all of a run, in the fewest groups: nobody says 532 as 500 32."""
    found = (item for item in readings(run.parts, [0], _MOST_DIGITS) if item.end == len(run.parts))
    return tuple(dict.fromkeys(item.digits for item in in_fewest_groups(found)))


def _thousands(words: Sequence[str], whole: Sequence[SaidDigits]) -> Iterator[SaidDigits]:
    """Yield numbers with thousands, which are amounts and years: ``on iki bin beş yüz`` is 12500."""
    before, after = {said.last: said for said in whole}, {said.first: said for said in whole}
    for at, word in enumerate(words):
        if fold(stem_of(word)) in _SCALES:
            many, rest = before.get(at - 1), after.get(at + 1)
            rests = [digits for digits in rest.numbers if len(digits) <= _THREE_DIGITS] if rest else []
            numbers = [
                thousands + hundreds.zfill(_THREE_DIGITS)
                for thousands in (many.numbers if many else ("1",))
                for hundreds in rests or ("0",)
            ]
            yield SaidDigits(tuple(numbers), many.first if many else at, rest.last if rest and rests else at)
