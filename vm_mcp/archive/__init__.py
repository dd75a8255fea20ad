"""What is stored on this computer: listed messages, their transcripts and retrievals, and search over them."""

from vm_mcp.archive.protocol import Archive
from vm_mcp.archive.records import KnownTranscript, Lease, MessageRange, Purged

__all__ = ["Archive", "KnownTranscript", "Lease", "MessageRange", "Purged"]
