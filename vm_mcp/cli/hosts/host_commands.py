"""``vm-mcp install`` and ``vm-mcp uninstall``, and what they print."""

from collections.abc import Iterator

from vm_mcp.cli import console
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.hosts.host_install import (
    Wish,
    Written,
    install,
    installed_account,
    is_in_uvx_cache,
    lines,
    uninstall,
)
from vm_mcp.cli.hosts.host_places import HOSTS, Host, HostName, Machine
from vm_mcp.cli.setting_sources import is_key_stored
from vm_mcp.config import load_settings
from vm_mcp.wording import Words, sentences, words


def run_install(
    host_name: HostName, *, name: str = "", account: str = "", is_demo: bool = False, is_printed: bool = False
) -> int:
    """Have a host start vm-mcp, and print the next steps.

    Args:
        host_name: Which host.
        name: The server's name there; empty: the one it has, else the default.
        account: The account to serve; empty: the one that the host's only entry serves, else one without a name.
        is_demo: Have the host start the simulated PBX.
        is_printed: Only print what would be written.

    Returns:
        The exit status.

    Raises:
        VmError: The host's configuration can't be changed; it was left as it was.
    """
    host, machine = HOSTS[host_name], Machine.this()
    if not (account or is_demo or is_printed):
        account = installed_account(host, machine, name)
    settings = load_settings({"account": account} if account else None)
    wish = Wish(name, is_demo, is_key_stored(settings), settings.account)
    if is_printed:
        print(lines(host, wish))
        console.say("For {path}", path=host.configuration(machine))
        return ExitStatus.DONE
    is_found = host.is_on(machine)
    written = [install(place, machine, wish) for place in host.everywhere(machine)]
    for line in dict.fromkeys(line for each in written for line in _report(host, each, is_found=is_found)):
        console.tell(line)
    return ExitStatus.DONE


def run_uninstall(host_name: HostName, *, name: str = "") -> int:
    """Have a host no longer start vm-mcp, and print what changed.

    Returns:
        The exit status.

    Raises:
        VmError: The host's configuration can't be changed; it was left as it was.
    """
    host = HOSTS[host_name]
    machine = Machine.this()
    changes = [uninstall(place, machine, name) for place in host.everywhere(machine)]
    for written in sorted(changes, key=lambda each: not each.is_changed):
        _tell_removal(host, written)
    return ExitStatus.DONE


def _tell_removal(host: Host, written: Written) -> None:
    if written.is_changed:
        gone = words("{host} no longer starts `{name}`.", host=host.title, name=written.name)
        console.tell(sentences(gone, _backup(written)))
    else:
        console.tell(
            "{host} does not know vm-mcp, so nothing was changed ({path}).", host=host.title, path=written.path
        )


def _report(host: Host, written: Written, *, is_found: bool) -> Iterator[Words]:
    place = {"host": host.title, "name": written.name, "path": written.path}
    if written.is_changed:
        yield sentences(words("{host} now starts vm-mcp as `{name}`: see {path}.", **place), _backup(written))
    else:
        yield words("{host} already starts vm-mcp as `{name}` ({path}).", **place)
    if not is_found:
        yield words(
            "{host} was not found on this computer. Once it is installed, it will start vm-mcp.", host=host.title
        )
    if is_in_uvx_cache():
        yield words("This vm-mcp is in a cache that may be cleared. Install it for good (README), then run this again.")
    login = f"vm-mcp login --account {written.account}" if written.account else "vm-mcp login"
    if written.needs_key:
        yield words("No API key is stored on this computer yet. Next: {login}", login=login)
    if written.has_clear_key:
        yield words(
            "The API key is in that file, in plain text. To take it out, run {login}, then this again.", login=login
        )
    if is_found:
        yield words(host.restart)


def _backup(written: Written) -> Words | str:
    if not written.backup:
        return ""
    return words("The previous file is beside it: {name}.", name=written.backup.name)
