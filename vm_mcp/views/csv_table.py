"""CSV: transcripts as a table for spreadsheets."""

import csv
import io
from collections.abc import Sequence

from vm_mcp.views.said_rows import PhoneNumberItem, SaidTimeItem, TranscriptionItem

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
    "times_said",
    "remarks",
    "contact",
    "state",
    "handled",
    "note",
)
TEAM_COLUMNS = ("marked_by", "opened_by")
"""Added where somebody is named, so that a desk's table stays as it is."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""Beginnings of a cell that a spreadsheet takes for a formula, or runs a program from."""


def to_csv(items: Sequence[TranscriptionItem], delimiter: str) -> str:
    """Return one line per transcript; a cell that a spreadsheet would take for a formula begins with an apostrophe."""
    page = io.StringIO()
    writer = csv.writer(page, delimiter=delimiter, lineterminator="\r\n")
    names_somebody = any(item.marked_by or item.opened_by for item in items)
    writer.writerow((*COLUMNS, *TEAM_COLUMNS) if names_somebody else COLUMNS)
    for item in items:
        cells = (*_cells(item), item.marked_by, item.opened_by) if names_somebody else _cells(item)
        writer.writerow([inert(cell) for cell in cells])
    return page.getvalue()


def inert(cell: str) -> str:
    """Return a cell that no spreadsheet computes, although a stranger wrote it.

    Spaces in front and full-width signs are covered too: some spreadsheets skip the former and accept the latter.
    """
    start = cell.lstrip().translate(_NARROW)
    return f"'{cell}" if start.startswith(_FORMULA) else cell


_NARROW = str.maketrans("＝＋－＠", "=+-@")


def _number_cell(said: PhoneNumberItem) -> str:
    """Return a number, its doubtful digits in braces; a question mark stands behind one that isn't sure."""
    return (said.in_doubt or said.number) + ("" if said.is_valid and not said.in_doubt else "?")


def _time_cell(said: SaidTimeItem) -> str:
    """Return a time with its end and bound; a question mark stands behind one that has to be asked."""
    value = "/".join(filter(None, (said.value, said.until)))
    return f"{said.bound} {value}".strip() + ("" if said.is_sure else "?")


def _cells(item: TranscriptionItem) -> tuple[str, ...]:
    return (
        item.uuid,
        item.received_at,
        item.caller_id_name,
        item.caller_id_number,
        item.extension,
        "" if item.duration_seconds is None else f"{item.duration_seconds:g}",
        item.language,
        item.engine,
        item.text,
        "; ".join(_number_cell(number) for number in item.phone_numbers if number.number),
        "; ".join(map(_time_cell, item.times)),
        " ".join(item.remarks),
        item.contact,
        item.state,
        item.handled,
        item.note,
    )
