"""The part of `PostgresArchive` that holds recordings between two machines."""

from datetime import datetime

from vm_mcp.archive.postgres import held_recordings
from vm_mcp.archive.postgres.held_recordings import HeldRecording
from vm_mcp.archive.postgres.sessions import AccountSessions


class HeldStore:
    """Recordings that one machine has fetched and another transcribes; `PostgresArchive.save` lets them go."""

    sessions: AccountSessions

    async def hold_recording(self, uuid: str, held: HeldRecording) -> None:
        """Keep a known message's recording, encrypted by the caller, until its transcript is saved."""
        await self.sessions.read(lambda connection: held_recordings.hold(connection, uuid, held))

    async def held_recording(self, uuid: str) -> HeldRecording | None:
        """Return a message's recording, if one is held."""
        return await self.sessions.read(lambda connection: held_recordings.get(connection, uuid))

    async def let_go_of_recording(self, uuid: str) -> None:
        """Delete a message's held recording."""
        await self.sessions.read(lambda connection: held_recordings.let_go(connection, uuid))

    async def let_go_of_recordings(self, before: datetime) -> int:
        """Delete the recordings that have been held since before a moment; return how many."""
        return await self.sessions.read(lambda connection: held_recordings.let_go_before(connection, before))
