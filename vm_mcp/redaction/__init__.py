"""Hide numbers that nobody should store or pass on: payment cards, Turkish identity numbers and IBANs.

A number is hidden when its check digits are right, however it is written or said (``4543 6012…``, ``kırk beş kırk üç
altmış on iki…``), even across segments. So a number that the engine misheard stays, and so do telephone numbers.

Nothing is stored here. CPU-bound, milliseconds a transcript: call through `asyncio.to_thread`.
"""

from collections.abc import Collection, Sequence

from vm_mcp.models import Segment, Transcript
from vm_mcp.redaction.check_digits import SensitiveKind
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
    """Return a transcript whose segments hold none of the numbers, neither in their texts nor in their words.

    The words of a hidden number become one word. It spans them in time, and has the lowest of their probabilities. A
    segment loses all its words if they can't be located in its text, because any of them may hold the number. It also
    loses its other readings if anything in it or in them is hidden: they repeat the number, in part or as a whole.

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
    segments = tuple(
        _without_readings(
            with_replacements(segment, [each for each in replacements if each.segment == index]),
            is_changed=any(each.segment == index for each in replacements),
            kinds=kinds,
        )
        for index, segment in enumerate(transcript.segments)
    )
    return transcript.model_copy(update={"segments": segments})


def _without_readings(segment: Segment, *, is_changed: bool, kinds: Collection[SensitiveKind]) -> Segment:
    """Return a segment without its other readings, if they may hold a number that is to be hidden."""
    said = [piece.text for other in segment.other_readings for piece in pieces_of(0, other.text)]
    if is_changed or find(said, [segment.language], kinds):
        return segment.model_copy(update={"other_readings": ()})
    return segment


def _replacements(pieces: Sequence[Piece], text: str) -> list[Replacement]:
    """Return one replacement for each segment that a number's pieces are in; only the first names the number."""
    replacements: list[Replacement] = []
    for piece in pieces:
        if replacements and replacements[-1].segment == piece.segment:
            replacements[-1] = replacements[-1]._replace(end=piece.end)
        else:
            replacements.append(Replacement(piece.segment, piece.start, piece.end, REST if replacements else text))
    return replacements
