"""The inbox that a command works on."""

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox

T = TypeVar("T")


def with_inbox(settings: "Settings", work: "Callable[[Inbox], Awaitable[T]]", *, listens: bool = False) -> T:
    """Open the inbox, delete what has outlived its retention, and return what ``work`` returns.

    Args:
        settings: The account's.
        work: What the command does.
        listens: Whether it transcribes; otherwise no speech engine is started.

    Raises:
        VmError: What ``work`` raises.
    """
    from vm_mcp.cli.logs import configure_logging
    from vm_mcp.cli.spoken_language import language_in_use
    from vm_mcp.inbox import open_inbox

    configure_logging(settings)
    used = settings.model_copy(update={"lang": language_in_use()} if listens else {"engine": "none"})

    async def run() -> T:
        async with open_inbox(used) as inbox:
            await inbox.history.forget_old()
            return await work(inbox)

    return asyncio.run(run())
