"""The commands that set vm-mcp up and check it: doctor, install, uninstall, login, logout.

What they do is imported only when one of them runs.
"""

import argparse
import logging

from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, flags_of

HOST_NAMES = ("claude-desktop", "claude-code", "cursor", "vscode")
"""The keys of `vm_mcp.cli.hosts.HOSTS`, repeated here: importing them would cost milliseconds of every start."""


def add_to(commands: Commands) -> None:
    """Add the commands."""
    _add_doctor(commands)
    _add_install(commands)
    _add_uninstall(commands)
    _add_login(commands)
    _add_logout(commands)


def _add_doctor(commands: Commands) -> None:
    doctor = add_command(commands, "doctor", "check everything that vm-mcp needs, and say how to fix what is wrong")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON")
    add_settings(doctor)
    doctor.set_defaults(command=_doctor)


def _add_install(commands: Commands) -> None:
    install = add_command(commands, "install", "have a host start vm-mcp; keeps the rest of the host's configuration")
    _add_host(install)
    install.add_argument("--demo", action="store_true", help="have the host start the simulated PBX; needs no key")
    install.add_argument(
        "--account", default="", metavar="NAME", help="which account to serve, if there are several on this computer"
    )
    install.add_argument("--print", action="store_true", help="print the lines for the host, and change nothing")
    install.set_defaults(command=_install)


def _add_uninstall(commands: Commands) -> None:
    uninstall = add_command(commands, "uninstall", "have a host no longer start vm-mcp")
    _add_host(uninstall)
    uninstall.set_defaults(command=_uninstall)


def _add_login(commands: Commands) -> None:
    login = add_command(commands, "login", "ask for the API key, try it, and store it in the keyring")
    login.add_argument("--file", action="store_true", help="store it in the settings file, readable only by you")
    login.add_argument("--unchecked", action="store_true", help="store it without asking the PBX")
    login.add_argument(
        "--smtp", action="store_true", help="store the password of your mail server, for vm-mcp digest --to"
    )
    _add_whose_key(login)
    login.set_defaults(command=_login)


def _add_logout(commands: Commands) -> None:
    logout = add_command(commands, "logout", "remove the API key from this computer")
    logout.add_argument("--smtp", action="store_true", help="remove the password of your mail server")
    _add_whose_key(logout)
    logout.set_defaults(command=_logout)


def _add_host(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("host", choices=HOST_NAMES, help="which host")
    parser.add_argument("--name", default="", metavar="NAME", help="the server's name in the host (default: voicemail)")


def _add_whose_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--account",
        default=argparse.SUPPRESS,
        metavar="NAME",
        help="which account, if there are several on this computer",
    )
    parser.add_argument("--base-url", default=argparse.SUPPRESS, metavar="VALUE", help="address of the PBX's API")


def _doctor(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.doctor import run_doctor

    logging.basicConfig(level=logging.CRITICAL)  # the report says what went wrong
    return run_doctor(flags_of(arguments), as_json=arguments.json)


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
    if arguments.smtp:
        from vm_mcp.cli.digest.mail_login import run_mail_login

        return run_mail_login(to_file=arguments.file, is_checked=not arguments.unchecked)
    from vm_mcp.cli.login import run_login

    return run_login(flags_of(arguments), to_file=arguments.file, is_checked=not arguments.unchecked)


def _logout(arguments: argparse.Namespace) -> int:
    if arguments.smtp:
        from vm_mcp.cli.digest.mail_login import run_mail_logout

        return run_mail_logout()
    from vm_mcp.cli.login import run_logout

    return run_logout(flags_of(arguments))
