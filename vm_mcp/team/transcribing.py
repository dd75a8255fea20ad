"""Transcribe a message's recording on a worker with the engine, and keep what was said."""

from typing import TYPE_CHECKING

from vm_mcp.inbox.reading_recordings import options_of, read, redacted
from vm_mcp.models import Transcript, TranscriptKey
from vm_mcp.team.fetching import BUSY_SECONDS, retrieve
from vm_mcp.team.job_failures import Later
from vm_mcp.team.work_queue import ASKED_PRIORITY, Work, add

if TYPE_CHECKING:
    from collections.abc import Callable

    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox import Inbox
    from vm_mcp.models import Recording
    from vm_mcp.team.engine_name import EngineName
    from vm_mcp.team.held_recordings import HeldRecordings


class MessageTranscriber:
    """Transcribes messages of all accounts.

    Args:
        database: The team's.
        held: Where recordings are held; None: they are retrieved here.
        engine: What transcripts are kept under.
        on_asked_again: Called if a recording is retrieved that was asked for before.
    """

    def __init__(
        self,
        database: "PostgresDatabase",
        held: "HeldRecordings | None",
        engine: "EngineName",
        on_asked_again: "Callable[[], None]",
    ) -> None:
        self._database = database
        self._held = held
        self._engine = engine
        self._on_asked_again = on_asked_again

    async def transcribe(
        self, transcriber: "Transcriber", inbox: "Inbox", work: Work, priority: int, *, may_open: bool = True
    ) -> bool:
        """Transcribe a message, unless it has a transcript already.

        The transcript is saved in the transaction that ends the lease on it and deletes the recording.

        Args:
            transcriber: The engine.
            inbox: The account's.
            work: The message.
            priority: Of a job that is added if the recording has to be retrieved.
            may_open: Whether a message may be opened; else one whose recording is not held is left as it is.

        Returns:
            Whether the engine read the recording.

        Raises:
            Later: Another worker is transcribing it.
            VmError: Whatever the PBX, the archive or the engine raises.
        """
        archive = await inbox.account.archive()
        key = TranscriptKey(work.uuid, *self._engine, work.language)
        acquired = await archive.acquire(key, work.newer_than)
        if isinstance(acquired, Transcript):
            return False
        if acquired is None:
            raise Later(BUSY_SECONDS)
        async with archive.holding(acquired):
            await transcriber.prepare()
            recording = await self._recording(inbox, work, priority, may_open=may_open)
            if recording is None:
                return False
            listed, people = await archive.voicemail(work.uuid), await inbox.neighbours.people()
            contacts = people.contacts_of(listed.caller_id_number) if listed else ()
            transcript = await read(transcriber, recording, options_of(key, listed, contacts))
            if await archive.save(acquired, await redacted(transcript, inbox.settings)):
                return True
        # Purged, or saved by another worker; or PostgreSQL lost the lease, as after a change to a standby.
        if await archive.voicemail(work.uuid) and not await archive.transcript(key):
            raise Later(BUSY_SECONDS)
        return True

    async def _recording(self, inbox: "Inbox", work: Work, priority: int, *, may_open: bool) -> "Recording | None":
        """Return the recording; None if none is held: where the message may be opened, a job was added for that."""
        if self._held is None:
            return await retrieve(inbox, work, self._on_asked_again) if may_open else None
        recording = await self._held.get(work.account, work.uuid)
        if recording is None and may_open:
            async with self._database.operation() as connection:
                await add(connection, "fetch", [work], max(priority, ASKED_PRIORITY))
        return recording
