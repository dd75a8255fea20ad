"""A server for each person and account: made once, kept for a while, never closed while it answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from support.people import PING, MakeAccount
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.config.accounts import AccountEntry
from vm_mcp.errors import ConfigError
from vm_mcp.inbox import ListRequest
from vm_mcp.people import SCOPES, Access, Person
from vm_mcp.server.people.account_servers import AccountServers
from vm_mcp.server.people.desk_inboxes import DeskInboxes

pytest_plugins = ["support.people_fixtures"]
pytestmark = pytest.mark.anyio
OPEN = TransportSecuritySettings(enable_dns_rebinding_protection=False)


def access_of(number: int) -> Access:
    return Access(Person(f"u-{number}", f"Person {number}"), None, SCOPES)


class Built:
    """Builds servers that note when they start and stop, and whose requests wait for a gate."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.stopped: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.three_started = asyncio.Event()
        self.problem: Exception | None = None

    def __call__(self, _: AccountEntry, access: Access) -> MCPServer[None]:
        subject = access.person.subject if access.person else ""

        @asynccontextmanager
        async def lifespan(_: MCPServer[None]) -> AsyncIterator[None]:
            if self.problem:
                raise self.problem
            self.started.append(subject)
            if len(self.started) == 3:
                self.three_started.set()
            yield
            self.stopped.append(subject)

        async def wait(ctx: Any, call_next: Any) -> Any:  # noqa: ANN401 - the SDK's
            await self.gate.wait()
            return await call_next(ctx)

        return MCPServer(name="x", lifespan=lifespan, middleware=[wait])


@pytest.fixture
async def built() -> Built:
    return Built()


async def request(servers: AccountServers, entry: AccountEntry, number: int) -> int:
    """Send a request in process, and return its status."""
    body, statuses = json.dumps(PING).encode(), []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"content-type", b"application/json"),
            (b"accept", b"application/json, text/event-stream"),
        ],
    }
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:  # noqa: ANN401 - ASGI's
        return next(messages, None) or await asyncio.Event().wait()

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    await servers.serve(entry, access_of(number), scope, receive, send)
    [status] = statuses
    return int(status)


@pytest.fixture
def entry(make_account: MakeAccount) -> AccountEntry:
    return make_account("klinik")


async def test_a_persons_requests_share_a_server(built: Built, entry: AccountEntry) -> None:
    servers = AccountServers(built, OPEN)
    assert await asyncio.gather(*(request(servers, entry, 1) for _ in range(5))) == [200] * 5
    assert built.started == ["u-1"]
    await servers.aclose()
    assert built.stopped == ["u-1"]


async def test_what_a_person_may_do_is_part_of_whose_server_it_is(built: Built, entry: AccountEntry) -> None:
    servers = AccountServers(built, OPEN)
    await request(servers, entry, 1)
    fewer = access_of(1)._replace(scopes=frozenset({"voicemail:read"}))
    async with servers._used((entry.name, fewer), entry):
        assert len(servers) == 2
    await servers.aclose()


async def test_those_used_longest_ago_are_closed(built: Built, entry: AccountEntry) -> None:
    servers = AccountServers(built, OPEN, most=2)
    for number in (1, 2, 1, 3):
        await request(servers, entry, number)
    await asyncio.gather(*servers._closing)
    assert built.stopped == ["u-2"]
    assert len(servers) == 2
    await request(servers, entry, 2)
    assert built.started == ["u-1", "u-2", "u-3", "u-2"], "made again"
    await servers.aclose()
    assert sorted(built.stopped) == ["u-1", "u-2", "u-2", "u-3"]


async def test_one_that_answers_right_now_is_not_closed(built: Built, entry: AccountEntry) -> None:
    servers = AccountServers(built, OPEN, most=1)
    built.gate.clear()
    answering = [asyncio.create_task(request(servers, entry, number)) for number in (1, 2, 3)]
    await built.three_started.wait()
    assert len(servers) == 3
    built.gate.set()
    assert await asyncio.gather(*answering) == [200] * 3
    await asyncio.gather(*servers._closing)
    assert len(servers) == 1
    await servers.aclose()


async def test_one_that_could_not_start_is_tried_again(built: Built, entry: AccountEntry) -> None:
    servers = AccountServers(built, OPEN)
    built.problem = ConfigError("the database is down")
    with pytest.raises(ConfigError):
        await request(servers, entry, 1)
    assert len(servers) == 0
    built.problem = None
    assert await request(servers, entry, 1) == 200
    await servers.aclose()


async def test_the_people_of_an_account_share_its_client_and_its_engine(make_account: MakeAccount) -> None:
    entry = make_account("klinik")
    engines: list[ScriptedTranscriber] = []

    def make(_: object) -> ScriptedTranscriber:
        engines.append(ScriptedTranscriber())
        return engines[-1]

    async with DeskInboxes({"klinik": entry}, make) as inboxes:
        one, two = (inboxes.open(entry, access_of(number)) for number in (1, 2))
        client = await one.account.pbx()
        assert await two.account.pbx() is client
        await one.aclose()
        assert (await two.list_voicemails(ListRequest())).voicemails, "the client is still open"
        await two.aclose()
        three = inboxes.open(entry, access_of(3))
        assert await three.account.pbx() is not client
        await three.aclose()
        assert [engine.closed for engine in engines] == [False]
    assert [engine.closed for engine in engines] == [True]
