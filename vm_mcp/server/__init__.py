"""The MCP server: tools over an inbox, for any host that speaks MCP."""

from vm_mcp.server.voicemail_server import build_server

__all__ = ["build_server"]
