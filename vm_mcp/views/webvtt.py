"""WebVTT: a transcript as subtitles of its recording, for players."""

from vm_mcp.views.rows import TranscriptionItem

_LONGEST_CUE = 3600 * 100.0
"""Seconds; beyond them a timestamp would take more digits than players read."""


def to_vtt(item: TranscriptionItem) -> str:
    """Return one transcript as a WebVTT file: one cue a segment, and whose message it is as a note."""
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
    """Leave text alone: no tag, no entity, and no arrow, which would begin another cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
