"""Copy a desk's archive into an account of the team's database, and compare the two.

Nothing is remembered between two runs. Each chunk is compared with what is there, what is missing or older is written,
and the result is read back, all in one transaction. So a copy that was interrupted, or that has run before, goes on
from what it finds; and what the team has written meanwhile stays where it is newer.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

from vm_mcp.archive.copied_rows import CALL_RECORDS, RETRIEVALS, ContentDigest, CopiedTable, Neighbours, Row, RowKey
from vm_mcp.archive.records import NeighbourPart
from vm_mcp.errors import AccountMismatchError, ArchiveError

if TYPE_CHECKING:
    from vm_mcp.archive.postgres.copy_target import CopyTarget
    from vm_mcp.archive.sqlite.copy_source import CopySource

CHUNK = 200
"""Rows that are copied in one transaction."""
_OTHERS = (
    "This account of the team's database holds other messages than this archive, so nothing was copied. Name another "
    "account as --to-account, or open the archive that belongs to this one."
)
_DIFFERS = (
    "The copy differs from the archive in {tables}. Run the command again; if it stays so, keep the archive and report "
    "it."
)


@dataclass
class TableCopy:
    """What became of one table."""

    name: str
    source: ContentDigest = field(default_factory=ContentDigest)
    target: ContentDigest = field(default_factory=ContentDigest)
    newer: int = 0
    """Rows that are newer in the target and stayed; they are in neither digest."""

    @property
    def is_equal(self) -> bool:
        """Whether all the others are the same in both."""
        return (self.source.count, self.source.hex) == (self.target.count, self.target.hex)

    @property
    def seen(self) -> int:
        """How many rows of the source were read."""
        return self.source.count + self.newer

    def add(self, table: CopiedTable, rows: Sequence[Row], there: dict[RowKey, Row], kept: Sequence[RowKey]) -> None:
        """Add rows of the source, and what the target has of them."""
        newer = set(kept)
        self.newer += len(newer)
        self.source.add(table, (row for row in rows if table.key_of(row) not in newer))
        self.target.add(table, (row for key, row in there.items() if key not in newer))


async def copy_archive(
    source: "CopySource", target: "CopyTarget", on_progress: Callable[[int], None] | None = None
) -> list[TableCopy]:
    """Copy everything that is kept for good: no leases, which end by themselves, and no ids of keys.

    Args:
        source: The desk's archive.
        target: The team's account.
        on_progress: Called with the number of messages copied so far.

    Returns:
        What became of each table.

    Raises:
        AccountMismatchError: The account holds other messages; nothing was written.
        ArchiveError: One of the two can't be used, or they differ afterwards.
    """
    await _check_same_account(source, target)
    copies = await _copy_neighbours(source, target)
    copies += await _copy_messages(source, target, on_progress or (lambda _: None))
    copies.append(await _copy_table(RETRIEVALS, source.retrievals, target))
    copies.append(await _copy_table(CALL_RECORDS, source.call_records, target))
    counts = await asyncio.to_thread(source.counts)
    different = [copy.name for copy in copies if not copy.is_equal or copy.seen != counts.get(copy.name, copy.seen)]
    if different:
        raise ArchiveError(_DIFFERS, tables=", ".join(different))
    return copies


async def _check_same_account(source: "CopySource", target: "CopyTarget") -> None:
    """Refuse an account that has messages but none of these, or a message of one id that was left at another time."""
    if not await target.count():
        return
    shared, place, seen = 0, 0, 0
    while True:
        rows, place = await asyncio.to_thread(source.messages, place, CHUNK)
        if not rows.messages:
            break
        seen += len(rows.messages)
        there = await target.messages(rows.messages)
        shared += len(there)
        mine = {(row["uuid"],): row["received_at"] for row in rows.messages}
        times = [(mine[key], row["received_at"]) for key, row in there.items()]
        if any(ours and theirs and ours != theirs for ours, theirs in times):
            raise AccountMismatchError(_OTHERS)
    if seen and not shared:
        raise AccountMismatchError(_OTHERS)


async def _copy_messages(
    source: "CopySource", target: "CopyTarget", on_progress: Callable[[int], None]
) -> list[TableCopy]:
    copies = {name: TableCopy(name) for name in ("messages", "transcripts", "marks")}
    place = 0
    while True:
        chunk, place = await asyncio.to_thread(source.messages, place, CHUNK)
        if not chunk.messages:
            return list(copies.values())
        for rows, written in zip(chunk, await target.write_messages(chunk), strict=True):
            copies[written.table.name].add(written.table, rows, written.there, written.kept)
        on_progress(copies["messages"].seen)


async def _copy_table(table: CopiedTable, read: Callable[[str, int], list[Row]], target: "CopyTarget") -> TableCopy:
    copy, after = TableCopy(table.name), ""
    while rows := await asyncio.to_thread(read, after, CHUNK):
        written = await target.write(table, rows)
        copy.add(table, rows, written.there, written.kept)
        after = rows[-1][table.key[0]]
    return copy


async def _copy_neighbours(source: "CopySource", target: "CopyTarget") -> list[TableCopy]:
    theirs = await asyncio.to_thread(source.neighbours)
    there, newer = await target.write_neighbours(theirs)
    copies = [TableCopy("readings"), TableCopy("contacts"), TableCopy("extensions")]
    parts: tuple[NeighbourPart, ...] = get_args(NeighbourPart)
    wanted = [part for part in parts if part in theirs.readings]
    for part in wanted:
        for copy, rows in zip(copies, _values(theirs, part), strict=True):
            if part in newer:
                copy.newer += len(rows)
            else:
                for row in rows:
                    copy.source.add_values(row)
        if part not in newer:
            for copy, rows in zip(copies, _values(there, part), strict=True):
                for row in rows:
                    copy.target.add_values(row)
    return copies


def _values(neighbours: Neighbours, part: NeighbourPart) -> tuple[list[list[Any]], list[list[Any]], list[list[Any]]]:
    """Return the values of a part's rows: of its reading, of contacts, of extensions."""
    contacts = neighbours.people.contacts if part == "contacts" else ()
    extensions = neighbours.people.extensions if part == "extensions" else ()
    return (
        [[part, *neighbours.readings[part]]],
        [[place, *dict(contact).values()] for place, contact in enumerate(contacts)],
        [[place, *dict(extension).values()] for place, extension in enumerate(extensions)],
    )
