"""The commands that set vm-mcp up: install, uninstall, login, logout. What they do is imported when one is run."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse names it nowhere else


HOST_NAMES = ("claude-desktop", "claude-code", "cursor", "vscode")
"""Named here as well, since importing what is known of them costs milliseconds of every start."""


def add_setup_commands(commands: "Commands") -> None:
    """Add them to the program's parser."""
    _add_install(commands)
    _add_uninstall(commands)
    _add_login(commands)
    logout = commands.add_parser("logout", help="remove the API key from this computer")
    _add_whose(logout)
    logout.set_defaults(command=_logout)


def _add_install(commands: "Commands") -> None:
    install = commands.add_parser("install", help="have a host start vm-mcp; keeps what else its configuration holds")
    _add_host(install)
    install.add_argument("--demo", action="store_true", help="have it start the simulated PBX; needs no key")
    install.add_argument(
        "--account", default="", metavar="NAME", help="which account it is to serve, if you have several"
    )
    install.add_argument("--print", action="store_true", help="print the lines for the host, and change nothing")
    install.set_defaults(command=_install)


def _add_uninstall(commands: "Commands") -> None:
    uninstall = commands.add_parser("uninstall", help="have a host no longer start vm-mcp")
    _add_host(uninstall)
    uninstall.set_defaults(command=_uninstall)


def _add_login(commands: "Commands") -> None:
    login = commands.add_parser("login", help="ask for the API key, try it out, and keep it in the keyring")
    login.add_argument("--file", action="store_true", help="keep it in the settings file, readable by you alone")
    login.add_argument("--unchecked", action="store_true", help="keep it without asking the PBX")
    _add_whose(login)
    login.set_defaults(command=_login)


def _add_host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", choices=HOST_NAMES, help="which host")
    parser.add_argument("--name", default="", help="what the host calls it (default: voicemail)")


def _add_whose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--account", default=argparse.SUPPRESS, metavar="NAME", help="which account, if you have several"
    )
    parser.add_argument("--base-url", default=argparse.SUPPRESS, metavar="VALUE", help="address of the PBX's API")


def _install(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.hosts.host_commands import run_install

    return run_install(
        arguments.host,
        name=arguments.name,
        account=arguments.account,
        is_demo=arguments.demo,
        is_printed=arguments.print,
    )


def _uninstall(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.hosts.host_commands import run_uninstall

    return run_uninstall(arguments.host, name=arguments.name)


def _login(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.login import run_login

    return run_login(_flags(arguments), to_file=arguments.file, is_checked=not arguments.unchecked)


def _logout(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.login import run_logout

    return run_logout(_flags(arguments))


def _flags(arguments: argparse.Namespace) -> dict[str, str]:
    return {name: value for name, value in vars(arguments).items() if name in {"account", "base_url"}}
