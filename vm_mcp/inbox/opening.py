"""Decides whether another message may be opened, by what the speech engine has made of those before.

Opening a message marks it as read for everybody, so an engine that turns out to fail on every message must not cost a
whole inbox. A trial before the first message doesn't rule that out: a second of silence may fit into a memory that the
first real message overflows.

Until the engine has worked, few messages are opened. After it failed, those in hand decide: if it works on one, the
message that it failed on was the cause, and others may be opened again. If it works on none, no others are.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError, VmError

UNPROVEN = 2
"""Messages opened at a time until the engine has worked. With only one, nobody could tell a message that breaks the
engine from an engine that is broken."""
ENGINE_FAILURES = (EngineFailedError, EngineUnavailableError)
"""Errors of the engine, which it may raise for the next message as well."""


@dataclass
class EngineTrouble:
    """What the messages of one call know of the engine's failures."""

    error: VmError | None = None
    """Its last failure on one of them."""


class NotOpenedError(TranscriptionError):
    """A message was left unopened, because the engine failed on others."""


class OpeningGate:
    """Lets the messages of one process through to be opened. Use it from one event loop."""

    def __init__(self) -> None:
        self._works = False
        self._in_hand = 0
        self._changed = asyncio.Event()

    async def wait(self, trouble: EngineTrouble) -> None:
        """Return once a message may be opened.

        Args:
            trouble: What the engine's failures have left in the message's call.

        Raises:
            NotOpenedError: The engine failed on a message of that call, and has worked on none since.
        """
        while not self._may_open(trouble):
            if trouble.error and not self._in_hand:
                raise _not_opened(trouble.error) from trouble.error
            await self._changed.wait()

    @contextmanager
    def in_hand(self, trouble: EngineTrouble) -> Iterator[None]:
        """Count a message as in hand during the block, which opens and transcribes it, and note what came of it."""
        self._in_hand += 1
        try:
            yield
            self._works = True
        except ENGINE_FAILURES as error:
            self._works, trouble.error = False, error
            raise
        finally:
            self._in_hand -= 1
            self._changed.set()
            self._changed = asyncio.Event()

    def _may_open(self, trouble: EngineTrouble) -> bool:
        return self._works or (trouble.error is None and self._in_hand < UNPROVEN)


def _not_opened(error: VmError) -> NotOpenedError:
    return NotOpenedError(
        "This message was not opened: if it was unread, it still is. The speech engine failed on another. {error} "
        "Then ask for this message again.",
        error=error.words,
    )
