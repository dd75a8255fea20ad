"""Add vm-mcp to a host's configuration, and remove it."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from vm_mcp.cli.hosts import host_files
from vm_mcp.cli.hosts.host_entries import (
    DEFAULT_NAME,
    INPUT_ID,
    KEY_INPUT,
    HostEntry,
    holds_key,
    is_ours,
    new_entry,
    program,
    with_variable,
)
from vm_mcp.cli.hosts.host_places import Host, Machine
from vm_mcp.errors import ConfigError
from vm_mcp.keychain import ACCOUNT_VARIABLE
from vm_mcp.keychain import VARIABLE as KEY_VARIABLE

_ASKED = f"${{input:{INPUT_ID}}}"
"""The key's value where the host asks the user for it."""


class Wish(NamedTuple):
    """What a host should start."""

    name: str = ""
    """The server's name in the host; empty: the one it has there, else `DEFAULT_NAME`."""
    is_demo: bool = False
    """Whether to serve the simulated PBX."""
    is_key_stored: bool = False
    """Whether vm-mcp finds the key without the host's help, in the keyring or the settings file."""
    account: str = ""
    """Name of the account to serve; empty: the only one."""


class Written(NamedTuple):
    """The outcome of a change to a host's configuration."""

    path: Path
    name: str
    is_changed: bool
    backup: Path | None
    needs_key: bool = False
    """Whether vm-mcp would start without a key."""
    has_clear_key: bool = False
    """Whether the file holds the key in plain text."""
    account: str = ""
    """Name of the account that it serves; empty: the only one."""


def install(host: Host, machine: Machine, wish: Wish) -> Written:
    """Add vm-mcp to a host's configuration, and keep everything else in it.

    Raises:
        ConfigError: The file can't be read, parsed or written, or another server has that name.
    """
    by_hand = f"add the lines that `vm-mcp install {host.name} --print` shows"
    document = host_files.read(host.configuration(machine), by_hand=by_hand)
    servers = _servers(host, document)
    name = wish.name or _name(servers, wish.account)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(f"In {document.path}, `{name}` is another server. Choose another name with --name.")
    entry = _entry(host, wish, servers.get(name))
    data = {**document.data, host.section: {**servers, name: entry}}
    data = _with_input(data, document, is_asked=_ASKED in (entry.get("env") or {}).values())
    written = _write(document, data, name)
    has_key = wish.is_key_stored or wish.is_demo or KEY_VARIABLE in entry.get("env", {})
    return written._replace(needs_key=not has_key, has_clear_key=holds_key(entry), account=wish.account)


def uninstall(host: Host, machine: Machine, name: str = "") -> Written:
    """Remove vm-mcp from a host's configuration, and keep everything else in it.

    Args:
        host: Which host.
        machine: Where it keeps its file.
        name: The server's name there; empty: every entry that starts vm-mcp.

    Raises:
        ConfigError: The file can't be read, parsed or written, or another server has that name.
    """
    document = host_files.read(host.configuration(machine), by_hand="remove the lines of vm-mcp")
    servers = _servers(host, document)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(
            f"In {document.path}, `{name}` is another server, so nothing was changed. Give the name of vm-mcp's entry."
        )
    removed = [known for known, entry in servers.items() if is_ours(entry) and name in {"", known}]
    if not removed:
        return Written(document.path, name, is_changed=False, backup=None)
    remaining = {known: entry for known, entry in servers.items() if known not in removed}
    is_asked = any(_ASKED in str(entry) for entry in remaining.values())
    data = _with_input({**document.data, host.section: remaining}, document, is_asked=is_asked)
    return _write(document, data, ", ".join(removed))


def lines(host: Host, wish: Wish) -> str:
    """Return the JSON that `install` would write into an empty configuration."""
    entry = _entry(host, wish, None)
    data: dict[str, Any] = {host.section: {wish.name or DEFAULT_NAME: entry}}
    if _ASKED in (entry.get("env") or {}).values():
        data["inputs"] = [KEY_INPUT]
    return json.dumps(data, indent=2, ensure_ascii=False)


def is_in_uvx_cache() -> bool:
    """Return whether this program runs from the cache of ``uvx``, which may be cleared at any time."""
    return "archive-v0" in Path(sys.executable).parts


def _entry(host: Host, wish: Wish, old: HostEntry | None) -> HostEntry:
    entry = new_entry(host, [*program(), *(["serve", "--demo"] if wish.is_demo else [])], old)
    if wish.account:
        entry = with_variable(entry, ACCOUNT_VARIABLE, wish.account)
    value = (entry.get("env") or {}).get(KEY_VARIABLE)
    if (wish.is_key_stored and holds_key(entry)) or ((wish.is_key_stored or wish.is_demo) and value == _ASKED):
        return with_variable(entry, KEY_VARIABLE, None)
    if host.asks_for_secrets and not (wish.is_key_stored or wish.is_demo or value):
        return with_variable(entry, KEY_VARIABLE, _ASKED)
    return entry


def _name(servers: dict[str, Any], account: str) -> str:
    """Return the name of the entry that serves the account, else a name for a new entry."""
    ours = [name for name, entry in servers.items() if is_ours(entry)]
    accounts = {name: (servers[name].get("env") or {}).get(ACCOUNT_VARIABLE, "") for name in ours}
    default = f"{DEFAULT_NAME}-{account}" if account and ours else DEFAULT_NAME
    return next((name for name in ours if not account or accounts[name] == account), default)


def _servers(host: Host, document: host_files.Document) -> dict[str, Any]:
    servers = document.data.get(host.section, {})
    if not isinstance(servers, dict):
        raise ConfigError(
            f"In {document.path}, `{host.section}` is not a JSON object of servers. Correct it, then try again."
        )
    return servers


def _with_input(data: dict[str, Any], document: host_files.Document, *, is_asked: bool) -> dict[str, Any]:
    """Return the configuration with or without VS Code's question for the key."""
    inputs = data.get("inputs", [])
    if not isinstance(inputs, list):
        raise ConfigError(f"In {document.path}, `inputs` is not a JSON list. Correct it, then try again.")
    known = [asked for asked in inputs if isinstance(asked, dict) and asked.get("id") == INPUT_ID]
    if is_asked and not known:
        return {**data, "inputs": [*inputs, KEY_INPUT]}
    if known and not is_asked:
        return {**data, "inputs": [asked for asked in inputs if asked not in known]}
    return data


def _write(document: host_files.Document, data: dict[str, Any], name: str) -> Written:
    if data == document.data:
        return Written(document.path, name, is_changed=False, backup=None)
    return Written(document.path, name, is_changed=True, backup=host_files.write(document, data))
