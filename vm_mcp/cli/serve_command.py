"""``vm-mcp serve``: the MCP server, over stdin and stdout or over HTTP."""

import argparse
import contextlib
import gc
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, flags_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.config import load_settings
from vm_mcp.errors import InputError

if TYPE_CHECKING:
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox


def add_to(commands: Commands) -> None:
    """Add the command."""
    add_flags(add_command(commands, "serve", "serve MCP over stdin and stdout, as a host expects (the default)"))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of ``serve``, which the program also takes without a command."""
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
    parser.add_argument(
        "--metrics",
        metavar="HOST:PORT",
        default=argparse.SUPPRESS,
        help="with --http: also serve Prometheus metrics there, without a token",
    )
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until the host hangs up, or over HTTP until Ctrl-C.

    Raises:
        VmError: The settings or the address are unusable.
    """
    # Imported objects live as long as the process. Not scanning them over and over saves 40 ms of every start.
    gc.disable()
    from vm_mcp.cli.logs import configure_logging

    with contextlib.ExitStack() as stack:
        flags = flags_of(arguments)
        is_demo = getattr(arguments, "demo", False)
        if is_demo:
            flags |= stack.enter_context(_demo_flags())
        settings = load_settings(flags)
        configure_logging(settings)
        if hasattr(arguments, "http"):
            from vm_mcp.cli.http_serving import serve_over_http

            gc.enable()
            serve_over_http(arguments, settings, is_demo=is_demo)
        elif hasattr(arguments, "metrics"):
            raise InputError(
                "--metrics goes with --http: a desk's server over stdin and stdout has nobody to show them."
            )
        else:
            _serve_over_stdio(settings)
    return ExitStatus.DONE


def _serve_over_stdio(settings: "Settings") -> None:
    from vm_mcp.asr import open_transcriber
    from vm_mcp.inbox import Inbox

    serve_to_host(Inbox(settings, open_transcriber(settings)))


def serve_to_host(inbox: "Inbox") -> None:
    """Serve an inbox over stdin and stdout until the host ends it, however it does that."""
    import anyio

    from vm_mcp.cli.hangup import end_with_the_host
    from vm_mcp.server import build_server

    server = build_server(inbox)
    gc.freeze()
    gc.enable()

    async def serve() -> None:
        end_with_the_host(inbox.transcribing.aclose)
        await server.run_stdio_async()

    anyio.run(serve)


@contextlib.contextmanager
def _demo_flags() -> Iterator[dict[str, Any]]:
    """Run a simulated PBX, and yield the settings that lead to it."""
    from vm_mcp.simulator import Simulator

    # Every simulated PBX has an address of its own, so nothing will ever read this archive again.
    temporary = tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True)
    with Simulator() as simulator, temporary as archive_dir:
        yield {
            "base_url": simulator.base_url,
            "api_key": simulator.api_key,
            "model": "base",
            "archive_dir": archive_dir,
        }
