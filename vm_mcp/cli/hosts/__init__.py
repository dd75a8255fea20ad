"""Hosts, the programs that start vm-mcp: where each keeps its configuration, and how vm-mcp gets into it."""

from vm_mcp.cli.hosts.host_places import HOSTS, Host, Machine

__all__ = ["HOSTS", "Host", "Machine"]
