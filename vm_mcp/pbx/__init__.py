"""The client of the PBX's API: a class for each of its services, over one transport."""

from vm_mcp.pbx.client import PbxClient

__all__ = ["PbxClient"]
