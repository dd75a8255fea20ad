"""What is kept on this computer: messages seen, their transcripts, what this assistant opened, and search over them.

The only user of ``sqlite3``.
"""

from vm_mcp.archive.archive import Archive
from vm_mcp.archive.claims import Claim
from vm_mcp.archive.heard import heard_by
from vm_mcp.archive.retention import Purged
from vm_mcp.archive.transcripts import Known, TranscriptKey

__all__ = ["Archive", "Claim", "Known", "Purged", "TranscriptKey", "heard_by"]
