"""Tells in words what brought no words: silence, music or tones, keys, and speech that was not understood."""

from collections.abc import Sequence

from vm_mcp.models import NO_WORDS, PressedKeys, Transcript, Untranscribed
from vm_mcp.wording import Words, joined, sentences, words

_MOST_PLACES = 5
"""Places that are named. A bad line may have hundreds."""
_MOST_KEYS = 40
"""Keys that are shown of one place: more than any number has. A tone may be played for minutes."""


def untranscribed_note(transcript: Transcript) -> Words:
    """Return what a reader must know of the rest of a recording; empty if there is nothing to tell.

    A transcript with words has a note if somebody speaks elsewhere as well, or pressed keys. One without words always
    has one, unless the engine doesn't say what it heard.
    """
    return sentences(_wordless_note(transcript), *map(_keys_note, transcript.keys[:_MOST_PLACES]))


def _wordless_note(transcript: Transcript) -> Words:
    if speech := transcript.speech_not_understood:
        return words("Somebody speaks {places}, not understood: listen to it.", places=_places(speech))
    if transcript.text or transcript.untranscribed is None:
        return words("")
    if not transcript.untranscribed:
        return words("Nobody speaks.") if transcript.keys else words("Nobody is heard: silence.")
    return words("Nobody is heard: music, tones or noise {places}.", places=_places(transcript.untranscribed))


def _keys_note(pressed: PressedKeys) -> Words:
    return words(
        "Keys pressed from {start:.0f} to {end:.0f} s: {keys}.",
        start=pressed.start_seconds,
        end=pressed.end_seconds,
        keys=pressed.keys if len(pressed.keys) <= _MOST_KEYS else f"{pressed.keys[:_MOST_KEYS]}…",
    )


def text_or_note(text: str, transcript: Transcript) -> Words:
    """Return a transcript's text with its note below, or what stands for them if there is neither."""
    return joined("\n", (text, untranscribed_note(transcript))) or NO_WORDS


def _places(stretches: Sequence[Untranscribed]) -> Words:
    named = [
        words("from {start:.0f} to {end:.0f} s", start=each.start_seconds, end=each.end_seconds)
        for each in stretches[:_MOST_PLACES]
    ]
    more = len(stretches) - len(named)
    return joined("", (joined(", ", named), words(" and at {count} more places", count=more) if more else ""))
