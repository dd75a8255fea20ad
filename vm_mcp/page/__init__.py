"""The inbox page: one HTML file, shown by hosts that render MCP Apps and by ``vm-mcp open``."""

from pathlib import Path

FILE = Path(__file__).with_name("inbox.html")
"""Read only when a page is asked for."""
