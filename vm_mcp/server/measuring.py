"""Count requests and calls of tools, where somebody asked for metrics."""

import time
from typing import TYPE_CHECKING, Any

from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext
from mcp_types import CallToolResult

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vm_mcp.team.metrics import ServerMetrics


class MeasuredApp:
    """Counts an application's answers by status, and how long requests that are posted take."""

    def __init__(self, app: "ASGIApp", metrics: "ServerMetrics") -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def observed(message: "Message") -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(message["status"])
            await send(message)

        await self._app(scope, receive, observed)
        if scope["method"] == "POST":  # a stream that a client opens by GET lasts as long as it likes
            self._metrics.took(time.perf_counter() - began)


class MeasuredTools(ServerMiddleware[Any]):
    """Counts calls of tools by their outcome, and how long they take."""

    def __init__(self, metrics: "ServerMetrics") -> None:
        self._metrics = metrics

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Handle a message."""
        if ctx.method != "tools/call":
            return await call_next(ctx)
        began, is_error = time.perf_counter(), True
        try:
            result = await call_next(ctx)
            is_error = _is_error(result)
        finally:
            tool = str((ctx.params or {}).get("name"))
            self._metrics.called(tool, time.perf_counter() - began, is_error=is_error)
        return result


def _is_error(result: HandlerResult) -> bool:
    """Return whether a tool failed; as the SDK's own middleware sees it, before and after it is serialized."""
    return (isinstance(result, CallToolResult) and bool(result.is_error)) or (
        isinstance(result, dict) and result.get("isError") is True
    )


def measured(app: "ASGIApp", metrics: "ServerMetrics | None") -> "ASGIApp":
    """Return an application that is counted, where somebody asked for metrics."""
    return MeasuredApp(app, metrics) if metrics else app
