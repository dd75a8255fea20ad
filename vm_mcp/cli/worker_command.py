"""``vm-mcp worker``: one of a team's workers."""

import argparse
import asyncio
import contextlib
import logging
import signal
from typing import TYPE_CHECKING, Any

from vm_mcp.cli import console
from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, number, settings_of, unusable
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.team_commands import account_entries, announce_metrics, database_url, team_settings
from vm_mcp.net.listening import parse_address
from vm_mcp.text import counted
from vm_mcp.wording import words

if TYPE_CHECKING:
    from vm_mcp.config import Settings
    from vm_mcp.config.team_settings import TeamSettings

logger = logging.getLogger(__name__)

QUEUE_NAMES = ("poll", "fetch", "speech")
"""As `vm_mcp.team.work_queue.QUEUES`; importing them would cost every command's start."""
MOST_AT_ONCE = 64


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "worker",
        "work for a team: list new messages, retrieve and transcribe them",
        "Take work from the team's PostgreSQL until SIGTERM or Ctrl-C; then finish or hand back within seconds. Any "
        "number may run, on any number of machines. Exits with 1 where PostgreSQL or the engine is gone: have a "
        "supervisor start it again.",
    )
    parser.add_argument(
        "--queues",
        type=_queues,
        default=QUEUE_NAMES,
        metavar="NAMES",
        help="what to work on, separated by commas: poll, fetch, speech (default: all); one worker at least must poll, "
        "and speech needs the engine",
    )
    parser.add_argument(
        "--concurrency",
        type=number(1, MOST_AT_ONCE),
        default=None,
        metavar="N",
        help="messages to transcribe at a time (default: one for each core)",
    )
    parser.add_argument(
        "--metrics", default="", metavar="HOST:PORT", help="also serve Prometheus metrics there, without a token"
    )
    parser.add_argument(
        "--wait",
        type=number(0, 3600),
        default=60,
        metavar="SECONDS",
        help="how long to wait at the start for a database that is not there yet (default: 60)",
    )
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until a signal.

    Raises:
        VmError: The settings are unusable, or the database or the engine is gone.
    """
    team = team_settings()
    database_url(team)
    settings = settings_of(arguments)
    from vm_mcp.cli.logs import configure_logging

    configure_logging(settings)
    asyncio.run(_work(arguments, team, settings))
    return ExitStatus.DONE


async def _work(arguments: argparse.Namespace, team: "TeamSettings", settings: "Settings") -> None:
    from vm_mcp.asr.machine import usable_cores
    from vm_mcp.team.worker import TeamWorker, WorkerOptions

    entries = account_entries(team, settings)
    announcement = words(
        "Working on {queues} for {accounts}; press Ctrl-C to stop.",
        queues=", ".join(arguments.queues),
        accounts=counted(len(entries), "account"),
    )
    options = WorkerOptions(
        queues=arguments.queues,
        concurrency=arguments.concurrency or usable_cores(),
        wait_seconds=float(arguments.wait),
        on_ready=lambda: console.say(announcement),
    )
    worker = TeamWorker(settings, team, entries, options)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_leftover)
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, worker.stop)
    with contextlib.ExitStack() as stack:
        if arguments.metrics:
            address = parse_address(arguments.metrics, "--metrics")
            announce_metrics(address, stack.enter_context(worker.metrics.served(address)))
        await worker.run()


def _log_leftover(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what nobody awaited any more, such as jobs of a database that is away, without the exception's words."""
    logger.info("%s (%s)", context["message"], type(context.get("exception")).__name__)


def _queues(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not names or not set(names) <= set(QUEUE_NAMES):
        raise unusable("give some of {names}, separated by commas", names=", ".join(QUEUE_NAMES))
    return names
