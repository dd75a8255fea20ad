"""Rows of an archive as both of its homes return them, so that they can be copied and compared."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from vm_mcp.archive.records import NeighbourPart, NeighbourReading, People

Row = Mapping[str, Any]
"""By column: text, whole numbers, floats, booleans, bytes, aware datetimes or None."""
RowKey = tuple[Any, ...]
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_MODULUS = 2**256


class CopiedTable(NamedTuple):
    """A table: its columns without the account's, and what decides between two rows of one key that differ."""

    name: str
    key: tuple[str, ...]
    others: tuple[str, ...]
    dated: str
    """The column with the time by which one of the two is kept: the later, if not ``keeps_first``."""
    keeps_first: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns."""
        return self.key + self.others

    def key_of(self, row: Row) -> RowKey:
        """Return what identifies a row. PBXs spell the ids of calls in either case."""
        values = (row[name] for name in self.key)
        return tuple(
            value.lower() if name == "call_uuid" else value for name, value in zip(self.key, values, strict=True)
        )

    def keeps(self, row: Row, other: Row) -> bool:
        """Return whether a row is kept over one that differs; of two of one time, it is."""
        mine, theirs = row[self.dated] or _BEFORE_ALL, other[self.dated] or _BEFORE_ALL
        return bool(mine <= theirs) if self.keeps_first else bool(mine >= theirs)

    def is_same(self, row: Row, other: Row) -> bool:
        """Return whether two rows hold the same."""
        return all(row[name] == other[name] for name in self.columns)


MESSAGES = CopiedTable(
    "messages",
    ("uuid",),
    (
        "extension",
        "caller_id_number",
        "caller_id_name",
        "received_at",
        "is_read",
        "read_at",
        "duration_seconds",
        "noted_at",
        "listed_at",
    ),
    "listed_at",
)
TRANSCRIPTS = CopiedTable(
    "transcripts",
    ("uuid", "engine", "model", "language"),
    ("heard_language", "made_at", "text", "body"),
    "made_at",
)
MARKS = CopiedTable("marks", ("uuid",), ("state", "note", "at", "by"), "at")
RETRIEVALS = CopiedTable(
    "retrievals",
    ("uuid",),
    ("opened_at", "confirmed_at", "was_unread", "clock_offset_seconds", "by"),
    "opened_at",
    # The PBX keeps the first time as well.
    keeps_first=True,
)
CALL_RECORDS = CopiedTable(
    "call_records",
    ("call_uuid",),
    (
        "direction",
        "started_at",
        "answered_at",
        "ended_at",
        "caller_id_number",
        "caller_id_name",
        "destination_number",
        "destination_name",
        "duration_seconds",
        "talk_seconds",
        "queue",
        "result",
        "is_missed",
        "return_uuid",
        "at",
        "noted_at",
    ),
    "noted_at",
)


class MessageRows(NamedTuple):
    """Some messages, and what hangs on them; transcripts in the order in which they were saved."""

    messages: list[Row]
    transcripts: list[Row]
    marks: list[Row]


class Neighbours(NamedTuple):
    """What was read from the PBX beside voicemail, without the call records."""

    readings: dict[NeighbourPart, NeighbourReading]
    people: People


class TablePlan(NamedTuple):
    """What is to be done with some rows of one table."""

    write: list[Row]
    """Missing, or not as they are in the source."""
    kept: list[RowKey]
    """Keys of rows that differ in the target and stay as they are there."""


def plan(table: CopiedTable, rows: Sequence[Row], there: Mapping[RowKey, Row]) -> TablePlan:
    """Compare rows of the source with those of the target.

    Args:
        table: Their table.
        rows: The source's.
        there: The target's, by key.
    """
    write, kept = [], []
    for row in rows:
        key = table.key_of(row)
        other = there.get(key)
        if other is None or (not table.is_same(row, other) and table.keeps(row, other)):
            write.append(row)
        elif not table.is_same(row, other):
            kept.append(key)
    return TablePlan(write, kept)


@dataclass
class ContentDigest:
    """A digest of rows, in whichever order they are added."""

    count: int = 0
    _sum: int = 0

    def add(self, table: CopiedTable, rows: Iterable[Row]) -> None:
        """Add rows of a table."""
        for row in rows:
            self.add_values([row[name] for name in table.columns])

    def add_values(self, values: Sequence[Any]) -> None:
        """Add a row by its values."""
        written = json.dumps(values, default=_written, ensure_ascii=False)
        self.count += 1
        self._sum += int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest(), "big")

    @property
    def hex(self) -> str:
        """The digest, 64 hexadecimal digits."""
        return f"{self._sum % _MODULUS:064x}"


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(type(value).__name__)
