"""What any archive does, for coroutines; `vm_mcp.archive.sqlite` is the one for a single computer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from vm_mcp.archive.records import ALL_MESSAGES, Exported, KnownTranscript, Lease, MessageRange, Purged
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail

LEASE_EXPIRY = timedelta(seconds=30)
"""How long a lease lasts unless it is renewed."""
RENEW_SECONDS = 10.0
"""How often a holder renews its lease: two renewals may fail before another process takes over."""
POLL_SECONDS = 0.5
"""How often a waiter looks whether another server has finished its transcript."""


class Archive(Protocol):
    """One account's messages, transcripts and openings, which several processes may share.

    Every method raises ArchiveError when the archive can't be read or written.
    """

    @property
    def notice(self) -> str:
        """What a person must know, such as a damaged archive that was set aside; else empty."""
        ...

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Keep what the PBX says of messages.

        Args:
            voicemails: As it listed them.
            listed_at: When it was asked, on this computer's clock: before the request, not after the answer.
        """
        ...

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Look a message up as it was last listed; None when it never was."""
        ...

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Return the latest messages, newest first, of those whose uuid begins with ``prefix``."""
        ...

    async def callers_like(self, wanted: str) -> list[str]:
        """Name the callers known who might be meant by part of a name or number, or by one with a slip in it."""
        ...

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        """Return what a list shows of the latest transcript, of each message that has one."""
        ...

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Read a transcript; one whose language was detected also answers for that language."""
        ...

    async def latest(self, uuid: str) -> Transcript | None:
        """Read the transcript of a message that was made last, whatever made it."""
        ...

    async def newest_id(self, uuid: str) -> int:
        """Return the number of a message's latest transcript, which grows from one to the next; 0 without one."""
        ...

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        """Return the transcript if there is one, else the claim to it; None while another server works on it.

        Args:
            key: The transcript that is wanted.
            newer_than: Number of a transcript that will not do, nor any before it.
        """
        ...

    async def renew(self, lease: Lease) -> bool:
        """Hold a claim for longer; False when it is another's by now, or was purged."""
        ...

    async def release(self, lease: Lease) -> None:
        """Let others have it, at once; nothing when it was saved, or is another's by now."""
        ...

    async def save(self, lease: Lease, transcript: Transcript) -> bool:
        """Keep a transcript and release its claim, both or neither.

        Returns:
            False when nobody claims it any more: another server saved it meanwhile, or its message was purged.
        """
        ...

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX is about to be asked for a recording, before it is asked: a crash can't lose that.

        The first opening is kept. Whether the message was unread is what the last list said.

        Args:
            uuid: The message.
            opened_at: Now, on this computer's clock.
            clock_offset_seconds: How far the PBX's clock is ahead, as its ``Date`` headers tell; None: not measured.
        """
        ...

    async def confirm_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX gave the recording, so that it is marked by now; arguments as for `record_retrieval`."""
        ...

    async def withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        """Forget the opening noted with that time, since the PBX refused it.

        Not after a timeout: then it may have been done, and an opening that nobody confirmed says just that.
        """
        ...

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        """Read the openings of those messages that this assistant opened; see `vm_mcp.heard.heard_by`."""
        ...

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        """Find transcribed messages by what was said and who called; see `vm_mcp.archive.query` for the query.

        Args:
            query: Words, ``"words in quotes"``, numbers; all must be found.
            where: Among which messages.
            limit: Hits at most.

        Raises:
            InputError: The query holds no word, or too many.
        """
        ...

    def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        """Go through messages, oldest first, each with its latest transcript, why that can't be read, or None.

        They are read in chunks, so that nothing waits for an export.
        """
        ...

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages and their transcripts for good.

        Args:
            before: Those left before; with ``caller``, those that are both.
            caller: Those of a caller: a number in any spelling, or a whole name.
            everything: All, with what was opened and when: a message that only this assistant opened then looks as if
                a person had heard it.
        """
        ...

    async def aclose(self) -> None:
        """Let go of every file, connection and thread, once what was begun is done."""
        ...

    async def acquire_or_wait(
        self, key: TranscriptKey, *, refresh: bool = False, poll_seconds: float = POLL_SECONDS
    ) -> Lease | Transcript:
        """Return the transcript, or the claim to it; waits for as long as another server works on it.

        With ``refresh``, a transcript that another server finishes meanwhile will do.
        """
        newer_than = await self.newest_id(key.uuid) if refresh else 0
        # Another process finishes: there is no event to wait for.
        while (found := await self.acquire(key, newer_than)) is None:  # noqa: ASYNC110
            await asyncio.sleep(poll_seconds)
        return found

    @asynccontextmanager
    async def holding(self, lease: Lease, renew_seconds: float = RENEW_SECONDS) -> AsyncIterator[None]:
        """Renew a claim for as long as the block runs, and release it at the end, whatever the end."""
        renewing = asyncio.create_task(self._keep_renewing(lease, renew_seconds))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(ArchiveError):  # it expires by itself
                await self.release(lease)

    async def _keep_renewing(self, lease: Lease, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            with suppress(ArchiveError):  # the next renewal may succeed
                await self.renew(lease)
