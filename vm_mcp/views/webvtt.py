"""WebVTT: a transcript as subtitles of its recording, for players."""

from vm_mcp.views.rows import TranscriptionItem

_LONGEST_CUE = 3600 * 100.0
"""Seconds; beyond that, hours take three digits, which some players can't read."""


def to_vtt(item: TranscriptionItem) -> str:
    """Return one transcript as a WebVTT file: a note with the message's facts, and one cue per segment."""
    note = " | ".join(part for part in (item.uuid, item.received_at, item.caller) if part)
    blocks = [f"WEBVTT {item.language}".rstrip(), f"NOTE {_escape(note)}"]
    for number, segment in enumerate((each for each in item.segments if each.text), start=1):
        start = min(max(segment.start_seconds, 0.0), _LONGEST_CUE)
        end = min(max(segment.end_seconds, start + 0.001), _LONGEST_CUE + 1)
        blocks.append(f"{number}\n{_cue_time(start)} --> {_cue_time(end)}\n{_escape(segment.text)}")
    return "\n\n".join(blocks) + "\n"


def _cue_time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _escape(text: str) -> str:
    """Escape what WebVTT interprets: tags, entities, and the arrow, which would begin another cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
