"""What is kept on this computer: messages seen, their transcripts, what this assistant opened, and search over them.

The only user of ``sqlite3``.
"""

from vm_mcp.archive.sqlite.leases import Claim
from vm_mcp.archive.sqlite.retention import Purged
from vm_mcp.archive.sqlite.store import Archive
from vm_mcp.archive.sqlite.transcript_rows import Known, TranscriptKey
from vm_mcp.heard import heard_by

__all__ = ["Archive", "Claim", "Known", "Purged", "TranscriptKey", "heard_by"]
