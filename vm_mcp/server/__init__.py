"""The MCP server over an inbox: tools, resources, prompts."""

from vm_mcp.server.voicemail_server import build_server

__all__ = ["build_server"]
