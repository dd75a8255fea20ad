"""Serve over stdin and stdout, also to hosts that start more than one conversation on the same pipe.

The SDK binds a connection to the protocol version family of its first request. Some hosts send ``server/discover`` and
then shake hands all the same, or shake hands twice, and take the refusal for a broken server. So each handshake starts
a conversation of its own here; requests from before it are still answered.
"""

from contextlib import AsyncExitStack
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_dual_era_loop
from mcp.server.stdio import stdio_server
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCRequest
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

Incoming = SessionMessage | Exception


async def serve_stdio(server: Server[Any]) -> None:
    """Serve until stdin ends."""
    server.middleware.append(_answer_pings)
    async with (
        stdio_server() as (incoming, outgoing),
        server.lifespan(server) as state,
        outgoing,
        anyio.create_task_group() as conversations,
        AsyncExitStack() as ends,
    ):

        async def converse(messages: Any) -> None:  # noqa: ANN401 - the SDK does not export the stream's type
            options = server.create_initialization_options()
            await serve_dual_era_loop(server, messages, outgoing.clone(), lifespan_state=state, init_options=options)

        conversation = None
        async for message in incoming:
            if conversation is None or _is_handshake(message):
                conversation, messages = anyio.create_memory_object_stream[Incoming]()
                ends.push_async_callback(conversation.aclose)
                conversations.start_soon(converse, messages)
            await conversation.send(message)


async def _answer_pings(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Answer a ping of the protocol that has none any more: a host that sends one takes a refusal for a dead server.

    Over HTTP it stays refused, as that protocol demands there.
    """
    if ctx.method == "ping" and ctx.protocol_version in MODERN_PROTOCOL_VERSIONS:
        return {"resultType": "complete"}
    return await call_next(ctx)


def _is_handshake(message: Incoming) -> bool:
    request = message.message if isinstance(message, SessionMessage) else None
    return isinstance(request, JSONRPCRequest) and request.method == "initialize"
