"""An inbox over a business of which a test decides every message, call and contact."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
import stamina
from conftest import MakeSettings, MakeSimulator

from support.handled import OpenInbox
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import Clock
from vm_mcp.inbox import Inbox
from vm_mcp.simulator import Simulator


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pbx(make_simulator: MakeSimulator, clock: Clock) -> Simulator:
    """A business without messages, calls and contacts."""
    return make_simulator("empty", clock=clock)


@pytest.fixture
def open_inbox(pbx: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber, clock: Clock) -> OpenInbox:
    @asynccontextmanager
    async def opened(own_clock: Callable[[], datetime] = clock) -> AsyncIterator[Inbox]:
        inbox = Inbox(settings_for(pbx), transcriber, clock=own_clock)
        try:
            with stamina.set_testing(True, attempts=1):
                yield inbox
        finally:
            await inbox.aclose()

    return opened


@pytest.fixture
async def inbox(open_inbox: OpenInbox) -> AsyncIterator[Inbox]:
    async with open_inbox() as opened:
        yield opened
