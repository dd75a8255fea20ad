"""``vm-mcp demo`` and ``vm-mcp simulate``: vm-mcp without an account."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.cli import console
from vm_mcp.cli.command_arguments import Commands, add_command, number
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.config import load_settings
from vm_mcp.errors import InputError
from vm_mcp.os_reasons import os_reason

if TYPE_CHECKING:
    from vm_mcp.simulator import Simulator


def add_to(commands: Commands) -> None:
    """Add the commands."""
    demo = add_command(commands, "demo", "list, fetch and transcribe on a simulated PBX; needs no key")
    demo.add_argument("--open", action="store_true", help="end in the inbox page, opened in the browser")
    demo.set_defaults(command=_demo)
    simulate = add_command(commands, "simulate", "run the simulated PBX on this computer")
    simulate.add_argument(
        "--port",
        type=number(0, 65535),
        metavar="PORT",
        default=8008,
        help="port on 127.0.0.1; 0: any free one (default: 8008)",
    )
    simulate.add_argument(
        "--scenario", default="clinic", metavar="SCENARIO", help="which mailboxes to play (default: clinic)"
    )
    simulate.set_defaults(command=_simulate)


def _demo(arguments: argparse.Namespace) -> int:
    from vm_mcp.cli.demo import run_demo
    from vm_mcp.simulator import Simulator

    with Simulator() as simulator:
        return run_demo(simulator.base_url, simulator.api_key, load_settings(), opens_page=arguments.open)


def _simulate(arguments: argparse.Namespace) -> int:
    from vm_mcp.simulator import SCENARIOS, serve_forever

    if arguments.scenario not in SCENARIOS:
        raise InputError("No such scenario. Choose one of: {names}.", names=", ".join(SCENARIOS))
    try:
        serve_forever(SCENARIOS[arguments.scenario](datetime.now(UTC)), arguments.port, on_ready=_announce)
    except OSError as error:
        raise InputError(
            "Port {port} can't be used ({reason}). Choose another, or 0.", port=arguments.port, reason=os_reason(error)
        ) from error
    return ExitStatus.DONE


def _announce(simulator: "Simulator") -> None:
    print(f"VM_MCP_BASE_URL={simulator.base_url}\nVM_MCP_API_KEY={simulator.api_key}", flush=True)
    console.say("The simulated PBX is running; press Ctrl-C to stop.")
