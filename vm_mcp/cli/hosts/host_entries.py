"""The entry for vm-mcp in a host's configuration."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from vm_mcp.cli.hosts.host_places import Host
from vm_mcp.keychain import ACCOUNT_VARIABLE, account_name
from vm_mcp.keychain import VARIABLE as KEY_VARIABLE
from vm_mcp.operating_system import this_system

HostEntry = dict[str, Any]

DEFAULT_NAME = "voicemail"
INPUT_ID = "vm-mcp-key"
"""Id under which VS Code stores the key that it asks for; the name of a named account follows."""
_INPUT_IDS = rf"{INPUT_ID}(-[a-z0-9._-]+)?"


def key_input(account: str) -> HostEntry:
    """Return VS Code's question for an account's key; the answer is stored under its id."""
    whose = f" of {account}" if account else ""
    return {
        "id": _input_id(account),
        "type": "promptString",
        "description": f"Bulut Santral API key{whose}",
        "password": True,
    }


def asked_key(account: str) -> str:
    """Return the key's value in an entry where the host asks the user for the account's key."""
    return f"${{input:{_input_id(account)}}}"


def is_asked_key(value: object) -> bool:
    """Return whether a key's value in an entry makes the host ask for it."""
    return isinstance(value, str) and re.fullmatch(rf"\$\{{input:{_INPUT_IDS}\}}", value) is not None


def is_key_input(question: object) -> bool:
    """Return whether one of a host's questions asks for a key of vm-mcp."""
    input_id = question.get("id") if isinstance(question, dict) else None
    return isinstance(input_id, str) and re.fullmatch(_INPUT_IDS, input_id) is not None


def program() -> list[str]:
    """Return the command that starts this vm-mcp, by its full path: a host's PATH may lack the user's folders."""
    beside = Path(sys.executable).with_name(f"vm-mcp{this_system().program_suffix}")
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


def variables(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's environment; empty if it is not a JSON object."""
    environment = entry.get("env")
    return environment if isinstance(environment, dict) else {}


def account_of(entry: Mapping[str, Any]) -> str:
    """Return the name of the account that an entry serves; empty: one without a name."""
    return account_name(str(variables(entry).get(ACCOUNT_VARIABLE, "")))


def holds_key(entry: Mapping[str, Any]) -> bool:
    """Return whether an entry holds the key itself, not a reference such as ``${input:…}``."""
    value = variables(entry).get(KEY_VARIABLE)
    return isinstance(value, str) and bool(value) and not value.startswith("${")


def with_variable(entry: HostEntry, name: str, value: str | None) -> HostEntry:
    """Return a copy of an entry with a variable of its environment set, or with None removed."""
    environment = {key: kept for key, kept in variables(entry).items() if key != name}
    if value is not None:
        environment[name] = value
    rest = {key: kept for key, kept in entry.items() if key != "env"}
    return rest | ({"env": environment} if environment else {})


def _input_id(account: str) -> str:
    return f"{INPUT_ID}-{account}" if account else INPUT_ID
