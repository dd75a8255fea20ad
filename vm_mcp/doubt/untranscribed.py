"""Tells in words what brought no words: silence, music or tones, keys, and speech that was not understood."""

from collections.abc import Sequence

from vm_mcp.models import NO_WORDS, PressedKeys, Transcript, Untranscribed

_MOST_PLACES = 5
"""Places that are named. A bad line may have hundreds."""
_MOST_KEYS = 40
"""Keys that are shown of one place: more than any number has. A tone may be played for minutes."""


def untranscribed_note(transcript: Transcript) -> str:
    """Return what a reader must know of the rest of a recording; empty if there is nothing to tell.

    A transcript with words has a note if somebody speaks elsewhere as well, or pressed keys. One without words always
    has one, unless the engine doesn't say what it heard.
    """
    return " ".join(filter(None, (_wordless_note(transcript), *map(_keys_note, transcript.keys[:_MOST_PLACES]))))


def _wordless_note(transcript: Transcript) -> str:
    if speech := transcript.speech_not_understood:
        return f"Somebody speaks {_places(speech)}, not understood: listen to it."
    if transcript.text or transcript.untranscribed is None:
        return ""
    if not transcript.untranscribed:
        return "Nobody speaks." if transcript.keys else "Nobody is heard: silence."
    return f"Nobody is heard: music, tones or noise {_places(transcript.untranscribed)}."


def _keys_note(pressed: PressedKeys) -> str:
    shown = pressed.keys if len(pressed.keys) <= _MOST_KEYS else f"{pressed.keys[:_MOST_KEYS]}…"
    return f"Keys pressed from {pressed.start_seconds:.0f} to {pressed.end_seconds:.0f} s: {shown}."


def text_or_note(text: str, transcript: Transcript) -> str:
    """Return a transcript's text with its note below, or what stands for them if there is neither."""
    return "\n".join(part for part in (text, untranscribed_note(transcript)) if part) or NO_WORDS


def _places(stretches: Sequence[Untranscribed]) -> str:
    named = [f"from {each.start_seconds:.0f} to {each.end_seconds:.0f} s" for each in stretches[:_MOST_PLACES]]
    more = len(stretches) - len(named)
    return ", ".join(named) + (f" and at {more} more places" if more else "")
