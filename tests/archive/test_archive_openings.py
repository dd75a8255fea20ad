"""Who has heard a message: what follows from the PBX's stamps and from what this assistant opened, and when."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archive_samples import NOW, Clock, moments, voicemail

from vm_mcp.archive import Archive
from vm_mcp.heard import PENDING_FOR, SLACK, UNMEASURED_SLACK, heard_by
from vm_mcp.models import HeardBy, Opening, Voicemail

pytest_plugins = ["support.archive_fixtures"]


def opening(
    opened_at: datetime = NOW, took: float | None = 2, *, unread: bool | None = True, ahead: float | None = 0
) -> Opening:
    confirmed_at = None if took is None else opened_at + timedelta(seconds=took)
    return Opening(
        uuid="u", opened_at=opened_at, confirmed_at=confirmed_at, was_unread=unread, clock_offset_seconds=ahead
    )


def read(after: float | None) -> Voicemail:
    """Give a message that was marked so many seconds after the opening, on the PBX's clock; None: nobody knows when."""
    return voicemail("u", is_read=True, read_at=None if after is None else NOW + timedelta(seconds=after))


HOUR = 3600.0
PENDING = PENDING_FOR.total_seconds()


@pytest.mark.parametrize(
    ("message", "ours", "expected"),
    [
        (voicemail("u"), None, "nobody"),
        (voicemail("u"), opening(), "nobody"),
        (read(0), None, "person"),
        (read(None), None, "person"),
        (read(0), opening(unread=False), "person"),
        (read(None), opening(), "assistant"),
        (read(None), opening(unread=None), "assistant"),
        (read(0), opening(), "assistant"),
        (read(-4), opening(), "assistant"),
        (read(-6), opening(), "person"),
        (read(6), opening(), "assistant"),
        (read(8), opening(), "person"),
        (read(-HOUR), opening(unread=None), "person"),
        (read(1), opening(unread=None), "assistant"),
        # Nobody lived to note the PBX's answer.
        (read(PENDING), opening(took=None), "assistant"),
        (read(PENDING + 6), opening(took=None), "person"),
        # The PBX's clock, an hour ahead or behind.
        (read(HOUR), opening(ahead=HOUR), "assistant"),
        (read(0), opening(ahead=HOUR), "person"),
        (read(-HOUR), opening(ahead=-HOUR), "assistant"),
        (read(0), opening(ahead=-HOUR), "person"),
        # Nobody compared the clocks.
        (read(-100), opening(ahead=None), "assistant"),
        (read(-130), opening(ahead=None), "person"),
    ],
)
def test_who_heard_it_follows_from_the_stamp_and_the_opening(
    message: Voicemail, ours: Opening | None, expected: HeardBy
) -> None:
    assert heard_by(message, ours) == expected


@given(
    opened_at=moments.filter(lambda at: 1971 < at.year < 9998),
    took=st.floats(0, 600),
    share=st.floats(0, 1),
    ahead=st.none() | st.integers(-90_000, 90_000),
)
def test_our_own_mark_is_never_taken_for_a_persons(
    opened_at: datetime, took: float, share: float, ahead: int | None
) -> None:
    marked_at = opened_at + timedelta(seconds=took * share + (ahead or 0))
    stamped = voicemail("u", is_read=True, read_at=marked_at.replace(microsecond=0))
    assert heard_by(stamped, opening(opened_at, took, ahead=ahead)) == "assistant"


@given(st.floats(1, 1e6), st.none() | st.integers(-90_000, 90_000))
def test_a_person_who_listened_well_before_or_after_is_never_taken_for_us(away: float, ahead: int | None) -> None:
    slack = (UNMEASURED_SLACK if ahead is None else SLACK).total_seconds()
    skew = ahead or 0
    for after in (-away - slack + skew, 2 + away + slack + skew):
        assert heard_by(read(after), opening(ahead=ahead)) == "person"


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
        await self.archive.note_opened(uuid, opened_at, clock_offset_seconds=self.ahead)
        self.clock.move(seconds=1.5)
        self.mark(uuid)
        self.clock.move(seconds=1.5)
        await self.archive.confirm_opened(uuid, opened_at, clock_offset_seconds=self.ahead)

    async def list(self) -> dict[str, HeardBy]:
        await self.archive.note_listed(list(self.messages.values()), self.clock())
        openings = await self.archive.openings(list(self.messages))
        return {uuid: heard_by(message, openings.get(uuid)) for uuid, message in self.messages.items()}


@pytest.mark.anyio
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


@pytest.mark.anyio
async def test_an_opening_after_the_pbx_showed_it_read_is_not_ours_to_claim(archive: Archive, clock: Clock) -> None:
    day = Day(archive, clock, 0)
    day.mark("person")
    await day.list()
    await day.open("person")
    assert (await day.list())["person"] == "person"


@pytest.mark.anyio
async def test_an_opening_that_left_no_mark_does_not_stand_in_the_way_of_the_next(
    archive: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await archive.note_opened("us", clock(), clock_offset_seconds=0)  # and the line was dead
    clock.move(minutes=11)
    assert (await day.list())["us"] == "nobody"
    clock.move(hours=2)
    await day.open("us")
    assert (await day.list())["us"] == "assistant"


@pytest.mark.anyio
async def test_what_was_refused_is_forgotten_unless_another_request_went_through(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    refused_at = clock()
    await archive.note_opened("us", refused_at, clock_offset_seconds=0)
    allowed_at = clock.move(seconds=1)
    await other.note_opened("us", allowed_at, clock_offset_seconds=0)
    await archive.withdraw_opened("us", refused_at)
    assert await other.openings(["us"]) == {}
    day.mark("us")
    clock.move(seconds=1)
    await other.confirm_opened("us", allowed_at, clock_offset_seconds=0)
    assert (await day.list())["us"] == "assistant"
    await archive.withdraw_opened("us", allowed_at)  # too late: it was confirmed
    assert (await day.list())["us"] == "assistant"


@pytest.mark.anyio
async def test_who_dies_between_the_note_and_the_answer_leaves_the_message_unheard(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    day = Day(archive, clock, 0)
    await day.list()
    await archive.note_opened("us", clock(), clock_offset_seconds=0)
    clock.move(seconds=40)
    day.mark("us")
    await archive.aclose()
    day.archive = other
    assert (await day.list())["us"] == "assistant"
