"""An account of which everything is known that an archive can store, and every question that can be asked of it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from support.archive_samples import NOW, key, leased, transcript, voicemail
from vm_mcp.archive import Archive, Lease, NeighbourReading
from vm_mcp.archive.postgres import PostgresArchive, held_recordings
from vm_mcp.archive.postgres.held_recordings import HeldRecording
from vm_mcp.call_records import CallRecord
from vm_mcp.contacts import Contact, Extension
from vm_mcp.handling import Mark

SINCE = NOW - timedelta(days=9)
HELD = HeldRecording(b"\0encrypted", "audio/mpeg", "ab" * 32, NOW)
READING = NeighbourReading(next_at=NOW + timedelta(minutes=5), read_at=NOW, since=SINCE, until=NOW)
UUIDS = ["first-000001", "second-000002"]
"""The first is in mailbox 101, the second in 102."""


async def hold(archive: PostgresArchive, uuid: str, recording: HeldRecording = HELD) -> None:
    await archive.sessions.read(lambda connection: held_recordings.hold(connection, uuid, recording))


async def held(archive: PostgresArchive, uuid: str) -> HeldRecording | None:
    return await archive.sessions.read(lambda connection: held_recordings.get(connection, uuid))


async def let_go(archive: PostgresArchive, uuid: str) -> None:
    await archive.sessions.read(lambda connection: held_recordings.let_go(connection, uuid))


async def fill(archive: PostgresArchive) -> Lease:
    """Store something of everything, and return a lease that is held."""
    first, second = UUIDS
    await archive.note_listed([voicemail(first, "Ayşe Yılmaz", "05321112233", extension="101")])
    await archive.note_listed([voicemail(second, "Emre Şahin", "05305128844", extension="102")])
    for uuid, said in ((first, "Ben babukat, randevu istiyorum."), (second, "Ben redervasyonu iptal edeceğim.")):
        assert await archive.save(await leased(archive, key(uuid)), transcript(said))
        await archive.mark([uuid], Mark(state="told", at=NOW, note="gizli"))
        await archive.record_retrieval(uuid, NOW)
        await archive.confirm_retrieval(uuid, NOW)
        await hold(archive, uuid)
    lease = await leased(archive, key(second, model="other"))
    await archive.save_calls([CallRecord(call_uuid=first, started_at=NOW)], READING)
    await archive.save_contacts([Contact(name="Ayşe Yılmaz", numbers=("0532 111 22 33",))], READING)
    await archive.save_extensions([Extension(number="101", name="Elif")], READING)
    return lease


async def _exported(archive: Archive) -> list[str]:
    return [message.uuid async for message, _ in archive.each()]


async def _searched(archive: Archive, asked: str) -> object:
    found = await archive.search(asked)
    return [hit.voicemail.uuid for hit in found.hits], found.total_count, found.searched_count + found.missing_count


Question = Callable[[PostgresArchive], Awaitable[object]]

QUESTIONS: dict[str, Question] = {
    "voicemail": lambda archive: archive.voicemail(UUIDS[1]),
    "recent": lambda archive: archive.recent(9),
    "callers_like": lambda archive: archive.callers_like("emre"),
    "known": lambda archive: archive.known(UUIDS),
    "transcript": lambda archive: archive.transcript(key(UUIDS[1])),
    "latest": lambda archive: archive.latest(UUIDS[1]),
    "newest_id": lambda archive: archive.newest_id(UUIDS[1]),
    "retrievals": lambda archive: archive.retrievals(UUIDS),
    "search": lambda archive: _searched(archive, "iptal"),
    "search for a number": lambda archive: _searched(archive, "0530 512 88 44"),
    "search for a misheard word": lambda archive: _searched(archive, "rezervasyon"),
    "each": _exported,
    "held_recording": lambda archive: held(archive, UUIDS[1]),
    "message_uuids": lambda archive: archive.message_uuids(SINCE),
    "uuids_ending": lambda archive: archive.uuids_ending("0002", 9),
    "endings": lambda archive: archive.endings(["another-000002"]),
    "marks": lambda archive: archive.marks(UUIDS),
    # of the whole account
    "neighbours": lambda archive: archive.neighbours(),
    "calls": lambda archive: archive.calls(SINCE),
    "people": lambda archive: archive.people(),
    "people_version": lambda archive: archive.people_version(),
}
"""By what is asked, how, such that somebody who sees nothing gets the answer of an empty archive."""
OF_THE_ACCOUNT = ("neighbours", "calls", "people", "people_version")
"""What a reader of some mailboxes may see as well."""
