"""The hosts on this computer, and whether they start vm-mcp."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.cli.hosts import HOSTS, Host, Machine
from vm_mcp.cli.hosts.host_entries import holds_key, is_ours
from vm_mcp.cli.hosts.host_files import read
from vm_mcp.errors import VmError


def check_hosts(machine: Machine) -> Iterator[Check]:
    """Check the configuration of every host that is installed."""
    installed = [host for host in HOSTS.values() if host.is_on(machine)]
    for host in installed:
        yield _check_host(host, machine)
    if not installed:
        titles = ", ".join(host.title for host in HOSTS.values())
        yield noted("Hosts", f"none of {titles} is on this computer")


def _check_host(host: Host, machine: Machine) -> Check:
    try:
        servers = read(host.configuration(machine)).data.get(host.section)
    except VmError as error:
        return failed(host.title, "installed, but its configuration can't be used", str(error))
    ours = [(name, entry) for name, entry in (servers or {}).items() if is_ours(entry)] if _is_table(servers) else []
    if not ours:
        return noted(host.title, "installed, but does not start vm-mcp", f"To change that: vm-mcp install {host.name}")
    name, entry = ours[0]
    command = str(entry.get("command"))
    if not _is_program(command):
        advice = f"Run: vm-mcp install {host.name}"
        return failed(host.title, f"`{name}` starts {command}, which does not exist", advice)
    if holds_key(entry):
        advice = f"To move it to the keyring: vm-mcp login, then vm-mcp install {host.name}"
        return noted(host.title, f"starts vm-mcp as `{name}`; the API key is in its file in plain text", advice)
    return passed(host.title, f"starts vm-mcp as `{name}`: {command}")


def _is_table(servers: object) -> bool:
    return isinstance(servers, dict)


def _is_program(command: str) -> bool:
    return Path(command).is_file() if Path(command).is_absolute() else shutil.which(command) is not None
