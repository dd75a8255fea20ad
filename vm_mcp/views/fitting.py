"""Shorten answers to what hosts accept: Claude Code refuses results of more than 25,000 tokens.

What is left out is chosen by what the reader misses least, and the answer names it, so that a cut is never silent.
"""

from collections.abc import Sequence

from vm_mcp.text import DOUBT_END, DOUBT_START
from vm_mcp.views.rows import VoicemailItem
from vm_mcp.views.said_rows import TranscriptionItem

MAX_CHARACTERS = 50_000
"""Of an answer's JSON, the longer of its forms. Turkish, digits and JSON take one token for 2.1 characters at worst."""
SHORT_NAME, SHORT_LINE = 60, 40
"""Characters kept of a caller's name and of a transcript's first line, in a list that would be too long."""
MOST_NUMBERS = 5
"""Telephone numbers, other numbers in doubt, and times, of each kind, kept per message in a too long answer."""
_LEAST_TEXT = 200


def fit_transcriptions(items: Sequence[TranscriptionItem]) -> str:
    """Shorten transcriptions in place: numbers and times past `MOST_NUMBERS`, then segments, then the ends of texts.

    Segments repeat the texts, so a text is cut only if it is too long without any segments.

    Returns:
        A notice that says how to get the rest; empty when nothing was left out.
    """
    if _bare_size(items) > MAX_CHARACTERS:
        _drop_numbers(items)
    _drop_segments(items, MAX_CHARACTERS - _bare_size(items))
    if _bare_size(items) > MAX_CHARACTERS:
        _cut_texts(items)
    partial = sum(bool(item.left_out) for item in items)
    if not partial:
        return ""
    return f"Too much for one answer: {partial} messages are shown in part, and say so. Ask for fewer at once."


def fit_voicemails(items: Sequence[VoicemailItem]) -> str:
    """Shorten names and first lines in place, if the list would be too long.

    Returns:
        A notice that says how to see them whole; empty when the list fits.
    """
    if sum(map(_size, items)) <= MAX_CHARACTERS:
        return ""
    for item in items:
        item.caller_id_name = _cut(item.caller_id_name, SHORT_NAME)
        item.first_line = _cut(item.first_line, SHORT_LINE)
    return "Names and first lines are shortened to fit. Ask with a smaller `limit` to see them whole."


def _drop_numbers(items: Sequence[TranscriptionItem]) -> None:
    for item in items:
        if len(item.phone_numbers) > MOST_NUMBERS:
            item.phone_numbers = item.phone_numbers[:MOST_NUMBERS]
            _note(item, "telephone numbers")
        if len(item.heard_otherwise) > MOST_NUMBERS:
            item.heard_otherwise = item.heard_otherwise[:MOST_NUMBERS]
            _note(item, "numbers heard otherwise")
        if len(item.times) > MOST_NUMBERS:
            item.times = item.times[:MOST_NUMBERS]
            _note(item, "times")


def _drop_segments(items: Sequence[TranscriptionItem], room: int) -> None:
    """Keep the segments of as many messages as fit, in order, each message's all or none."""
    for item in items:
        size = _segments_size(item)
        if size <= max(0, room):
            room -= size
        else:
            item.segments, item.untranscribed = [], []
            _note(item, "segments")


def _cut_texts(items: Sequence[TranscriptionItem]) -> None:
    """Give each text the same room, so that the short ones stay whole."""
    texts = sum(len(item.text) for item in items)
    room = max(_LEAST_TEXT, (MAX_CHARACTERS - (_bare_size(items) - texts)) // len(items))
    for item in items:
        if len(item.text) > room:
            item.text = _cut(item.text, room)
            _note(item, "end of text")


def _cut(text: str, room: int) -> str:
    if len(text) <= room:
        return text
    kept = text[:room].rsplit(" ", 1)[0]
    # The cut may fall within a doubt mark.
    closing = DOUBT_END if kept.rfind(DOUBT_START) > kept.rfind(DOUBT_END) else ""
    return f"{kept}{closing}…"


def _note(item: TranscriptionItem, part: str) -> None:
    item.left_out = f"{item.left_out}, {part}" if item.left_out else part


def _bare_size(items: Sequence[TranscriptionItem]) -> int:
    return sum(_size(item) - _segments_size(item) for item in items)


def _size(item: TranscriptionItem | VoicemailItem) -> int:
    return len(item.model_dump_json(exclude_defaults=True))


def _segments_size(item: TranscriptionItem) -> int:
    """Return the size of the segments, and of the stretches between them that brought no words."""
    return sum(len(part.model_dump_json()) for part in (*item.segments, *item.untranscribed))
