"""The work of a team: from a new message to its transcript, once, and what is never done."""

import pytest
from support.team_work import Team

pytest_plugins = ["support.postgres_fixtures", "support.team_fixtures"]
pytestmark = pytest.mark.anyio


async def test_a_new_message_is_listed_retrieved_and_transcribed_and_its_recording_is_gone(team: Team) -> None:
    team.due()
    async with team.worker():
        await team.until_transcribed()
    assert team.transcribed() == team.uuids
    assert team.recordings_asked_for == team.uuids
    assert team.rows("SELECT uuid FROM held_recordings") == []
    assert team.jobs() == []
