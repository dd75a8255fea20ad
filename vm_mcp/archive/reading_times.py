"""When a part of what the PBX knows is to be read again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from vm_mcp.archive.records import NeighbourPart, NeighbourReading

FARTHEST: Mapping[NeighbourPart, timedelta] = {
    "calls": timedelta(hours=2),
    "contacts": timedelta(days=2),
    "extensions": timedelta(days=2),
}
"""A time to read again that is farther away was set by a clock that was wrong."""


def is_due(part: NeighbourPart, reading: NeighbourReading | None, now: datetime) -> bool:
    """Return whether it is time to read a part again."""
    return not (reading and reading.next_at and now < reading.next_at < now + FARTHEST[part])
