"""A team on one simulated PBX and one archive; each test opens an inbox as a person of it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from support.mailbox_archive import TeamBacking
from support.mailbox_people import BOXES, MEHMET, OpenAs, fill
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import Clock
from vm_mcp.config import Settings, load_settings
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.people import EVERYTHING, Access
from vm_mcp.simulator import SCENARIOS, Simulator


@pytest.fixture(scope="module")
def people_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def people_pbx(people_clock: Clock) -> Iterator[Simulator]:
    with Simulator(SCENARIOS["empty"](people_clock()), clock=people_clock) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def people_backing(tmp_path_factory: pytest.TempPathFactory) -> TeamBacking:
    return TeamBacking(tmp_path_factory.mktemp("team"))


@pytest.fixture(scope="module")
def people_settings(people_pbx: Simulator, people_backing: TeamBacking) -> Settings:
    folder = people_backing.path.parent
    return load_settings({"base_url": people_pbx.base_url, "api_key": people_pbx.api_key, "data_dir": folder})


@pytest.fixture(scope="module")
async def open_as(
    people_pbx: Simulator, people_backing: TeamBacking, people_settings: Settings, people_clock: Clock
) -> OpenAs:
    """Open an inbox as somebody. A colleague has had all messages transcribed, and has noted something of each."""
    transcriber = ScriptedTranscriber()

    @asynccontextmanager
    async def opened(access: Access) -> AsyncIterator[Inbox]:
        inbox = Inbox(people_settings, transcriber, clock=people_clock, access=access, backing=people_backing)
        try:
            yield inbox
        finally:
            await inbox.aclose()

    fill(people_pbx, transcriber)
    async with opened(EVERYTHING._replace(person=MEHMET)) as inbox:
        await inbox.list_voicemails(ListRequest())
        await inbox.transcribing.transcribe([box.uuid for box in BOXES.values()])
        for box in BOXES.values():
            await inbox.marking.mark([box.uuid], "told", box.note)
    return opened
