"""``vm-mcp install`` and ``uninstall``: a host is told to start vm-mcp, or no longer."""

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


class Wish(NamedTuple):
    """What a host is to start."""

    name: str = ""
    """What the host calls it; empty: as it is called there already, else `DEFAULT_NAME`."""
    is_demo: bool = False
    """Whether it is the simulated PBX."""
    is_key_stored: bool = False
    """Whether the key is where vm-mcp finds it without the host's help."""
    account: str = ""
    """Name of the account that it is to serve; empty: the only one."""


class Written(NamedTuple):
    """What became of a host's configuration."""

    path: Path
    name: str
    is_changed: bool
    backup: Path | None
    needs_key: bool = False
    """Whether nobody told vm-mcp the key yet."""
    has_clear_key: bool = False
    """Whether the key stands in the file in clear."""
    account: str = ""
    """Name of the account that it serves; empty: the only one."""


def install(host: Host, machine: Machine, wish: Wish) -> Written:
    """Have a host start vm-mcp, and keep what else its configuration holds.

    Raises:
        ConfigError: The file can't be read, understood or written, the name is another server's or account's, or it is
            not said which of several accounts is meant.
    """
    document = _read(host, machine)
    servers = _servers(host, document)
    name = wish.name or _name(host, servers, wish.account)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(f"In {document.path}, `{name}` is another server. Give a name with --name.")
    _check_account(document, name, servers.get(name), wish.account)
    entry = _entry(host, wish, servers.get(name))
    written = _write(document, _with_inputs(document, host, {**servers, name: entry}), name)
    has_key = wish.is_key_stored or wish.is_demo or KEY_VARIABLE in variables(entry)
    return written._replace(needs_key=not has_key, has_clear_key=holds_key(entry), account=wish.account)


def uninstall(host: Host, machine: Machine, name: str = "") -> Written:
    """Have a host no longer start vm-mcp, and keep what else its configuration holds.

    Raises:
        ConfigError: The file can't be read, understood or written, or that name is another server's.
    """
    document = host_files.read(host.configuration(machine), by_hand="remove the lines of vm-mcp")
    servers = _servers(host, document)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(f"In {document.path}, `{name}` is another server, so nothing was changed.")
    gone = [known for known, entry in servers.items() if is_ours(entry) and name in {"", known}]
    if not gone:
        return Written(document.path, name, is_changed=False, backup=None)
    left = {known: entry for known, entry in servers.items() if known not in gone}
    return _write(document, _with_inputs(document, host, left), ", ".join(gone))


def installed_account(host: Host, machine: Machine, name: str = "") -> str:
    """Return the account that a host's only entry of ours serves, or that of a name; empty: none, or not to be told.

    Raises:
        ConfigError: The file can't be read or understood.
    """
    servers = _servers(host, _read(host, machine))
    accounts = {known: account_of(entry) for known, entry in servers.items() if is_ours(entry)}
    if name:
        return accounts.get(name, "")
    return next(iter(accounts.values())) if len(accounts) == 1 else ""


def lines(host: Host, wish: Wish) -> str:
    """Return what `install` would write into an empty configuration."""
    entry = _entry(host, wish, None)
    data: dict[str, Any] = {host.section: {wish.name or DEFAULT_NAME: entry}}
    if is_asked_key(variables(entry).get(KEY_VARIABLE)):
        data["inputs"] = [key_input(wish.account)]
    return json.dumps(data, indent=2, ensure_ascii=False)


def is_passing() -> bool:
    """Whether this program lies in the cache of ``uvx``, which may be cleared any day."""
    return "archive-v0" in Path(sys.executable).parts


def _read(host: Host, machine: Machine) -> host_files.Document:
    by_hand = f"add the lines that `vm-mcp install {host.name} --print` shows"
    return host_files.read(host.configuration(machine), by_hand=by_hand)


def _entry(host: Host, wish: Wish, old: HostEntry | None) -> HostEntry:
    entry = new_entry(host, [*program(), *(["serve", "--demo"] if wish.is_demo else [])], old)
    if wish.account:
        entry = with_variable(entry, ACCOUNT_VARIABLE, wish.account)
    value = variables(entry).get(KEY_VARIABLE)
    if wish.is_key_stored and (holds_key(entry) or is_asked_key(value)):
        return with_variable(entry, KEY_VARIABLE, None)
    if host.asks_for_secrets and not (wish.is_key_stored or wish.is_demo) and (not value or is_asked_key(value)):
        return with_variable(entry, KEY_VARIABLE, asked_key(wish.account))
    return entry


def _name(host: Host, servers: dict[str, Any], account: str) -> str:
    """Return what the host calls vm-mcp for that account already, else a name that is free.

    Raises:
        ConfigError: It is not said which of several accounts is meant.
    """
    accounts = {name: account_of(entry) for name, entry in servers.items() if is_ours(entry)}
    known = [name for name, each in accounts.items() if each == account]
    if known or not accounts:
        return known[0] if known else DEFAULT_NAME
    if account:
        return f"{DEFAULT_NAME}-{account}"
    named = ", ".join(accounts.values())
    raise ConfigError(f"{host.title} starts vm-mcp for the accounts {named}. Say which you mean with --account.")


def _check_account(document: host_files.Document, name: str, old: HostEntry | None, account: str) -> None:
    """Refuse to make one account's entry another's: its key would go along."""
    if old and account and (other := account_of(old)) not in {"", account}:
        raise ConfigError(f"In {document.path}, `{name}` serves the account `{other}`. Give another name with --name.")


def _servers(host: Host, document: host_files.Document) -> dict[str, Any]:
    servers = document.data.get(host.section, {})
    if not isinstance(servers, dict):
        raise ConfigError(f"In {document.path}, `{host.section}` is no list of servers. Mend it, then try again.")
    return servers


def _with_inputs(document: host_files.Document, host: Host, servers: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration with these servers, and the host asking for just those keys that they want asked for."""
    inputs = document.data.get("inputs", [])
    if not isinstance(inputs, list):
        raise ConfigError(f"In {document.path}, `inputs` is no list. Mend it, then try again.")
    written = json.dumps(servers)  # also a server that is none of ours may use an answer
    accounts = dict.fromkeys(account_of(entry) for entry in servers.values() if is_ours(entry))
    wanted = [key_input(account) for account in accounts if asked_key(account) in written]
    left = [each for each in inputs if not is_key_input(each) or f"${{input:{each['id']}}}" in written]
    known = {each["id"] for each in left if is_key_input(each)}
    changed = [*left, *(each for each in wanted if each["id"] not in known)]
    data = {**document.data, host.section: servers}
    return data if changed == inputs else {**data, "inputs": changed}


def _write(document: host_files.Document, data: dict[str, Any], name: str) -> Written:
    if data == document.data:
        return Written(document.path, name, is_changed=False, backup=None)
    return Written(document.path, name, is_changed=True, backup=host_files.write(document, data))
