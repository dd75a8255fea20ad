"""The program ``vm-mcp``: ``serve`` when nothing else is said."""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import vm_mcp
from vm_mcp.cli import (
    export_command,
    list_command,
    purge_command,
    search_command,
    show_command,
    transcribe_command,
)
from vm_mcp.cli.setup_commands import add_setup_commands
from vm_mcp.cli.shared import Parser, add_settings, flags_of
from vm_mcp.config import load_settings
from vm_mcp.errors import InputError, VmError

if TYPE_CHECKING:
    from vm_mcp.simulator import Simulator

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        Its exit status: 0; 1 for an error that was explained; 2 for wrong usage; 3 when some of it failed; 4 when it
        was not confirmed; 130 for Ctrl-C.
    """
    arguments = _parser().parse_args(argv)
    command: Command = arguments.command
    try:
        return command(arguments)
    except VmError as error:
        print(f"vm-mcp: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever reads the output has enough; Python would complain about it once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = Parser(
        prog="vm-mcp",
        description="Bulut Santral voicemail for AI assistants. Without a command: serve.",
    )
    parser.add_argument("--version", action="version", version=f"vm-mcp {vm_mcp.__version__}")
    parser.set_defaults(command=_serve)
    _add_serve_flags(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve MCP over stdin and stdout, as a host expects (the default)")
    _add_serve_flags(serve)
    demo = commands.add_parser("demo", help="show the whole way on a simulated PBX: list, fetch, transcribe")
    demo.set_defaults(command=_demo)
    simulate = commands.add_parser("simulate", help="run the simulated PBX on this computer")
    simulate.add_argument(
        "--port",
        type=int,
        choices=range(65536),
        metavar="PORT",
        default=8008,
        help="port on 127.0.0.1; 0: any free one (default: 8008)",
    )
    simulate.add_argument("--scenario", default="clinic", help="which mailboxes to play (default: clinic)")
    simulate.set_defaults(command=_simulate)
    for command in (list_command, transcribe_command, search_command, show_command, export_command, purge_command):
        command.add_to(commands)
    doctor = commands.add_parser("doctor", help="check that everything vm-mcp needs is there, and say what to do")
    doctor.add_argument("--json", action="store_true", help="print the report as JSON")
    add_settings(doctor)
    doctor.set_defaults(command=_doctor)
    add_setup_commands(commands)
    return parser


def _add_serve_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--demo",
        action="store_true",
        default=argparse.SUPPRESS,
        help="serve a simulated PBX with the model `base`; needs no key",
    )
    parser.add_argument(
        "--http",
        metavar="HOST:PORT",
        default=argparse.SUPPRESS,
        help="serve Streamable HTTP there in place of stdin and stdout; beyond loopback it needs VM_MCP_HTTP_TOKEN",
    )
    add_settings(parser)


def _serve(arguments: argparse.Namespace) -> int:
    # What an import makes lives as long as the process; scanning it again and again costs 40 ms of every start.
    gc.disable()
    from vm_mcp.asr import open_transcriber
    from vm_mcp.cli.hangup import end_with_the_host
    from vm_mcp.cli.logs import configure_logging
    from vm_mcp.inbox import Inbox
    from vm_mcp.server import build_server

    flags = flags_of(arguments)
    with contextlib.ExitStack() as stack:
        if getattr(arguments, "demo", False):
            simulator = stack.enter_context(_demo_pbx())
            # Each simulated PBX has an address of its own: nobody comes back to its archive.
            archive_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True))
            flags |= {
                "base_url": simulator.base_url,
                "api_key": simulator.api_key,
                "model": "base",
                "archive_dir": archive_dir,
            }
        settings = load_settings(flags)
        configure_logging(settings)
        server = build_server(Inbox(settings, open_transcriber(settings)))
        gc.freeze()
        gc.enable()
        if hasattr(arguments, "http"):
            from vm_mcp.server.http import parse_address, serve_http

            serve_http(
                server, parse_address(arguments.http), settings.http_token, settings.http_hosts, on_ready=_tell_url
            )
            return 0
        # Python's own handler would wait for the thread that reads stdin. The worker ends with its pipe.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        end_with_the_host()
        server.run("stdio")
    return 0


def _tell_url(url: str) -> None:
    print(f"Serving MCP at {url}; Ctrl-C ends it.", file=sys.stderr, flush=True)


def _demo(_: argparse.Namespace) -> int:
    from vm_mcp.cli.demo import run_demo

    with _demo_pbx() as simulator:
        return run_demo(simulator.base_url, simulator.api_key, load_settings())


def _demo_pbx() -> "Simulator":
    from vm_mcp.simulator import Simulator

    return Simulator()


def _doctor(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.doctor import run_doctor

    logging.basicConfig(level=logging.CRITICAL)  # what goes wrong is in the report
    return run_doctor(flags_of(arguments), as_json=arguments.json)


def _simulate(arguments: argparse.Namespace) -> int:
    from vm_mcp.simulator import SCENARIOS, serve_forever

    if arguments.scenario not in SCENARIOS:
        raise InputError(f"No such scenario. Choose one of: {', '.join(SCENARIOS)}.")
    try:
        serve_forever(SCENARIOS[arguments.scenario](datetime.now(UTC)), arguments.port, on_ready=_announce)
    except OSError as error:
        raise InputError(f"Port {arguments.port} can't be used ({error.strerror}). Choose another, or 0.") from error
    return 0


def _announce(simulator: "Simulator") -> None:
    print(f"VM_MCP_BASE_URL={simulator.base_url}\nVM_MCP_API_KEY={simulator.api_key}", flush=True)
    print("Simulated PBX; Ctrl-C ends it.", file=sys.stderr)
