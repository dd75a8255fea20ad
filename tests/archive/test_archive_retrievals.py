"""What an archive remembers of retrievals is enough to say, at any later time, who has heard a message."""

from datetime import timedelta

import pytest
from support.archive_samples import NOW, Clock, voicemail

from vm_mcp.archive import Archive
from vm_mcp.heard import heard_by
from vm_mcp.models import HeardBy

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio

HOUR = 3600.0


class Day:
    """A PBX whose clock is ahead, a person, and this assistant, on one day."""

    def __init__(self, archive: Archive, clock: Clock, ahead: float) -> None:
        self.archive = archive
        self.clock = clock
        self.ahead = ahead
        self.messages = {uuid: voicemail(uuid, received_at=NOW) for uuid in ("nobody", "us", "person", "us first")}

    def mark(self, uuid: str) -> None:
        """Somebody listens; the PBX keeps the first stamp, in whole seconds of its own clock."""
        if not self.messages[uuid].is_read:
            stamp = (self.clock() + timedelta(seconds=self.ahead)).replace(microsecond=0)
            self.messages[uuid] = self.messages[uuid].model_copy(update={"is_read": True, "read_at": stamp})

    async def open(self, uuid: str) -> None:
        opened_at = self.clock()
        await self.archive.record_retrieval(uuid, opened_at, clock_offset_seconds=self.ahead)
        self.clock.move(seconds=1.5)
        self.mark(uuid)
        self.clock.move(seconds=1.5)
        await self.archive.confirm_retrieval(uuid, opened_at, clock_offset_seconds=self.ahead)

    async def list(self) -> dict[str, HeardBy]:
        await self.archive.note_listed(list(self.messages.values()), self.clock())
        retrievals = await self.archive.retrievals(list(self.messages))
        return {uuid: heard_by(message, retrievals.get(uuid)) for uuid, message in self.messages.items()}


@pytest.mark.parametrize("ahead", [0.0, 0.4, 75.0, -600.0, 3 * HOUR])
async def test_through_a_whole_day_the_list_tells_who_heard_what(archive: Archive, clock: Clock, ahead: float) -> None:
    day = Day(archive, clock, ahead)
    assert set((await day.list()).values()) == {"nobody"}
    clock.move(hours=1)
    await day.open("us")
    await day.open("us first")
    clock.move(minutes=1)
    day.mark("person")
    clock.move(minutes=1)
    await day.open("person")  # since the last list a person was faster
    day.mark("us first")
    expected = {"nobody": "nobody", "us": "assistant", "person": "person", "us first": "assistant"}
    assert await day.list() == expected
    clock.move(hours=8)
    for uuid in expected:
        if uuid != "nobody":
            await day.open(uuid)  # again: the first opening counts
    assert await day.list() == expected


async def test_an_opening_after_the_pbx_showed_it_read_is_not_ours_to_claim(archive: Archive, clock: Clock) -> None:
    day = Day(archive, clock, 0)
    day.mark("person")
    await day.list()
    await day.open("person")
    assert (await day.list())["person"] == "person"


async def test_an_opening_that_left_no_mark_does_not_stand_in_the_way_of_the_next(
    archive: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await archive.record_retrieval("us", clock(), clock_offset_seconds=0)  # and the line was dead
    clock.move(minutes=11)
    assert (await day.list())["us"] == "nobody"
    clock.move(hours=2)
    await day.open("us")
    assert (await day.list())["us"] == "assistant"


async def test_what_was_refused_is_forgotten_unless_another_request_went_through(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    refused_at = clock()
    await archive.record_retrieval("us", refused_at, clock_offset_seconds=0)
    allowed_at = clock.move(seconds=1)
    await other.record_retrieval("us", allowed_at, clock_offset_seconds=0)
    await archive.withdraw_retrieval("us", refused_at)
    assert await other.retrievals(["us"]) == {}
    day.mark("us")
    clock.move(seconds=1)
    await other.confirm_retrieval("us", allowed_at, clock_offset_seconds=0)
    assert (await day.list())["us"] == "assistant"
    await archive.withdraw_retrieval("us", allowed_at)  # too late: it was confirmed
    assert (await day.list())["us"] == "assistant"


async def test_who_dies_between_the_note_and_the_answer_leaves_the_message_unheard(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    await archive.record_retrieval("us", clock(), clock_offset_seconds=0)
    clock.move(seconds=40)
    day.mark("us")
    await archive.aclose()
    day.archive = other
    assert (await day.list())["us"] == "assistant"
