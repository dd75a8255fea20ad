"""WebVTT: a transcript as subtitles of its recording, for players."""

from collections.abc import Iterator
from heapq import merge
from typing import NamedTuple

from vm_mcp.models import NOT_UNDERSTOOD
from vm_mcp.views.said_rows import TranscriptionItem

_LONGEST_CUE = 3600 * 100.0
"""Seconds; beyond that, hours take three digits, which some players can't read."""


class _Cue(NamedTuple):
    start: float
    end: float
    text: str


def to_vtt(item: TranscriptionItem) -> str:
    """Return one transcript as a WebVTT file: a note with the message's facts, and one cue per stretch of speech."""
    note = " | ".join(part for part in (item.uuid, item.received_at, item.caller) if part)
    blocks = [f"WEBVTT {item.language}".rstrip(), f"NOTE {_escape(note)}"]
    for number, cue in enumerate(_cues(item), start=1):
        start = min(max(cue.start, 0.0), _LONGEST_CUE)
        end = min(max(cue.end, start + 0.001), _LONGEST_CUE + 1)
        blocks.append(f"{number}\n{_cue_time(start)} --> {_cue_time(end)}\n{_escape(cue.text)}")
    return "\n\n".join(blocks) + "\n"


def _cues(item: TranscriptionItem) -> Iterator[_Cue]:
    said = (_Cue(segment.start_seconds, segment.end_seconds, segment.text) for segment in item.segments if segment.text)
    speech = (stretch for stretch in item.untranscribed if stretch.kind == "speech")
    not_understood = (_Cue(stretch.start_seconds, stretch.end_seconds, NOT_UNDERSTOOD) for stretch in speech)
    return merge(said, not_understood, key=lambda cue: cue.start)


def _cue_time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _escape(text: str) -> str:
    """Escape what WebVTT interprets: tags, entities, and the arrow, which would begin another cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
