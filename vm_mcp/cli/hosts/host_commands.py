"""What ``vm-mcp install`` and ``vm-mcp uninstall`` say."""

import sys

from vm_mcp.cli.hosts.host_install import (
    Wish,
    Written,
    install,
    installed_account,
    is_passing,
    lines,
    uninstall,
)
from vm_mcp.cli.hosts.host_places import HOSTS, Host, HostName, Machine
from vm_mcp.config import is_key_stored, load_settings


def run_install(
    host_name: HostName, *, name: str = "", account: str = "", is_demo: bool = False, is_printed: bool = False
) -> int:
    """Install into a host, or print the lines for it, and say what comes next; returns the exit status.

    Raises:
        VmError: It can't be done; nothing was changed.
    """
    host, machine = HOSTS[host_name], Machine.this()
    if not (account or is_demo or is_printed):
        account = installed_account(host, machine, name)
    settings = load_settings({"account": account} if account else None)
    wish = Wish(name, is_demo, is_key_stored(settings), settings.account)
    if is_printed:
        print(lines(host, wish))
        print(f"For {host.configuration(machine)}", file=sys.stderr)
        return 0
    is_there = host.is_on(machine)
    print("\n".join(_installed(host, install(host, machine, wish), is_there=is_there)))
    return 0


def run_uninstall(host_name: HostName, *, name: str = "") -> int:
    """Uninstall from a host and say so; returns the exit status.

    Raises:
        VmError: It can't be done; nothing was changed.
    """
    host = HOSTS[host_name]
    written = uninstall(host, Machine.this(), name)
    if written.is_changed:
        print(f"{host.title} no longer starts `{written.name}`. {_kept(written)}")
    else:
        print(f"{host.title} does not know vm-mcp, so nothing was changed ({written.path}).")
    return 0


def _installed(host: Host, written: Written, *, is_there: bool) -> list[str]:
    if written.is_changed:
        told = [f"{host.title} starts vm-mcp as `{written.name}`: written to {written.path}. {_kept(written)}".strip()]
    else:
        told = [f"{host.title} starts vm-mcp as `{written.name}` already ({written.path})."]
    if not is_there:
        told.append(f"{host.title} was not found on this computer; it will know vm-mcp once it is installed.")
    if is_passing():
        told.append("This vm-mcp lies in a cache that may be cleared: install it for good (README), then try again.")
    login = f"vm-mcp login --account {written.account}" if written.account else "vm-mcp login"
    if written.needs_key:
        told.append(f"No API key is kept on this computer yet. Next: {login}")
    if written.has_clear_key:
        told.append(f"The API key stands in that file in clear. Run {login}, then this again, to take it out.")
    return [*told, *([host.restart] if is_there else [])]


def _kept(written: Written) -> str:
    return f"As it was before: {written.backup.name}, beside it." if written.backup else ""
