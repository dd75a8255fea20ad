"""A transcript as compressed JSON in one column.

Its segments and words are only ever read together, and rows of their own would take many times the space.
"""

import json
import zlib

from pydantic import ValidationError

from vm_mcp.errors import DamagedTranscriptError
from vm_mcp.models import Transcript


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
