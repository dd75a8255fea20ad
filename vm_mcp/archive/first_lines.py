"""What a list shows of a transcript."""

from vm_mcp.archive.records import KnownTranscript
from vm_mcp.archive.transcript_bodies import decompress_or_error
from vm_mcp.models import Transcript
from vm_mcp.text import DOUBT_END, DOUBT_START

WHOLE_TEXT, FIRST_LINE = 200, 80
"""Characters of a transcript up to which a list shows all of it, so that nobody need ask for it; and else the most that
it shows, which would be paid for twice."""


def known_transcript(text: str, body: bytes | None) -> KnownTranscript:
    """Return what a list shows of a message's latest transcript.

    Args:
        text: Its beginning, with doubt marks once it is indexed; longer than `WHOLE_TEXT` if all of it is.
        body: All of it, if the text is empty.
    """
    if text:
        return KnownTranscript(_first_line(text), no_speech=False)
    transcript = decompress_or_error(body)
    speaks = isinstance(transcript, Transcript) and bool(transcript.speech_not_understood)
    return KnownTranscript("", no_speech=True, not_understood=speaks)


def _first_line(text: str) -> str:
    if len(text) <= WHOLE_TEXT:
        return text
    cut = text[:FIRST_LINE]
    begun = cut.rsplit(" ", 1)[0] or cut
    # The cut may fall within a doubt mark.
    closing = DOUBT_END if begun.rfind(DOUBT_START) > begun.rfind(DOUBT_END) else ""
    return f"{begun}{closing}…"
