"""The hosts on this machine, and whether they know vm-mcp."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.cli.hosts import HOSTS, Host, Machine
from vm_mcp.cli.hosts.host_entries import holds_key, is_ours
from vm_mcp.cli.hosts.host_files import read
from vm_mcp.errors import VmError


def check_hosts(machine: Machine) -> Iterator[Check]:
    """Look into the configuration of every host that is there."""
    found = [host for host in HOSTS.values() if host.is_on(machine)]
    for host in found:
        yield _check_host(host, machine)
    if not found:
        titles = ", ".join(host.title for host in HOSTS.values())
        yield noted("Hosts", f"none of {titles} is on this computer")


def _check_host(host: Host, machine: Machine) -> Check:
    try:
        servers = read(host.configuration(machine)).data.get(host.section)
    except VmError as error:
        return failed(host.title, "found, but can't be told to start vm-mcp", str(error))
    ours = [(name, entry) for name, entry in (servers or {}).items() if is_ours(entry)] if _is_table(servers) else []
    if not ours:
        return noted(host.title, "found; it does not know vm-mcp", f"To change that: vm-mcp install {host.name}")
    name, entry = ours[0]
    command = str(entry.get("command"))
    if not _is_program(command):
        advice = f"Run: vm-mcp install {host.name}"
        return failed(host.title, f"`{name}` starts {command}, which is not there", advice)
    if holds_key(entry):
        advice = f"To keep it in the keyring: vm-mcp login, then vm-mcp install {host.name}"
        return noted(host.title, f"knows vm-mcp as `{name}`; the API key stands in its file in clear", advice)
    return passed(host.title, f"knows vm-mcp as `{name}`, started as {command}")


def _is_table(servers: object) -> bool:
    return isinstance(servers, dict)


def _is_program(command: str) -> bool:
    return Path(command).is_file() if Path(command).is_absolute() else shutil.which(command) is not None
