"""Tell hosts that listen which messages have changed: ``subscriptions/listen``, and ``resources/subscribe`` before it.

What is told is only that something changed; a host reads the resource again if it cares. What colleagues or another
server on this computer change is not known here, so a host that must be sure asks again from time to time.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import ResourcesListChanged, ResourceUpdated, ServerEvent
from mcp_types import EmptyResult, SubscribeRequestParams, UnsubscribeRequestParams

from vm_mcp.server.resources import message_uri, transcript_uri

if TYPE_CHECKING:
    from mcp.server.connection import Connection

    from vm_mcp.inbox.account import Changed
    from vm_mcp.server.resources import VoicemailResources

Listener = Callable[[ServerEvent], None]


class ChangeBus:
    """The SDK's `SubscriptionBus` for one process; where nobody listens, a change costs nothing."""

    def __init__(self) -> None:
        self._listeners: dict[object, Listener] = {}

    async def publish(self, event: ServerEvent) -> None:
        """Deliver an event to everybody who listens."""
        self._deliver(event)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener, which must neither wait nor raise; return what removes it."""
        token = object()
        self._listeners[token] = listener
        return lambda: self._listeners.pop(token, None) and None

    def announce(self, uuid: str, changed: "Changed") -> None:
        """Tell that a message has changed, and with it the transcript's resource, which shows its state."""
        if not self._listeners:
            return
        events: list[ServerEvent] = [ResourceUpdated(message_uri(uuid)), ResourceUpdated(transcript_uri(uuid))]
        if changed == "transcript":  # transcripts are listed as well
            events.append(ResourcesListChanged())
        for event in events:
            self._deliver(event)

    def _deliver(self, event: ServerEvent) -> None:
        for listener in list(self._listeners.values()):
            listener(event)


class ResourceSubscriptions:
    """Serves ``resources/subscribe`` and ``resources/unsubscribe``, which the protocol had until 2026-07-28."""

    def __init__(self, bus: ChangeBus, resources: "VoicemailResources") -> None:
        self._bus = bus
        self._resources = resources
        self._sending: set[asyncio.Task[None]] = set()

    async def subscribe(self, ctx: ServerRequestContext[Any, Any], params: SubscribeRequestParams) -> EmptyResult:
        """Tell the connection whenever a resource changes.

        Raises:
            InputError: There is no such resource.
        """
        self._resources.check(params.uri)
        ends = _ends_of(ctx)
        if params.uri not in ends:
            ends[params.uri] = self._bus.subscribe(self._teller(ctx, params.uri))
        return EmptyResult()

    async def unsubscribe(self, ctx: ServerRequestContext[Any, Any], params: UnsubscribeRequestParams) -> EmptyResult:
        """Tell the connection no longer."""
        if end := _ends_of(ctx).pop(params.uri, None):
            end()
        return EmptyResult()

    def _teller(self, ctx: ServerRequestContext[Any, Any], uri: str) -> Listener:
        async def send() -> None:
            with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):  # the host hung up meanwhile
                await ctx.session.send_resource_updated(uri)

        def tell(event: ServerEvent) -> None:
            if event == ResourceUpdated(uri):
                sending = asyncio.create_task(send())
                self._sending.add(sending)
                sending.add_done_callback(self._sending.discard)

        return tell


def _ends_of(ctx: ServerRequestContext[Any, Any]) -> dict[str, Callable[[], None]]:
    """Return what ends the subscriptions of a request's connection, by URI; called when the connection ends."""
    connection: Connection = ctx.session._connection  # noqa: SLF001 - the SDK shows a handler no other part of it
    ends: dict[str, Callable[[], None]] | None = connection.state.get(__name__)
    if ends is None:
        ends = connection.state[__name__] = {}
        connection.exit_stack.callback(_end_all, ends)
    return ends


def _end_all(ends: dict[str, Callable[[], None]]) -> None:
    for end in ends.values():
        end()
