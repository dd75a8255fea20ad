"""Hide numbers that nobody should store or pass on: payment cards, Turkish identity numbers and IBANs.

A number is hidden when its check digits are right, however it is written or said (``4543 6012…``, ``kırk beş kırk üç
altmış on iki…``), even across segments. So a number that the engine misheard stays, and so do telephone numbers.

Nothing is stored here. CPU-bound, milliseconds a transcript: call through `asyncio.to_thread`.
"""

import re
from collections.abc import Collection, Sequence

from vm_mcp.doubt.second_opinion import other_texts
from vm_mcp.models import PressedKeys, Transcript
from vm_mcp.redaction.check_digits import IBAN_DIGITS, SensitiveKind, kind_of
from vm_mcp.redaction.sensitive_numbers import find
from vm_mcp.redaction.text_spans import Piece, Replacement, pieces_of, with_replacements

__all__ = ["SensitiveKind", "redact"]

REPLACEMENTS: dict[SensitiveKind, str] = {
    "cards": "(card hidden)",
    "ids": "(identity number hidden)",
    "ibans": "(IBAN hidden)",
}
"""What is shown instead of a number. In round brackets, because square brackets mark doubtful words."""

REST = "(hidden)"
"""What is shown instead of the rest of a number that continues in another segment."""


def redact(transcript: Transcript, kinds: Collection[SensitiveKind]) -> Transcript:
    """Return a transcript that holds none of the numbers: in its segments' texts and words, or in pressed keys.

    The words of a hidden number become one word. It spans them in time, and has the lowest of their probabilities. A
    segment loses all its words if they can't be located in its text, because any of them may hold the number. It also
    loses its other readings if anything in it is hidden, or if a number is in them or in what they make of the text:
    they repeat the number, in part or as a whole.

    Args:
        transcript: As the engine made it.
        kinds: Which numbers to hide; with none, the transcript is returned unchanged.
    """
    if not kinds:
        return transcript
    pieces = [piece for index, segment in enumerate(transcript.segments) for piece in pieces_of(index, segment.text)]
    replacements: list[Replacement] = []
    for number in find([piece.text for piece in pieces], transcript.languages, kinds):
        replacements += _replacements(pieces[number.first : number.last + 1], REPLACEMENTS[number.kind])
    changed = {each.segment for each in replacements} | _segments_with_other_numbers(transcript, kinds)
    segments = tuple(
        with_replacements(segment, [each for each in replacements if each.segment == index]).model_copy(
            update={"other_readings": () if index in changed else segment.other_readings}
        )
        for index, segment in enumerate(transcript.segments)
    )
    return transcript.model_copy(update={"segments": segments, "keys": _without_numbers(transcript.keys, kinds)})


def _without_numbers(keys: Sequence[PressedKeys], kinds: Collection[SensitiveKind]) -> tuple[PressedKeys, ...]:
    """Return keys that were pressed, all of them hidden if any number is among them: it may go on after a pause."""
    parts = [digits for pressed in keys for digits in re.findall(r"\d+", pressed.keys)]
    starts = range(len(parts))
    runs = ("".join(parts[start : start + count]) for start in starts for count in range(1, IBAN_DIGITS + 1))
    hidden = next((kind for digits in runs if (kind := kind_of(digits, kinds))), None)
    if not hidden:
        return tuple(keys)
    return tuple(pressed.model_copy(update={"keys": REPLACEMENTS[hidden]}) for pressed in keys)


def _segments_with_other_numbers(transcript: Transcript, kinds: Collection[SensitiveKind]) -> set[int]:
    """Return the indices of segments whose other readings hold a number, by themselves or with the words around."""
    if not any(segment.other_readings for segment in transcript.segments):
        return set()
    alone = [" ".join(reading.text for reading in segment.other_readings) for segment in transcript.segments]
    found: set[int] = set()
    for texts in (alone, other_texts(transcript)):
        pieces = [piece for index, text in enumerate(texts) for piece in pieces_of(index, text)]
        for number in find([piece.text for piece in pieces], transcript.languages, kinds):
            found |= {piece.segment for piece in pieces[number.first : number.last + 1]}
    return found


def _replacements(pieces: Sequence[Piece], text: str) -> list[Replacement]:
    """Return one replacement for each segment that a number's pieces are in; only the first names the number."""
    replacements: list[Replacement] = []
    for piece in pieces:
        if replacements and replacements[-1].segment == piece.segment:
            replacements[-1] = replacements[-1]._replace(end=piece.end)
        else:
            replacements.append(Replacement(piece.segment, piece.start, piece.end, REST if replacements else text))
    return replacements
