"""Add vm-mcp to a host's configuration, and remove it."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from vm_mcp.cli.hosts import host_files
from vm_mcp.cli.hosts.host_entries import (
    DEFAULT_NAME,
    HostEntry,
    account_of,
    asked_key,
    holds_key,
    is_asked_key,
    is_key_input,
    is_ours,
    key_input,
    new_entry,
    program,
    variables,
    with_variable,
)
from vm_mcp.cli.hosts.host_places import Host, Machine
from vm_mcp.errors import ConfigError
from vm_mcp.keychain import ACCOUNT_VARIABLE
from vm_mcp.keychain import VARIABLE as KEY_VARIABLE
from vm_mcp.wording import words


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
        ConfigError: The file can't be read, parsed or written, another server or account has that name, or it holds
            several accounts and none was named.
    """
    document = _read(host, machine)
    servers = _servers(host, document)
    name = wish.name or _name(host, servers, wish.account)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(
            "In {path}, `{name}` is another server. Choose another name with --name.", path=document.path, name=name
        )
    _check_account(document, name, servers.get(name), wish.account)
    entry = _entry(host, wish, servers.get(name))
    written = _write(document, _with_inputs(document, host, {**servers, name: entry}), name)
    has_key = wish.is_key_stored or wish.is_demo or KEY_VARIABLE in variables(entry)
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
    document = host_files.read(host.configuration(machine), by_hand=words("remove the lines of vm-mcp"))
    servers = _servers(host, document)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(
            "In {path}, `{name}` is another server, so nothing was changed. Give the name of vm-mcp's entry.",
            path=document.path,
            name=name,
        )
    removed = [known for known, entry in servers.items() if is_ours(entry) and name in {"", known}]
    if not removed:
        return Written(document.path, name, is_changed=False, backup=None)
    remaining = {known: entry for known, entry in servers.items() if known not in removed}
    return _write(document, _with_inputs(document, host, remaining), ", ".join(removed))


def installed_account(host: Host, machine: Machine, name: str = "") -> str:
    """Return the account that a host's entry for vm-mcp serves; empty if it has no name, or there are several entries.

    Args:
        host: Which host.
        machine: Where it keeps its file.
        name: The server's name there; empty: the only entry.

    Raises:
        ConfigError: The file can't be read or parsed.
    """
    servers = _servers(host, _read(host, machine))
    accounts = {known: account_of(entry) for known, entry in servers.items() if is_ours(entry)}
    if name:
        return accounts.get(name, "")
    return next(iter(accounts.values())) if len(accounts) == 1 else ""


def lines(host: Host, wish: Wish) -> str:
    """Return the JSON that `install` would write into an empty configuration."""
    entry = _entry(host, wish, None)
    data: dict[str, Any] = {host.section: {wish.name or DEFAULT_NAME: entry}}
    if is_asked_key(variables(entry).get(KEY_VARIABLE)):
        data["inputs"] = [key_input(wish.account)]
    return json.dumps(data, indent=2, ensure_ascii=False)


def is_in_uvx_cache() -> bool:
    """Return whether this program runs from the cache of ``uvx``, which may be cleared at any time."""
    return "archive-v0" in Path(sys.executable).parts


def _entry(host: Host, wish: Wish, old: HostEntry | None) -> HostEntry:
    entry = new_entry(host, [*program(), *(["serve", "--demo"] if wish.is_demo else [])], old)
    if wish.account:
        entry = with_variable(entry, ACCOUNT_VARIABLE, wish.account)
    value = variables(entry).get(KEY_VARIABLE)
    is_asked, needs_none = is_asked_key(value), wish.is_key_stored or wish.is_demo
    if (wish.is_key_stored and holds_key(entry)) or (needs_none and is_asked):
        return with_variable(entry, KEY_VARIABLE, None)
    if host.asks_for_secrets and not needs_none and (is_asked or not value):
        return with_variable(entry, KEY_VARIABLE, asked_key(wish.account))
    return entry


def _name(host: Host, servers: dict[str, Any], account: str) -> str:
    """Return the name of the entry that serves the account, else a name for a new entry."""
    accounts = {name: account_of(entry) for name, entry in servers.items() if is_ours(entry)}
    known = [name for name, other in accounts.items() if other == account]
    if known or not accounts:
        return known[0] if known else DEFAULT_NAME
    if account:
        return f"{DEFAULT_NAME}-{account}"
    names = ", ".join(accounts.values())
    raise ConfigError(
        "{title} starts vm-mcp for the accounts {names}. Say which one with --account.", title=host.title, names=names
    )


def _check_account(document: host_files.Document, name: str, old: HostEntry | None, account: str) -> None:
    """Raise ConfigError where an entry would change its account: the new one would be served with the old one's key."""
    other = account_of(old or {})
    if account and other and other != account:
        raise ConfigError(
            "In {path}, `{name}` serves the account `{other}`. Choose another name with --name.",
            path=document.path,
            name=name,
            other=other,
        )


def _read(host: Host, machine: Machine) -> host_files.Document:
    by_hand = words("add the lines that `vm-mcp install {host} --print` shows", host=host.name)
    return host_files.read(host.configuration(machine), by_hand=by_hand)


def _servers(host: Host, document: host_files.Document) -> dict[str, Any]:
    servers = document.data.get(host.section, {})
    if not isinstance(servers, dict):
        raise ConfigError(
            "In {path}, `{section}` is not a JSON object of servers. Correct it, then try again.",
            path=document.path,
            section=host.section,
        )
    return servers


def _with_inputs(document: host_files.Document, host: Host, servers: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with these servers, and with VS Code's questions for just the keys that they ask for."""
    inputs = document.data.get("inputs", [])
    if not isinstance(inputs, list):
        raise ConfigError("In {path}, `inputs` is not a JSON list. Correct it, then try again.", path=document.path)
    written = json.dumps(servers)  # a server that is not vm-mcp may use an answer, too
    accounts = dict.fromkeys(account_of(entry) for entry in servers.values() if is_ours(entry))
    needed = [key_input(account) for account in accounts if asked_key(account) in written]
    kept = [asked for asked in inputs if not is_key_input(asked) or f"${{input:{asked['id']}}}" in written]
    ids = {asked["id"] for asked in kept if is_key_input(asked)}
    asked_for = [*kept, *(asked for asked in needed if asked["id"] not in ids)]
    data = {**document.data, host.section: servers}
    return data if asked_for == inputs else {**data, "inputs": asked_for}


def _write(document: host_files.Document, data: dict[str, Any], name: str) -> Written:
    if data == document.data:
        return Written(document.path, name, is_changed=False, backup=None)
    return Written(document.path, name, is_changed=True, backup=host_files.write(document, data))
