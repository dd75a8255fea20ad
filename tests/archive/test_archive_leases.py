"""Servers that share an archive transcribe a message once, and none waits for one that died."""

import asyncio
import threading
from datetime import datetime, timedelta

import pytest
from support.archive_samples import Clock, OpenArchive, keep, key, leased, transcript

from vm_mcp.archive import Archive, Lease
from vm_mcp.archive.protocol import LEASE_EXPIRY, RENEW_SECONDS
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Transcript

pytest_plugins = ["support.archive_fixtures"]
pytestmark = pytest.mark.anyio


async def test_of_two_processes_one_transcribes_a_message_and_the_other_reads_the_result(
    archive: Archive, other: Archive
) -> None:
    lease = await leased(archive)
    assert await other.acquire(key()) is None
    waiting = asyncio.create_task(other.acquire_or_wait(key(), poll_seconds=0.01))
    assert await archive.save(lease, transcript("merhaba"))
    found = await asyncio.wait_for(waiting, 10)
    assert isinstance(found, Transcript)
    assert found.text == "merhaba"


async def test_another_message_model_or_language_is_another_lease(archive: Archive, other: Archive) -> None:
    await leased(archive)
    for wanted in (key("v"), key(model="base"), key(language="en")):
        await leased(other, wanted)


async def test_a_released_lease_can_be_taken_at_once(archive: Archive, other: Archive) -> None:
    lease = await leased(archive)
    await archive.release(lease)
    await leased(other)
    await archive.release(lease)  # no longer its own
    assert await archive.acquire(key()) is None


async def test_a_caller_cancelled_while_taking_a_lease_leaves_none(open_archive: OpenArchive, other: Archive) -> None:
    taking, gate, clock = threading.Event(), threading.Event(), Clock()

    def slow_clock() -> datetime:
        taking.set()
        gate.wait(10)
        return clock()

    archive = open_archive(slow_clock)
    impatient = asyncio.create_task(archive.acquire_or_wait(key()))
    assert await asyncio.to_thread(taking.wait, 10)
    impatient.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    await leased(other)
    await archive.aclose()


async def test_a_dead_owners_lease_expires_and_a_renewed_one_does_not(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    lease = await leased(archive)
    for _ in range(5):
        clock.move(seconds=RENEW_SECONDS)
        assert await archive.renew(lease)
        assert await other.acquire(key()) is None
    clock.move(seconds=LEASE_EXPIRY.total_seconds() - 0.001)
    assert await other.acquire(key()) is None
    clock.move(seconds=0.002)
    taken = await leased(other)
    assert not await archive.renew(lease)
    assert await other.renew(taken)


async def test_a_process_that_read_its_clock_before_a_lease_was_taken_does_not_think_it_expired(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    clock.move(seconds=5)
    await leased(archive)
    clock.move(seconds=-5)  # as a process sees it that had to wait for the file
    assert await other.acquire(key()) is None


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(hours=-1), timedelta(days=-400)], ids=str)
async def test_a_clock_that_jumps_makes_nobody_wait_longer_than_a_lease_lasts(
    archive: Archive, other: Archive, clock: Clock, jump: timedelta
) -> None:
    await leased(archive)
    clock.now += jump
    clock.now += LEASE_EXPIRY
    await leased(other)


async def test_a_process_that_lost_its_lease_can_still_save_first(
    archive: Archive, other: Archive, clock: Clock
) -> None:
    slow = await leased(archive)
    clock.move(minutes=1)
    fast = await leased(other)
    assert await archive.save(slow, transcript("first"))
    found = await other.acquire(key())
    assert isinstance(found, Transcript)
    assert await other.save(fast, transcript("second"))
    assert not await archive.save(slow, transcript("third"))
    latest = await archive.latest("u")
    assert latest
    assert latest.text == "second"


async def test_a_purged_message_does_not_return_with_a_transcript_in_progress(archive: Archive, other: Archive) -> None:
    lease = await leased(archive)
    await other.purge(everything=True)
    assert not await archive.renew(lease)
    assert not await archive.save(lease, transcript("merhaba"))
    assert await other.latest("u") is None
    assert await other.recent(5) == []


async def test_a_refresh_makes_one_transcript_for_all_who_wait_for_it(archive: Archive, other: Archive) -> None:
    await keep(archive, "u", "old")
    assert isinstance(await archive.acquire(key()), Transcript)
    lease = await leased(archive, refresh=True)
    before = await other.newest_id("u")
    assert await other.acquire(key(), before) is None
    await archive.save(lease, transcript("new"))
    found = await other.acquire(key(), before)
    assert isinstance(found, Transcript)
    assert found.text == "new"


async def test_a_block_that_holds_a_lease_renews_it_and_releases_it_also_after_an_error(
    archive: Archive, other: Archive, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewals: asyncio.Queue[datetime] = asyncio.Queue()
    renew = archive.renew

    async def counted(lease: Lease) -> bool:
        at = clock()
        done = await renew(lease)
        renewals.put_nowait(at)
        return done

    async def fail_after_a_minute(lease: Lease) -> None:
        async with archive.holding(lease, renew_seconds=0):
            for _ in range(3):
                clock.move(seconds=20)
                while await renewals.get() < clock():
                    pass
                assert await other.acquire(key()) is None
            raise ZeroDivisionError

    monkeypatch.setattr(archive, "renew", counted)
    with pytest.raises(ZeroDivisionError):
        await fail_after_a_minute(await leased(archive))
    await leased(other)


async def test_a_failed_renewal_does_not_end_the_block(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = 0
    failed_twice = asyncio.Event()

    async def failing(_: Lease) -> bool:
        nonlocal failures
        failures += 1
        if failures > 1:
            failed_twice.set()
        raise ArchiveError("Locked. Try again.")

    lease = await leased(archive)
    monkeypatch.setattr(archive, "renew", failing)
    async with archive.holding(lease, renew_seconds=0):
        await asyncio.wait_for(failed_twice.wait(), 10)
    await leased(archive)


async def test_a_transcript_of_a_detected_language_answers_for_that_language(archive: Archive) -> None:
    await archive.save(await leased(archive), transcript("hello", language="en"))
    assert isinstance(await archive.acquire(key(language="en")), Transcript)
    assert isinstance(await archive.acquire(key(language="tr")), Lease)
    await archive.save(await leased(archive, key("v", language="en")), transcript("hello", language="en"))
    assert isinstance(await archive.acquire(key("v")), Lease)  # requested, not detected
