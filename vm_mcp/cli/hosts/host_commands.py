"""``vm-mcp install`` and ``vm-mcp uninstall``, and what they print."""

import sys

from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.hosts.host_install import Wish, Written, install, is_in_uvx_cache, lines, uninstall
from vm_mcp.cli.hosts.host_places import HOSTS, Host, HostName, Machine
from vm_mcp.config import is_key_stored, load_settings


def run_install(
    host_name: HostName, *, name: str = "", account: str = "", is_demo: bool = False, is_printed: bool = False
) -> int:
    """Have a host start vm-mcp, and print the next steps.

    Args:
        host_name: Which host.
        name: The server's name there; empty: the one it has, else the default.
        account: The account to serve; empty: the only one.
        is_demo: Have the host start the simulated PBX.
        is_printed: Only print what would be written.

    Returns:
        The exit status.

    Raises:
        VmError: The host's configuration can't be changed; it was left as it was.
    """
    host, machine = HOSTS[host_name], Machine.this()
    settings = load_settings({"account": account} if account else None)
    wish = Wish(name, is_demo, is_key_stored(settings), settings.account)
    if is_printed:
        print(lines(host, wish))
        print(f"For {host.configuration(machine)}", file=sys.stderr)
        return ExitStatus.DONE
    is_found = host.is_on(machine)
    print("\n".join(_report(host, install(host, machine, wish), is_found=is_found)))
    return ExitStatus.DONE


def run_uninstall(host_name: HostName, *, name: str = "") -> int:
    """Have a host no longer start vm-mcp, and print what changed.

    Returns:
        The exit status.

    Raises:
        VmError: The host's configuration can't be changed; it was left as it was.
    """
    host = HOSTS[host_name]
    written = uninstall(host, Machine.this(), name)
    if written.is_changed:
        print(f"{host.title} no longer starts `{written.name}`. {_backup(written)}".strip())
    else:
        print(f"{host.title} does not know vm-mcp, so nothing was changed ({written.path}).")
    return ExitStatus.DONE


def _report(host: Host, written: Written, *, is_found: bool) -> list[str]:
    if written.is_changed:
        change = f"{host.title} now starts vm-mcp as `{written.name}`: see {written.path}. {_backup(written)}".strip()
    else:
        change = f"{host.title} already starts vm-mcp as `{written.name}` ({written.path})."
    report = [change]
    if not is_found:
        report.append(f"{host.title} was not found on this computer. Once it is installed, it will start vm-mcp.")
    if is_in_uvx_cache():
        report.append(
            "This vm-mcp is in a cache that may be cleared. Install it for good (README), then run this again."
        )
    if written.needs_key:
        login = f"vm-mcp login --account {written.account}" if written.account else "vm-mcp login"
        report.append(f"No API key is stored on this computer yet. Next: {login}")
    if written.has_clear_key:
        report.append("The API key is in that file, in plain text. To take it out, run vm-mcp login, then this again.")
    return [*report, *([host.restart] if is_found else [])]


def _backup(written: Written) -> str:
    return f"The previous file is beside it: {written.backup.name}." if written.backup else ""
