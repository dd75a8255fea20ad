"""``vm-mcp watch``: say when a message arrives."""

import argparse

from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, number

LEAST_SECONDS, MOST_SECONDS = 30, 3600


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "watch",
        "show a notification when a message arrives; marks nothing as read",
        "List messages again and again until Ctrl-C or SIGTERM; print a line and show a notification for each new one. "
        "Marks nothing as read. It goes on when the network is away, and after the computer has slept.",
    )
    parser.add_argument(
        "--interval",
        type=number(LEAST_SECONDS, MOST_SECONDS),
        default=60,
        metavar="SECONDS",
        help="how long to wait between two lists (default: 60)",
    )
    parser.add_argument("--extension", default="", metavar="NUMBER", help="only this mailbox, such as 1001")
    parser.add_argument("--no-notifications", action="store_true", help="only print")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Watch until Ctrl-C or SIGTERM.

    Raises:
        VmError: It can't begin: no key, an unusable setting, or another one runs.
    """
    from vm_mcp.cli.watch.run_watch import run_watch

    return run_watch(arguments)
