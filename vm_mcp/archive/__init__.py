"""What is stored on this computer: messages, transcripts, retrievals, calls, contacts, marks, and search over them."""

from vm_mcp.archive.protocol import Archive
from vm_mcp.archive.records import (
    KnownTranscript,
    Lease,
    MessageRange,
    NeighbourPart,
    NeighbourReading,
    People,
    Purged,
)

__all__ = [
    "Archive",
    "KnownTranscript",
    "Lease",
    "MessageRange",
    "NeighbourPart",
    "NeighbourReading",
    "People",
    "Purged",
]
