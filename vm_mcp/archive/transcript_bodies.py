"""A transcript as compressed JSON in one column.

Its segments and words are only ever read together, and rows of their own would take many times the space.
"""

import json
import zlib

from pydantic import ValidationError

from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import Segment, Transcript


def compress(transcript: Transcript) -> bytes:
    """Return a transcript's body. Python's own JSON keeps every float exactly, including NaN and the infinities."""
    content = json.dumps(transcript.model_dump(), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(content.encode())


def decompress(body: bytes) -> Transcript:
    """Return a transcript from its body.

    Raises:
        DamagedTranscriptError: The body can't be read.
    """
    try:
        content = dict(json.loads(zlib.decompress(body)))
        # A newer release may have stored fields that this one doesn't know.
        return Transcript.model_validate({name: content[name] for name in Transcript.model_fields if name in content})
    except (zlib.error, ValueError, TypeError, ValidationError) as error:
        raise DamagedTranscriptError(
            "A transcript in the archive can't be read. Transcribe its message again with `refresh`."
        ) from error


def decompress_or_error(body: bytes | None) -> Transcript | DamagedTranscriptError | None:
    """Return a transcript, if there is one, or its error: a damaged one must not stop an export."""
    try:
        return None if body is None else decompress(body)
    except DamagedTranscriptError as error:
        return error


def decompress_or_stand_in(body: bytes | None, text: str, heard_language: str) -> Transcript | None:
    """Return a transcript, if there is one; of one that is damaged, its text, so that a search finds it all the same.

    Args:
        body: The transcript; None if there is none.
        text: Its text.
        heard_language: Its languages, with commas between.
    """
    found = decompress_or_error(body)
    if not isinstance(found, DamagedTranscriptError):
        return found
    said = Segment(text=text, start_seconds=0, end_seconds=0, avg_logprob=0, no_speech_prob=0)
    language = heard_language.partition(",")[0]
    return Transcript(language=language, segments=(said,), duration_seconds=0, engine="", model="")
