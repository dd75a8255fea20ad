"""The program ``vm-mcp``: its commands, and what becomes of their errors."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

import vm_mcp
from vm_mcp.cli import (
    archive_command,
    console,
    database_command,
    digest_command,
    export_command,
    jobs_command,
    list_command,
    missed_command,
    open_command,
    purge_command,
    search_command,
    serve_command,
    setup_commands,
    show_command,
    simulator_commands,
    transcribe_command,
    update_command,
    watch_command,
    worker_command,
)
from vm_mcp.cli.command_arguments import CommandParser, add_language
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.spoken_language import speaking
from vm_mcp.errors import VmError

Command = Callable[[argparse.Namespace], int]

# In the order in which `--help` lists them.
_COMMANDS = (
    serve_command,
    simulator_commands,
    open_command,
    list_command,
    missed_command,
    transcribe_command,
    search_command,
    show_command,
    update_command,
    export_command,
    purge_command,
    digest_command,
    watch_command,
    setup_commands,
    worker_command,
    jobs_command,
    database_command,
    archive_command,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: Arguments without the program's name; None: those of this process.

    Returns:
        Its exit status, an `ExitStatus`.

    Raises:
        SystemExit: With `ExitStatus.USAGE`, for wrong usage; with 0 for ``--help`` and ``--version``.
    """
    with speaking(sys.argv[1:] if argv is None else argv):
        return _run(build_parser().parse_args(argv))


def _run(arguments: argparse.Namespace) -> int:
    command: Command = arguments.command
    try:
        return command(arguments)
    except VmError as error:
        console.say("vm-mcp: {error}", error=error.words)
        return ExitStatus.FAILED
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. Python flushes stdout at exit and would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.FAILED
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; ``command`` of its result is the function to call."""
    parser = CommandParser(
        prog="vm-mcp",
        description="Bulut Santral voicemail for AI assistants. Without a command: serve.",
    )
    parser.add_argument("--version", action="version", version=f"vm-mcp {vm_mcp.__version__}")
    add_language(parser)
    serve_command.add_flags(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in _COMMANDS:
        module.add_to(commands)
    return parser
