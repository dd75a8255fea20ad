"""The contract of every archive. `vm_mcp.archive.sqlite` implements it for a single computer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from vm_mcp.archive.handled_protocol import HandledArchive
from vm_mcp.archive.records import ALL_MESSAGES, Exported, KnownTranscript, Lease, MessageRange, Purged
from vm_mcp.errors import ArchiveError
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail

LEASE_EXPIRY = timedelta(seconds=30)
"""How long a lease lasts unless it is renewed."""
RENEW_SECONDS = 10.0
"""How often a holder renews its lease: two renewals may fail before another process takes over."""
POLL_SECONDS = 0.5
"""How often a waiting process checks whether another one has finished its transcript."""


class Archive(HandledArchive, Protocol):
    """One account's messages, transcripts, retrievals and what was handled, shared by any number of processes.

    Every method raises ArchiveError when the archive can't be read or written.
    """

    @property
    def notice(self) -> str:
        """Something a person must know, such as that a damaged archive was set aside; else empty."""
        ...

    async def note_listed(self, voicemails: Sequence[Voicemail], listed_at: datetime | None = None) -> None:
        """Store messages as the PBX listed them, over what an earlier list said.

        Args:
            voicemails: The messages.
            listed_at: When the PBX was asked, on this computer's clock: before the request, not after the response.
        """
        ...

    async def voicemail(self, uuid: str) -> Voicemail | None:
        """Return a message as it was last listed; None when it never was."""
        ...

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        """Return the latest messages, newest first and those without a timestamp last.

        Args:
            limit: At most this many.
            prefix: How their uuids begin, taken literally.
        """
        ...

    async def callers_like(self, wanted: str) -> list[str]:
        """Return known callers: those whose name or number contains ``wanted``, then those that nearly match it."""
        ...

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        """Return, by uuid, the beginning of the latest transcript of each message that has one."""
        ...

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        """Return a transcript; one whose language was detected also answers for that language."""
        ...

    async def latest(self, uuid: str) -> Transcript | None:
        """Return the transcript of a message that was saved last, by any engine and model."""
        ...

    async def newest_id(self, uuid: str) -> int:
        """Return the number of a message's latest transcript, which grows with each one saved; 0 without one."""
        ...

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        """Return the transcript if there is one, else a lease on it; None while another process holds the lease.

        Args:
            key: Which transcript.
            newer_than: Number of a transcript that is too old, as are all before it.
        """
        ...

    async def renew(self, lease: Lease) -> bool:
        """Extend a lease by `LEASE_EXPIRY`; False when another process has taken it over, or it was purged."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give up a lease, so that others can take it at once; nothing happens if it is no longer held."""
        ...

    async def save(self, lease: Lease, transcript: Transcript) -> bool:
        """Store a transcript and release its lease, both or neither.

        Returns:
            False when nobody holds a lease on it: another process has saved it, or its message was purged.
        """
        ...

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None, by: str = ""
    ) -> None:
        """Note that the PBX is about to be asked for a recording.

        Call it before the request, so that a crash can't lose it. The first retrieval is kept. Whether the message was
        unread is taken from the last list.

        Args:
            uuid: The message.
            opened_at: Now, on this computer's clock.
            clock_offset_seconds: How far the PBX's clock is ahead, by its ``Date`` headers; None when not measured.
            by: Who asks for it; empty at a desk.
        """
        ...

    async def confirm_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None
    ) -> None:
        """Note that the PBX sent the recording, and so has marked it as read; arguments as for `record_retrieval`.

        Whoever was noted stays.
        """
        ...

    async def withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        """Forget the retrieval noted with that time, because the PBX refused it.

        Don't call it after a timeout: the PBX may have marked the message as read, and an unconfirmed retrieval says
        exactly that.
        """
        ...

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        """Return, by uuid, the retrieval of each message that has one; see `vm_mcp.heard.heard_by`."""
        ...

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        """Find messages by what was said, who called and notes; see `vm_mcp.archive.query` for the query.

        Where few match, messages are added that may have the same words, misheard; see `vm_mcp.archive.near_words`.

        Args:
            query: Words, ``"words in quotes"`` and numbers; all must match.
            where: Which messages to search.
            limit: Hits to return at most.

        Raises:
            InputError: The query contains no words, or too many.
        """
        ...

    def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        """Yield messages with their latest transcripts: first those without a timestamp, then the others, oldest first.

        They are read in chunks, so an export blocks no other work.
        """
        ...

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> Purged:
        """Delete messages, their transcripts and marks, and the call records and contacts of the same kind, for good.

        Args:
            before: Delete what was received before this; with ``caller``, both must match.
            caller: Delete a caller's messages: a number in any spelling, or a whole name.
            everything: Delete all, including the retrievals. A message that only this assistant retrieved then looks
                as if a person had listened to it.

        Raises:
            ValueError: No argument says what to delete.
        """
        ...

    async def aclose(self) -> None:
        """Finish what has begun, then release files, connections and threads. Closing twice is harmless."""
        ...

    async def acquire_or_wait(
        self, key: TranscriptKey, *, refresh: bool = False, poll_seconds: float = POLL_SECONDS
    ) -> Lease | Transcript:
        """Return the transcript, or a lease on it; wait while another process holds the lease.

        With ``refresh``, a transcript is only accepted if another process saves it during this call.
        """
        newer_than = await self.newest_id(key.uuid) if refresh else 0
        # The other process sends no event to wait for.
        while (outcome := await self.acquire(key, newer_than)) is None:  # noqa: ASYNC110
            await asyncio.sleep(poll_seconds)
        return outcome

    @asynccontextmanager
    async def holding(self, lease: Lease, renew_seconds: float = RENEW_SECONDS) -> AsyncIterator[None]:
        """Keep a lease renewed while the block runs, and release it at the end, also after an error."""
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
