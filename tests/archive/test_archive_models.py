"""What goes into the archive comes out as it was."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_samples import in_memory, key, moments, transcript, transcripts, voicemail, voicemails

from vm_mcp.archive.sqlite import message_rows, retrieval_rows
from vm_mcp.archive.sqlite import transcript_rows as kept
from vm_mcp.archive.sqlite.connection import transaction
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Transcript, Voicemail


@settings(max_examples=50)
@given(st.lists(voicemails, max_size=5, unique_by=lambda each: each.uuid), moments)
def test_every_listed_message_comes_back_as_it_was_listed(listed: list[Voicemail], listed_at: datetime) -> None:
    with in_memory() as connection:
        message_rows.note(connection, listed, listed_at)
        assert [message_rows.get(connection, each.uuid) for each in listed] == listed


@settings(max_examples=50)
@given(transcripts)
def test_every_transcript_comes_back_to_the_last_bit_of_every_number(made: Transcript) -> None:
    with in_memory() as connection:
        with transaction(connection):
            kept.save(connection, key(), made, datetime.now().astimezone())
        for found in (kept.get(connection, key()), kept.latest(connection, "u")):
            assert repr(found) == repr(made)  # not-a-number is equal to nothing, but prints


@settings(max_examples=50)
@given(
    moments, st.floats(0, 3600), st.none() | st.floats(-1e6, 1e6), st.sampled_from(["never listed", "unread", "read"])
)
def test_every_opening_comes_back_with_what_was_known_at_the_time(
    opened_at: datetime, seconds: float, offset: float | None, state: str
) -> None:
    unread = {"unread": True, "read": False}.get(state)
    with in_memory() as connection:
        if unread is not None:
            listed = voicemail("u", is_read=not unread)
            message_rows.note(connection, [listed], opened_at - timedelta(seconds=1))
        retrieval_rows.note(connection, "u", opened_at, offset)
        [opening] = retrieval_rows.get(connection, ["u"]).values()
        assert (opening.opened_at, opening.confirmed_at, opening.was_unread) == (opened_at, None, unread)
        assert opening.clock_offset_seconds == offset
        confirmed_at = opened_at + timedelta(seconds=seconds)
        retrieval_rows.confirm(connection, "u", opened_at, confirmed_at, None)
        [confirmed] = retrieval_rows.get(connection, ["u"]).values()
        assert confirmed == opening.model_copy(update={"confirmed_at": confirmed_at})


def test_a_transcript_that_can_not_be_read_says_how_to_get_another() -> None:
    with in_memory() as connection:
        with transaction(connection):
            kept.save(connection, key(), transcript("merhaba"), datetime.now().astimezone())
        for body in (b"", b"x\x9c", b"\x00" * 40):
            connection.execute("UPDATE transcripts SET body = ?", (body,))
            with pytest.raises(ArchiveError, match="refresh"):
                kept.latest(connection, "u")
        newest = kept.newest_id(connection, "u")
        assert kept.get(connection, key(), newest) is None
