"""What an archive stores of retrievals is enough to decide, at any later time, who has heard a message."""

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

    def listen(self, uuid: str) -> None:
        """Listen to a message; the PBX keeps the first timestamp, in whole seconds of its own clock."""
        if not self.messages[uuid].is_read:
            read_at = (self.clock() + timedelta(seconds=self.ahead)).replace(microsecond=0)
            self.messages[uuid] = self.messages[uuid].model_copy(update={"is_read": True, "read_at": read_at})

    async def retrieve(self, uuid: str) -> None:
        opened_at = self.clock()
        await self.archive.record_retrieval(uuid, opened_at, clock_offset_seconds=self.ahead)
        self.clock.move(seconds=1.5)
        self.listen(uuid)
        self.clock.move(seconds=1.5)
        await self.archive.confirm_retrieval(uuid, opened_at, clock_offset_seconds=self.ahead)

    async def list(self) -> dict[str, HeardBy]:
        await self.archive.note_listed(list(self.messages.values()), self.clock())
        retrievals = await self.archive.retrievals(list(self.messages))
        return {uuid: heard_by(message, retrievals.get(uuid)) for uuid, message in self.messages.items()}


@pytest.mark.parametrize("ahead", [0.0, 0.4, 75.0, -600.0, 3 * HOUR])
async def test_over_a_whole_day_the_list_shows_who_heard_what(archive: Archive, clock: Clock, ahead: float) -> None:
    day = Day(archive, clock, ahead)
    assert set((await day.list()).values()) == {"nobody"}
    clock.move(hours=1)
    await day.retrieve("us")
    await day.retrieve("us first")
    clock.move(minutes=1)
    day.listen("person")
    clock.move(minutes=1)
    await day.retrieve("person")  # a person was faster, after the last list
    day.listen("us first")
    expected = {"nobody": "nobody", "us": "assistant", "person": "person", "us first": "assistant"}
    assert await day.list() == expected
    clock.move(hours=8)
    for uuid in expected:
        if uuid != "nobody":
            await day.retrieve(uuid)  # again: the first retrieval counts
    assert await day.list() == expected


async def test_a_message_that_was_read_before_our_retrieval_was_heard_by_a_person(
    archive: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    day.listen("person")
    await day.list()
    await day.retrieve("person")
    assert (await day.list())["person"] == "person"


async def test_a_retrieval_that_marked_nothing_as_read_is_replaced_by_the_next(archive: Archive, clock: Clock) -> None:
    day = Day(archive, clock, 0)
    await archive.record_retrieval("us", clock(), clock_offset_seconds=0)  # and the connection failed
    clock.move(minutes=11)
    assert (await day.list())["us"] == "nobody"
    clock.move(hours=2)
    await day.retrieve("us")
    assert (await day.list())["us"] == "assistant"


async def test_a_refused_retrieval_is_forgotten_unless_another_request_succeeded(
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
    day.listen("us")
    clock.move(seconds=1)
    await other.confirm_retrieval("us", allowed_at, clock_offset_seconds=0)
    assert (await day.list())["us"] == "assistant"
    await archive.withdraw_retrieval("us", allowed_at)  # too late: it is confirmed
    assert (await day.list())["us"] == "assistant"


async def test_a_process_that_dies_before_the_response_leaves_the_message_unheard(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    await archive.record_retrieval("us", clock(), clock_offset_seconds=0)
    clock.move(seconds=40)
    day.listen("us")
    await archive.aclose()
    day.archive = other
    assert (await day.list())["us"] == "assistant"


async def test_who_asked_for_a_recording_first_is_kept(archive: Archive, other: Archive, clock: Clock) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    await archive.record_retrieval("us", clock(), by="Ayşe Kaya")
    await archive.confirm_retrieval("us", clock())
    day.listen("us")
    clock.move(hours=1)
    await other.record_retrieval("us", clock(), by="Mehmet Er")
    await other.confirm_retrieval("us", clock())
    await archive.record_retrieval("nobody", clock())
    found = await archive.retrievals(["us", "nobody"])
    assert {uuid: each.by for uuid, each in found.items()} == {"us": "Ayşe Kaya", "nobody": ""}


async def test_whoever_asks_again_after_a_retrieval_that_marked_nothing_takes_its_place(
    archive: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await archive.record_retrieval("us", clock(), by="Ayşe Kaya")  # and the connection failed
    clock.move(minutes=11)
    await day.list()
    clock.move(minutes=1)
    await archive.record_retrieval("us", clock(), by="Mehmet Er")
    assert (await archive.retrievals(["us"]))["us"].by == "Mehmet Er"
