"""The hosts on this computer, and whether they start vm-mcp."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from vm_mcp.cli.doctor.checks import Check, failed, noted, passed
from vm_mcp.cli.hosts import HOSTS, Host, Machine
from vm_mcp.cli.hosts.host_entries import HostEntry, account_of, holds_key, is_ours
from vm_mcp.cli.hosts.host_files import read
from vm_mcp.errors import VmError
from vm_mcp.wording import words


def check_hosts(machine: Machine) -> Iterator[Check]:
    """Check the configuration of every host that is installed."""
    installed = [host for host in HOSTS.values() if host.is_on(machine)]
    for host in installed:
        for place in host.everywhere(machine):
            yield from _check_host(place, machine)
    if not installed:
        titles = ", ".join(host.title for host in HOSTS.values())
        yield noted("Hosts", words("none of {titles} is on this computer", titles=titles))


def _check_host(host: Host, machine: Machine) -> Iterator[Check]:
    try:
        servers = read(host.configuration(machine)).data.get(host.section)
    except VmError as error:
        yield failed(host.title, "installed, but its configuration can't be used", error.words)
        return
    ours = [(name, entry) for name, entry in (servers or {}).items() if is_ours(entry)] if _is_table(servers) else []
    if not ours:
        yield noted(
            host.title,
            "installed, but does not start vm-mcp",
            words("To change that: vm-mcp install {name}", name=host.name),
        )
    for name, entry in ours:
        yield _check_entry(host, name, entry)


def _check_entry(host: Host, name: str, entry: HostEntry) -> Check:
    command, account = str(entry.get("command")), account_of(entry)
    of_account = f" --account {account}" if account else ""
    install = f"vm-mcp install {host.name}{of_account}"
    if not _is_program(command):
        return failed(
            host.title,
            words("`{name}` starts {command}, which does not exist", name=name, command=command),
            words("Run: {install}", install=install),
        )
    if holds_key(entry):
        advice = words(
            "To move it to the keyring: vm-mcp login{account}, then {install}", account=of_account, install=install
        )
        return noted(
            host.title, words("starts vm-mcp as `{name}`; the API key is in its file in plain text", name=name), advice
        )
    return passed(host.title, words("starts vm-mcp as `{name}`: {command}", name=name, command=command))


def _is_table(servers: object) -> bool:
    return isinstance(servers, dict)


def _is_program(command: str) -> bool:
    return Path(command).is_file() if Path(command).is_absolute() else shutil.which(command) is not None
