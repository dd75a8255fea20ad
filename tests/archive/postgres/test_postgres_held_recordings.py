"""A recording is held for a known message, and gone with its transcript or its message."""

from datetime import timedelta

import pytest
from support.archive_samples import NOW, Clock, fresh, key, leased, transcript, voicemail
from support.full_account import HELD, held, hold

from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.errors import ArchiveError

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def archive(database: PostgresDatabase) -> PostgresArchive:
    made = PostgresArchive(database, fresh(), clock=Clock())
    await made.note_listed([voicemail("u"), voicemail("v")])
    for uuid in ("u", "v"):
        await hold(made, uuid)
    return made


async def test_a_recording_is_read_back_until_the_transcript_is_saved(archive: PostgresArchive) -> None:
    assert await held(archive, "u") == HELD
    assert await archive.save(await leased(archive, key("u")), transcript("merhaba"))
    assert await held(archive, "u") is None
    assert await held(archive, "v") == HELD


async def test_a_transcript_that_is_not_accepted_leaves_the_recording(archive: PostgresArchive) -> None:
    lease = await leased(archive, key("u"))
    await archive.release(lease)
    assert not await archive.save(lease, transcript("merhaba"))
    assert await held(archive, "u") == HELD


async def test_a_recording_that_is_fetched_again_replaces_the_one_before(archive: PostgresArchive) -> None:
    again = HELD._replace(data=b"again", sha256="cd" * 32)
    await hold(archive, "u", again)
    assert await held(archive, "u") == again


async def test_a_purged_message_takes_its_recording_along_and_an_unknown_one_can_have_none(
    archive: PostgresArchive,
) -> None:
    await archive.purge(before=NOW + timedelta(days=1))
    assert await held(archive, "u") is None
    with pytest.raises(ArchiveError):
        await hold(archive, "u")
