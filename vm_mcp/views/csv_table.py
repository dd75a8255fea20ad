"""Transcripts in other programs' formats: CSV for spreadsheets, WebVTT for players."""

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vm_mcp.views import TranscriptionItem

COLUMNS = (
    "uuid",
    "received_at",
    "caller_id_name",
    "caller_id_number",
    "extension",
    "duration_seconds",
    "language",
    "engine",
    "text",
    "numbers_said",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What makes a spreadsheet take a cell for a formula, or run a program from it."""
_LONGEST_CUE = 3600 * 100.0


def to_csv(items: "Sequence[TranscriptionItem]", delimiter: str) -> str:
    """Write a line a transcript. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    page = io.StringIO()
    writer = csv.writer(page, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([inert(cell) for cell in _cells(item)] for item in items)
    return page.getvalue()


def inert(cell: str) -> str:
    """Keep a spreadsheet from computing what a stranger wrote, also behind spaces and in full-width signs."""
    start = cell.lstrip().translate(_NARROW)
    return f"'{cell}" if start.startswith(_FORMULA) else cell


def to_vtt(item: "TranscriptionItem") -> str:
    """Write one transcript as subtitles of its recording."""
    caller = " ".join(part for part in (item.caller_id_name, item.caller_id_number) if part)
    note = " | ".join(part for part in (item.uuid, item.received_at, caller) if part)
    blocks = [f"WEBVTT {item.language}".rstrip(), f"NOTE {_escaped(note)}"]
    for number, segment in enumerate((each for each in item.segments if each.text), start=1):
        start = min(max(segment.start_seconds, 0.0), _LONGEST_CUE)
        end = min(max(segment.end_seconds, start + 0.001), _LONGEST_CUE + 1)
        blocks.append(f"{number}\n{_timestamp(start)} --> {_timestamp(end)}\n{_escaped(segment.text)}")
    return "\n\n".join(blocks) + "\n"


_NARROW = str.maketrans("＝＋－＠", "=+-@")  # full-width forms, which some spreadsheets take for the narrow ones


def _cells(item: "TranscriptionItem") -> tuple[str, ...]:
    return (
        item.uuid,
        item.received_at,
        item.caller_id_name,
        item.caller_id_number,
        item.extension,
        f"{item.duration_seconds:g}" if item.duration_seconds >= 0 else "",
        item.language,
        item.engine,
        item.text,
        "; ".join(number.number for number in item.phone_numbers),
    )


def _timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _escaped(text: str) -> str:
    """Text alone: no tag, no entity, and no arrow, which would begin another cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
