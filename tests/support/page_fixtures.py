"""The clinic's inbox on a page, in a real browser."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import ten_questions
from mcp import Client
from support.page_browser import ShownPage, browser_or_skip, hosted
from ten_questions import NOW

from vm_mcp.server import build_server
from vm_mcp.simulator import Message, Simulator, clinic

if TYPE_CHECKING:
    from playwright.async_api import Browser

OpenPage = Callable[..., AbstractAsyncContextManager[ShownPage]]
"""Open the page; takes the options of `support.page_browser.hosted`."""


@dataclass(frozen=True)
class Desk:
    """The clinic's simulated PBX, and a client of a server for it. Every message but the latest was transcribed."""

    simulator: Simulator
    client: Client

    def message(self, voice: str) -> Message:
        """Return the message with a recording."""
        return next(message for message in self.simulator.scenario.messages if message.voice == voice)


@pytest.fixture(scope="session")
async def browser() -> "AsyncIterator[Browser]":
    async with browser_or_skip() as found:
        yield found


@pytest.fixture
async def desk(tmp_path: Path, no_rate_limit: None) -> AsyncIterator[Desk]:  # noqa: ARG001 - a fixture
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        async with Client(build_server(ten_questions.inbox_over(simulator, tmp_path))) as client:
            await client.call_tool("list_voicemails", {"limit": 50})
            known = [message.uuid for message in simulator.scenario.messages if message.voice != "tr02_geri_ara"]
            await client.call_tool("transcribe_voicemails", {"uuids": known})
            yield Desk(simulator, client)


@pytest.fixture
def open_page(browser: "Browser", desk: Desk) -> OpenPage:
    """Open the page over the clinic, in a host that speaks Turkish."""

    def opened(*, locale: str = "tr-TR", **options: object) -> AbstractAsyncContextManager[ShownPage]:
        host = {"locale": locale, "theme": "light"} | dict(options.pop("host", {}))  # type: ignore[call-overload]
        return hosted(browser, desk.client, host=host, **options)  # type: ignore[arg-type]

    return partial(opened)
