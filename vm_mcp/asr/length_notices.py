"""What a reader must know of a recording's length: that it has none, or that only its beginning was transcribed."""

from vm_mcp.audio import MAX_SECONDS
from vm_mcp.models import Transcript
from vm_mcp.wording import words

# A notice stands above several messages, so it says by which value its own is known.
_EMPTY = words(
    "A message with status no_speech and no duration_seconds is an empty recording. If the list shows a duration for "
    "it, the phone system lost the sound: call back whoever left it."
)
_CUT = words(
    "Of a message with duration_seconds {seconds} only the first {minutes} minutes were transcribed. Listen to the "
    "rest in the web console, or save it with get_recording, delivery `file`.",
    seconds=MAX_SECONDS,
    minutes=MAX_SECONDS // 60,
)


def with_length_notice(transcript: Transcript, seconds: float) -> Transcript:
    """Return a transcript with a notice if the recording, which has a length in seconds, is empty or was cut."""
    return transcript.model_copy(update={"notice": f"{transcript.notice} {length_notice(seconds)}".strip()})


def length_notice(seconds: float) -> str:
    """Return the notice for a recording that has a length in seconds; empty if it needs none."""
    return _CUT if seconds > MAX_SECONDS else "" if seconds else _EMPTY
