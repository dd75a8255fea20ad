"""A team's server as tests reach it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from vm_mcp.config.accounts import AccountEntry
from vm_mcp.people import Access

HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}

MakeAccount = Callable[..., AccountEntry]


class TeamServer(NamedTuple):
    """A team's server that runs."""

    url: str
    """Without a path."""
    accesses: list[tuple[str, Access]]
    """Whom it made servers for, and of which accounts."""


class ServeTeam(Protocol):
    def __call__(self, *accounts: AccountEntry, **options: Any) -> TeamServer:  # noqa: ANN401 - any of TeamApp's
        ...


def post(url: str, token: str = "", *, body: object = PING, **headers: str) -> httpx2.Response:
    """Post a request of the protocol."""
    shown = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.post(url, json=body, headers=HEADERS | shown | headers)


@asynccontextmanager
async def connected(url: str, token: str, **options: Any) -> AsyncIterator[Client]:  # noqa: ANN401 - any of Client's
    """Connect a client with a token."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), **options) as client,
    ):
        yield client
