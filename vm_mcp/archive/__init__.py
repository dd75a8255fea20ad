"""What is kept on this computer: messages seen, their transcripts, what this assistant opened, and search over them."""

from vm_mcp.archive.protocol import Archive
from vm_mcp.archive.records import KnownTranscript, Lease, MessageRange, Purged

__all__ = ["Archive", "KnownTranscript", "Lease", "MessageRange", "Purged"]
