"""Hides numbers that nobody should keep or pass on: payment cards, Turkish identity numbers and IBANs.

A number is hidden when its check digits are right, however it is written or said: ``4543 6012…``, ``kırk beş kırk üç
altmış on iki…``, over the ends of segments. So one that the engine heard wrong stays, and so do telephone numbers.

Nothing is kept here: a transcript goes in, and another one comes out. It computes for milliseconds: off the event loop,
please.
"""

from collections.abc import Collection, Sequence

from vm_mcp.models import Transcript
from vm_mcp.redaction.check_digits import SensitiveKind
from vm_mcp.redaction.sensitive_numbers import find
from vm_mcp.redaction.text_spans import Piece, Place, pieces_of, rewritten

__all__ = ["SensitiveKind", "redact"]

REPLACEMENTS: dict[SensitiveKind, str] = {
    "cards": "(card hidden)",
    "ids": "(identity number hidden)",
    "ibans": "(IBAN hidden)",
}
"""What is shown in a number's place. In round brackets, since square ones are for words to doubt."""

REST = "(hidden)"
"""What is shown for the rest of a number that goes on in another segment."""


def redact(transcript: Transcript, kinds: Collection[SensitiveKind]) -> Transcript:
    """Hide numbers in a transcript: in its segments' texts and in their words.

    The words of a hidden number become one, from the beginning of the first to the end of the last, as sure as the
    least sure of them; a segment's words go where they can't be told to be those of its text.

    Args:
        transcript: As the engine made it.
        kinds: Which numbers to hide; none leaves the transcript as it is.
    """
    if not kinds:
        return transcript
    pieces = [piece for index, segment in enumerate(transcript.segments) for piece in pieces_of(index, segment.text)]
    places: list[Place] = []
    for found in find([piece.text for piece in pieces], transcript.language, kinds):
        places += _places(pieces[found.first : found.last + 1], REPLACEMENTS[found.kind])
    segments = tuple(
        rewritten(segment, [place for place in places if place.segment == index])
        for index, segment in enumerate(transcript.segments)
    )
    return transcript.model_copy(update={"segments": segments})


def _places(pieces: Sequence[Piece], mark: str) -> list[Place]:
    """Give what must be replaced in each segment that a number is in."""
    places: list[Place] = []
    for piece in pieces:
        if places and places[-1].segment == piece.segment:
            places[-1] = places[-1]._replace(end=piece.end)
        else:
            places.append(Place(piece.segment, piece.start, piece.end, REST if places else mark))
    return places
