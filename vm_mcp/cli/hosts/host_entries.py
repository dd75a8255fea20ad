"""The entry for vm-mcp in a host's configuration."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from vm_mcp.cli.hosts.host_places import Host
from vm_mcp.keychain import VARIABLE as KEY_VARIABLE

HostEntry = dict[str, Any]

DEFAULT_NAME = "voicemail"
INPUT_ID = "vm-mcp-key"
"""Id under which VS Code stores the key that it asks for."""

KEY_INPUT: HostEntry = {
    "id": INPUT_ID,
    "type": "promptString",
    "description": "Bulut Santral API key",
    "password": True,
}


def program() -> list[str]:
    """Return the command that starts this vm-mcp, by its full path: a host's PATH may lack the user's folders."""
    suffix = ".exe" if sys.platform == "win32" else ""
    beside = Path(sys.executable).with_name(f"vm-mcp{suffix}")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "vm_mcp"]


def new_entry(host: Host, command: list[str], old: Mapping[str, Any] | None = None) -> HostEntry:
    """Return an entry that starts ``command``, with everything else that the ``old`` one holds."""
    path, *arguments = command
    entry = {**host.base, **(old or {}), "command": path}
    entry.pop("args", None)
    return entry | ({"args": arguments} if arguments else {})


def is_ours(entry: object) -> bool:
    """Return whether an entry starts vm-mcp, whether by its own command, uvx, or ``python -m vm_mcp``."""
    if not isinstance(entry, dict):
        return False
    command, arguments = entry.get("command"), entry.get("args")
    if isinstance(command, str) and PureWindowsPath(command).stem.casefold() == "vm-mcp":
        return True
    words = arguments if isinstance(arguments, list) else []
    return any(isinstance(word, str) and re.match(r"vm[-_]mcp($|[\[=@<>~! ])", word) for word in words)


def holds_key(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry holds the key itself, not a reference such as ``${input:…}``."""
    environment = entry.get("env")
    value = environment.get(KEY_VARIABLE) if isinstance(environment, dict) else None
    return isinstance(value, str) and bool(value) and not value.startswith("${")


def with_variable(entry: HostEntry, name: str, value: str | None) -> HostEntry:
    """Return a copy of an entry with a variable of its environment set, or with None removed."""
    old = entry.get("env")
    environment = {key: kept for key, kept in (old if isinstance(old, dict) else {}).items() if key != name}
    if value is not None:
        environment[name] = value
    rest = {key: kept for key, kept in entry.items() if key != "env"}
    return rest | ({"env": environment} if environment else {})
