"""The command line program ``vm-mcp``."""

from vm_mcp.cli.program import main

__all__ = ["main"]
