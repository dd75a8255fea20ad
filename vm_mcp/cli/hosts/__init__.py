"""The programs that start vm-mcp: where each keeps its configuration, and how vm-mcp is written into it."""

from vm_mcp.cli.hosts.host_places import HOSTS, Host, Machine

__all__ = ["HOSTS", "Host", "Machine"]
