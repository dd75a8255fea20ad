"""``vm-mcp install`` and ``uninstall``: a host is told to start vm-mcp, or no longer."""

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from vm_mcp.cli.hosts import host_files
from vm_mcp.cli.hosts.host_entries import (
    DEFAULT_NAME,
    INPUT_ID,
    KEY_INPUT,
    Entry,
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
        ConfigError: The file can't be read, understood or written, or the name is another server's.
    """
    by_hand = f"add the lines that `vm-mcp install {host.name} --print` shows"
    document = host_files.read(host.configuration(machine), by_hand=by_hand)
    servers = _servers(host, document)
    name = wish.name or _name(servers, wish.account)
    if name in servers and not is_ours(servers[name]):
        raise ConfigError(f"In {document.path}, `{name}` is another server. Give a name with --name.")
    entry = _entry(host, wish, servers.get(name))
    data = {**document.data, host.section: {**servers, name: entry}}
    data = _with_input(data, document, is_asked=_ASKED in (entry.get("env") or {}).values())
    written = _write(document, data, name)
    has_key = wish.is_key_stored or wish.is_demo or KEY_VARIABLE in entry.get("env", {})
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
    is_asked = any(_ASKED in str(entry) for entry in left.values())
    data = _with_input({**document.data, host.section: left}, document, is_asked=is_asked)
    return _write(document, data, ", ".join(gone))


def lines(host: Host, wish: Wish) -> str:
    """Return what `install` would write into an empty configuration."""
    entry = _entry(host, wish, None)
    data: dict[str, Any] = {host.section: {wish.name or DEFAULT_NAME: entry}}
    if _ASKED in (entry.get("env") or {}).values():
        data["inputs"] = [KEY_INPUT]
    return json.dumps(data, indent=2, ensure_ascii=False)


def is_passing() -> bool:
    """Whether this program lies in the cache of ``uvx``, which may be cleared any day."""
    return "archive-v0" in Path(sys.executable).parts


def _entry(host: Host, wish: Wish, old: Entry | None) -> Entry:
    entry = new_entry(host, [*program(), *(["serve", "--demo"] if wish.is_demo else [])], old)
    if wish.account:
        entry = with_variable(entry, ACCOUNT_VARIABLE, wish.account)
    value = (entry.get("env") or {}).get(KEY_VARIABLE)
    if wish.is_key_stored and (holds_key(entry) or value == _ASKED):
        return with_variable(entry, KEY_VARIABLE, None)
    if host.asks_for_secrets and not (wish.is_key_stored or wish.is_demo or value):
        return with_variable(entry, KEY_VARIABLE, _ASKED)
    return entry


def _name(servers: dict[str, Any], account: str) -> str:
    """Return what the host calls vm-mcp for that account already, else a name that is free."""
    ours = [name for name, entry in servers.items() if is_ours(entry)]
    accounts = {name: (servers[name].get("env") or {}).get(ACCOUNT_VARIABLE, "") for name in ours}
    default = f"{DEFAULT_NAME}-{account}" if account and ours else DEFAULT_NAME
    return next((name for name in ours if not account or accounts[name] == account), default)


def _servers(host: Host, document: host_files.Document) -> dict[str, Any]:
    servers = document.data.get(host.section, {})
    if not isinstance(servers, dict):
        raise ConfigError(f"In {document.path}, `{host.section}` is no list of servers. Mend it, then try again.")
    return servers


def _with_input(data: dict[str, Any], document: host_files.Document, *, is_asked: bool) -> dict[str, Any]:
    """Have the host ask for the key, or no longer."""
    inputs = data.get("inputs", [])
    if not isinstance(inputs, list):
        raise ConfigError(f"In {document.path}, `inputs` is no list. Mend it, then try again.")
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
