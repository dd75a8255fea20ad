"""Reads digits that are as long as a number but not valid: a local number without its area code, or a misheard one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import Reading, readings
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.number_candidates import in_fewest_groups, is_long, joined_tail
from vm_mcp.telephone import LOCAL_DIGITS

_SPACED_DATE = re.compile(r"(0?[1-9]|[12]\d|3[01]) (0?[1-9]|1[0-2]) (19|20)\d\d", re.ASCII)

_LOCAL_GROUPS = (3, 2, 2)


class Incomplete(NamedTuple):
    """A number that is in no numbering plan."""

    said: Sequence[DigitPart]
    best: Reading
    others: list[Reading]
    """All readings that are as good, including the best."""
    tail: Sequence[DigitPart]
    """The last digits of its other lines."""


def incomplete_numbers(parts: Sequence[DigitPart]) -> Iterator[Incomplete]:
    """Yield the numbers that the parts make up, in order, without any part left over."""
    for piece in _pieces(parts):
        sure = _without_edge_guesses(piece)
        tail = _local_lines(sure)
        said = sure[: len(sure) - len(tail)]
        whole = _whole_readings(said)
        if whole:
            yield Incomplete(said, min(whole, key=lambda item: item.breaks_inside), whole, tail)


def _pieces(parts: Sequence[DigitPart]) -> list[Sequence[DigitPart]]:
    """Return the parts cut at each pause, or at the first full stop, or in one piece.

    Callers also pause between the groups of a number. So pauses cut only if all pieces are then long enough for a
    number, and a full stop only if the parts before it are a number without pauses.
    """
    ends = [at + 1 for at, part in enumerate(parts) if part.pause and at + 1 < len(parts)]
    pieces = [parts[start:end] for start, end in zip([0, *ends], [*ends, len(parts)], strict=True)]
    if all(is_long(piece) for piece in pieces):
        return pieces
    first = pieces[0]
    return [first, parts[len(first) :]] if first[-1].ends_sentence and _whole_readings(first) else [parts]


def _whole_readings(parts: Sequence[DigitPart]) -> list[Reading]:
    """Return the readings of all parts as one number, in the fewest groups; none if they are too short or a date.

    If they are too short, pauses may show that a local number was said: ``beş yüz, doksan altı`` is 500 96, not 596.
    """
    whole = [item for item in readings(parts, [0] if parts else []) if item.end == len(parts)]
    usual = _long_enough(in_fewest_groups(whole))
    return usual or _long_enough(item for item in whole if not item.breaks_inside and _is_local(item))


def _is_local(reading: Reading) -> bool:
    return tuple(map(len, reading.groups)) == _LOCAL_GROUPS


def _long_enough(whole: Iterable[Reading]) -> list[Reading]:
    return [item for item in whole if len(item.digits) >= LOCAL_DIGITS and not _is_date(item)]


def _is_date(reading: Reading) -> bool:
    return _SPACED_DATE.fullmatch(" ".join(reading.groups)) is not None


def _local_lines(parts: Sequence[DigitPart]) -> Sequence[DigitPart]:
    """Return the last digits of a local number's other lines, such as the ``19`` of ``435 22 18-19``."""
    joined = [at for at, part in enumerate(parts) if part.is_joined]
    tail = joined_tail(parts, joined[0] + 1) if joined else []
    said = parts[: len(parts) - len(tail)]
    is_local = bool(tail) and parts[-1] is tail[-1] and sum(len(part.digits) for part in said) == LOCAL_DIGITS
    return tail if is_local else ()


def _without_edge_guesses(parts: Sequence[DigitPart]) -> Sequence[DigitPart]:
    sure = [at for at, part in enumerate(parts) if not part.is_guess]
    return parts[sure[0] : sure[-1] + 1] if sure else ()
