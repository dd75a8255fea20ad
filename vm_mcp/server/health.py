"""Say whether the process lives and whether it can serve, to whoever asks, and nothing more than that."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from vm_mcp.errors import VmError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[bool]]
"""Returns whether a part can be used; raising a VmError means that it can't."""

_KEPT_SECONDS = 1.0
"""How long the outcome is kept: nobody has to show a token for it, and it must not cost a query each time."""
_WAIT_SECONDS = 3.0
"""After which a part counts as one that can't be used; whoever asks gives up soon after."""


class Health:
    """Answers ``/healthz`` and ``/readyz``, without a token, by any name; the rest goes to the application.

    Args:
        app: The application.
        checks: What must be usable, by the name that is shown where it isn't.
        monotonic: Returns seconds of a clock that never goes back.
    """

    def __init__(
        self, app: "ASGIApp", checks: Mapping[str, Check] | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._checks = checks or {}
        self._monotonic = monotonic
        self._examination: asyncio.Task[list[str]] | None = None
        self._begun = 0.0

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path not in {"/healthz", "/readyz"}:
            await self._app(scope, receive, send)
            return
        from starlette.responses import JSONResponse

        failing = await self._failing() if path == "/readyz" else []
        body = {"status": "unavailable", "failing": failing} if failing else {"status": "ok"}
        await JSONResponse(body, 503 if failing else 200, {"Cache-Control": "no-store"})(scope, receive, send)

    async def _failing(self) -> list[str]:
        now = self._monotonic()
        if self._examination is None or (self._examination.done() and now - self._begun > _KEPT_SECONDS):
            self._begun = now
            self._examination = asyncio.create_task(self._examine())
        return await asyncio.shield(self._examination)

    async def _examine(self) -> list[str]:
        passed = await asyncio.gather(*(_passes(name, check) for name, check in self._checks.items()))
        return [name for name, is_usable in zip(self._checks, passed, strict=True) if not is_usable]


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(_WAIT_SECONDS):
            return await check()
    except (VmError, TimeoutError) as error:
        logger.warning("%s can't be used: %s", name, "no answer" if isinstance(error, TimeoutError) else error)
        return False
