"""Make one transcript: acquire the lease, retrieve the recording, transcribe, redact, keep."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from vm_mcp.errors import (
    ArchiveError,
    ConfigError,
    EngineUnavailableError,
    PbxAuthError,
    PbxUnavailableError,
    TranscriptionError,
    VmError,
)
from vm_mcp.inbox.opening import EngineTrouble, OpeningGate
from vm_mcp.inbox.outcomes import ListedVoicemail
from vm_mcp.inbox.reading_recordings import list_once, options_of, read, redacted
from vm_mcp.models import Recording, Transcript, TranscriptKey
from vm_mcp.wording import sentences, words

if TYPE_CHECKING:
    from vm_mcp.archive import Lease
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.fetched import FetchedRecordings
    from vm_mcp.inbox.jobs import Job
    from vm_mcp.inbox.known import KnownMessages

logger = logging.getLogger(__name__)

PREFETCHED = 18
"""Recordings downloaded but not yet transcribed, at most."""

COMMON_CAUSES = (ArchiveError, ConfigError, PbxAuthError, PbxUnavailableError, EngineUnavailableError)
"""Errors that fail every message of an account alike."""


@dataclass
class TranscribeCall:
    """What the messages of one call share."""

    listed: dict[str, ListedVoicemail]
    """What the list said of each, where that is known."""
    cause: VmError | None = None
    """The first common cause that one of them met. The others fail with it at once, instead of one after another."""
    trouble: EngineTrouble = field(default_factory=EngineTrouble)
    """What decides whether messages are still opened after the engine failed on one."""

    def raise_cause(self) -> None:
        """Raise the common cause, if there is one."""
        if self.cause:
            raise self.cause


class Maker(Protocol):
    """Makes one account's transcripts, here or elsewhere."""

    async def make(
        self, key: TranscriptKey, call: TranscribeCall, job: "Job[Transcript]", *, refresh: bool
    ) -> Transcript:
        """Return a transcript; see `TranscriptMaker.make`."""
        ...


class TranscriptMaker:
    """Makes one account's transcripts in this process."""

    def __init__(
        self, account: "Account", fetched: "FetchedRecordings", known: "KnownMessages", transcriber: "Transcriber"
    ) -> None:
        self._account = account
        self._known = known
        self._transcriber = transcriber
        self._fetched = fetched
        self._prefetch_slots = asyncio.Semaphore(PREFETCHED)
        self._gate = OpeningGate()

    async def make(
        self, key: TranscriptKey, call: TranscribeCall, job: "Job[Transcript]", *, refresh: bool
    ) -> Transcript:
        """Return a transcript: made here, or by another server that is at work on it.

        Args:
            key: The transcript that is wanted.
            call: The call that started the job.
            job: Gets the progress, and learns when the message is about to be marked as read.
            refresh: An archived transcript won't do; one that another server finishes meanwhile will.

        Raises:
            VmError: Whatever the archive, the engine or the PBX raises.
        """
        if key.uuid in self._fetched:  # an earlier job had it marked as read
            job.commit()
        archive = await self._account.archive()
        async with self._prefetch_slots:
            call.raise_cause()
            acquired = await archive.acquire_or_wait(key, refresh=refresh)
            if isinstance(acquired, Transcript):
                return acquired
            async with archive.holding(acquired):
                await self._prepare(key.uuid, call, job)
                with self._gate.in_hand(call.trouble):
                    recording = await self._retrieve(key.uuid, call, job)
                    listed = call.listed.get(key.uuid)
                    options = options_of(key, listed, listed.contacts if listed else ())
                    transcript = await read(self._transcriber, recording, options, job.report, job.demand)
                with job.uninterrupted():
                    return await self._keep(acquired, await redacted(transcript, self._account.settings))

    async def _prepare(self, uuid: str, call: TranscribeCall, job: "Job[Transcript]") -> None:
        """Do all that can fail without marking the message as read, and wait until it may be opened."""
        try:
            # Preparing may download a model; that counts as half of the work.
            await self._transcriber.prepare(lambda fraction: job.report(fraction / 2))
            await list_once(self._account, self._known, uuid, call.listed)
        except (*COMMON_CAUSES, TranscriptionError) as error:
            call.cause = error
            raise
        if uuid not in self._fetched:
            await self._gate.wait(call.trouble)
            call.raise_cause()

    async def _retrieve(self, uuid: str, call: TranscribeCall, job: "Job[Transcript]") -> Recording:
        try:
            with job.uninterrupted():
                return await self._fetched.get(uuid, job.commit)
        except COMMON_CAUSES as error:
            call.cause = error
            raise

    async def _keep(self, lease: "Lease", transcript: Transcript) -> Transcript:
        """Save a transcript; one that can't be saved is returned all the same, with a notice that says so."""
        try:
            await (await self._account.archive()).save(lease, transcript)
        except ArchiveError as error:
            logger.warning("a transcript could not be kept: %s", error)
            notice = sentences(transcript.notice, words("It could not be kept for later."), error.words)
            return transcript.model_copy(update={"notice": notice})
        self._fetched.forget(lease.key.uuid)
        return transcript
