"""Run ``vm-mcp watch`` until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import functools
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from vm_mcp.cli.command_arguments import settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.logs import configure_logging
from vm_mcp.cli.watch.notifications import show_notice
from vm_mcp.cli.watch.watch_reports import WatchReports
from vm_mcp.cli.watch.watching import Watch
from vm_mcp.config import with_stored_key
from vm_mcp.errors import ConfigError
from vm_mcp.inbox import open_inbox
from vm_mcp.operating_system import this_system

if TYPE_CHECKING:
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox


def run_watch(arguments: argparse.Namespace) -> int:
    """Watch; see `vm_mcp.cli.watch_command`."""
    settings = with_stored_key(settings_of(arguments))
    configure_logging(settings)
    show = None if arguments.no_notifications else functools.partial(show_notice, this_system())

    @asynccontextmanager
    async def opened() -> AsyncIterator["Inbox"]:
        current = await asyncio.to_thread(settings_of, arguments)  # a new key may have been stored meanwhile
        async with open_inbox(current.model_copy(update={"engine": "none"})) as inbox:
            await inbox.history.forget_old()
            yield inbox

    watch = Watch(opened, WatchReports(settings.zone, show), arguments.interval, arguments.extension)
    with _only_one(settings):
        asyncio.run(_until_terminated(watch))
    return ExitStatus.DONE


async def _until_terminated(watch: Watch) -> None:
    """Watch until SIGTERM, which ends it as asked; Ctrl-C is asyncio's own."""
    task = asyncio.current_task()
    is_terminated = False

    def terminate() -> None:
        nonlocal is_terminated
        is_terminated = True
        if task:
            task.cancel()

    if not this_system().is_windows:  # asyncio handles no signals there, and Windows sends none
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    try:
        await watch.run()
    except asyncio.CancelledError:
        if not is_terminated:
            raise


@contextmanager
def _only_one(settings: "Settings") -> Iterator[None]:
    """Keep a second watch of the same account away, which would show everything twice.

    Raises:
        ConfigError: There is one, or the folder can't be written to.
    """
    from filelock import FileLock, Timeout

    path = settings.archive_path.with_suffix(".watch")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0)
        lock.acquire()
    except Timeout:
        problem = ConfigError("vm-mcp watch runs already for this account on this computer. Stop it before, or use it.")
        raise problem from None
    except OSError as error:
        raise ConfigError(
            "{path} can't be written. Check VM_MCP_DATA_DIR and its permissions.", path=str(path)
        ) from error
    try:
        yield
    finally:
        lock.release()
