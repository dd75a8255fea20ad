"""The client of the PBX's voicemail API.

Three modules import httpx: here `vm_mcp.pbx.transport`, which sends the requests, and `vm_mcp.pbx.connections`, which
opens the connections; and `vm_mcp.asr.remote.server`, which talks to a speech server.
"""

from vm_mcp.pbx.client import PbxClient, check_uuid

__all__ = ["PbxClient", "check_uuid"]
