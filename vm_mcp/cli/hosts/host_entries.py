"""What stands in a host's configuration for vm-mcp."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath
from typing import Any

from vm_mcp.cli.hosts.host_places import Host
from vm_mcp.keychain import ACCOUNT_VARIABLE
from vm_mcp.keychain import VARIABLE as KEY_VARIABLE

HostEntry = dict[str, Any]

DEFAULT_NAME = "voicemail"
INPUT_ID = "vm-mcp-key"
"""What VS Code keeps the key under when it asks for it; for a named account, its name follows."""
_INPUT_IDS = rf"{INPUT_ID}(-[a-z0-9._-]+)?"


def key_input(account: str) -> HostEntry:
    """Return the question by which a host that can ask gets an account's key; its answer is kept by its id."""
    whose = f" of {account}" if account else ""
    return {
        "id": _input_id(account),
        "type": "promptString",
        "description": f"Bulut Santral API key{whose}",
        "password": True,
    }


def asked_key(account: str) -> str:
    """Return what stands in place of an account's key where the host asks for it."""
    return f"${{input:{_input_id(account)}}}"


def is_asked_key(value: object) -> bool:
    """Whether the host asks for a key that an entry needs."""
    return isinstance(value, str) and re.fullmatch(r"\$\{input:" + _INPUT_IDS + r"\}", value) is not None


def is_key_input(question: object) -> bool:
    """Whether a host's question is one of ours."""
    found = question.get("id") if isinstance(question, dict) else None
    return isinstance(found, str) and re.fullmatch(_INPUT_IDS, found) is not None


def program() -> list[str]:
    """Return the command that starts this vm-mcp, by its full path: hosts start with a bare PATH."""
    suffix = ".exe" if sys.platform == "win32" else ""
    beside = Path(sys.executable).with_name(f"vm-mcp{suffix}")
    return [str(beside)] if beside.is_file() else [sys.executable, "-m", "vm_mcp"]


def new_entry(host: Host, command: list[str], old: Mapping[str, Any] | None = None) -> HostEntry:
    """Return the entry that starts ``command``, keeping what else a person put into the ``old`` one."""
    path, *arguments = command
    entry = {**host.base, **(old or {}), "command": path}
    entry.pop("args", None)
    return entry | ({"args": arguments} if arguments else {})


def is_ours(entry: object) -> bool:
    """Whether a server of a host's configuration is vm-mcp, however it is started."""
    if not isinstance(entry, dict):
        return False
    command, arguments = entry.get("command"), entry.get("args")
    if isinstance(command, str) and PureWindowsPath(command).stem.casefold() == "vm-mcp":
        return True
    words = arguments if isinstance(arguments, list) else []
    return any(isinstance(word, str) and re.match(r"vm[-_]mcp($|[\[=@<>~! ])", word) for word in words)


def variables(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the environment of an entry."""
    found = entry.get("env")
    return found if isinstance(found, dict) else {}


def account_of(entry: Mapping[str, Any]) -> str:
    """Return the account that an entry serves; empty: one without a name."""
    return str(variables(entry).get(ACCOUNT_VARIABLE, "")).strip().casefold()


def holds_key(entry: Mapping[str, Any]) -> bool:
    """Whether the key stands in an entry in clear."""
    value = variables(entry).get(KEY_VARIABLE)
    return isinstance(value, str) and bool(value) and not value.startswith("${")


def with_variable(entry: HostEntry, name: str, value: str | None) -> HostEntry:
    """Return an entry with a variable of its environment set, or taken out."""
    environment = {key: kept for key, kept in variables(entry).items() if key != name}
    if value is not None:
        environment[name] = value
    rest = {key: kept for key, kept in entry.items() if key != "env"}
    return rest | ({"env": environment} if environment else {})


def _input_id(account: str) -> str:
    return f"{INPUT_ID}-{account}" if account else INPUT_ID
