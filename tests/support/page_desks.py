"""A desk whose inbox is shown on a page."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import ten_questions
from mcp import Client
from ten_questions import NOW

from support.page_browser import ShownPage
from vm_mcp.server import build_server
from vm_mcp.simulator import Message, Simulator, clinic

OpenPage = Callable[..., AbstractAsyncContextManager[ShownPage]]
"""Open the page; takes the options of `support.page_browser.hosted`, and a locale."""


@dataclass(frozen=True)
class Desk:
    """The clinic's simulated PBX, and a client of a server for it. Every message but the latest was transcribed."""

    simulator: Simulator
    client: Client

    def message(self, voice: str) -> Message:
        """Return the message with a recording."""
        return next(message for message in self.simulator.scenario.messages if message.voice == voice)


@asynccontextmanager
async def opened_desk(folder: Path) -> AsyncIterator[Desk]:
    """Open the clinic's desk with its archive in a folder."""
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        async with Client(build_server(ten_questions.inbox_over(simulator, folder))) as client:
            await client.call_tool("list_voicemails", {"limit": 50})
            known = [message.uuid for message in simulator.scenario.messages if message.voice != "tr02_geri_ara"]
            await client.call_tool("transcribe_voicemails", {"uuids": known})
            yield Desk(simulator, client)
