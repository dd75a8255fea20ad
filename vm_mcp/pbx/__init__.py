"""The client of the PBX's voicemail API; `vm_mcp.pbx.transport` is the only user of httpx."""

from vm_mcp.pbx.client import PbxClient, check_uuid

__all__ = ["PbxClient", "check_uuid"]
