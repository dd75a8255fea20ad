"""Transcribing: each message once, whoever asks, however often, and however many servers share the archive."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.whisper_languages import WHISPER_LANGUAGES
from vm_mcp.errors import (
    ArchiveError,
    ConfigError,
    DamagedTranscriptError,
    EngineUnavailableError,
    InputError,
    PbxAuthError,
    PbxUnavailableError,
    VmError,
    VoicemailNotFoundError,
)
from vm_mcp.inbox.jobs import Job, Jobs, OnProgress
from vm_mcp.inbox.outcomes import Transcription
from vm_mcp.models import Recording, Transcript, TranscriptKey, Voicemail

if TYPE_CHECKING:
    from vm_mcp.archive import Claim
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.recordings import Recordings

logger = logging.getLogger(__name__)

FETCHED_AHEAD = 18
"""Recordings in hand at once: those being transcribed, and the next ones being downloaded."""

FETCHED_KEPT = 8
"""Recordings kept in memory because their transcription was cancelled or failed, the latest."""

OUTCOMES_KEPT = 200
"""Outcomes that nobody has asked for yet; the transcripts among them are in the archive anyway."""

COMMON_CAUSES = (ArchiveError, ConfigError, PbxAuthError, PbxUnavailableError, EngineUnavailableError)


@dataclass
class _Batch:
    """The messages of one call, which all fail of what one of them has shown to be wrong with the account."""

    cause: VmError | None = None

    def raise_cause(self) -> None:
        if self.cause:
            raise self.cause


class Transcribing:
    """Transcribes one account's messages, in the background when a caller can't wait."""

    def __init__(self, account: "Account", recordings: "Recordings", transcriber: "Transcriber") -> None:
        self._account = account
        self._recordings = recordings
        self._transcriber = transcriber
        self._jobs: Jobs[TranscriptKey, Transcript] = Jobs(keep=OUTCOMES_KEPT)
        self._fetched: dict[str, Recording] = {}
        self._hands = asyncio.Semaphore(FETCHED_AHEAD)
        self._warming: asyncio.Task[None] | None = None

    async def transcribe(
        self,
        uuids: Iterable[str],
        *,
        language: str = "",
        wait_seconds: float = 45.0,
        refresh: bool = False,
        on_progress: OnProgress | None = None,
    ) -> list[Transcription]:
        """See `vm_mcp.inbox.Inbox.transcribe`."""
        await self._account.pbx()  # a missing key is one clear error, not one a message
        if language and language not in WHISPER_LANGUAGES:
            raise InputError("`language` is not one that Whisper knows. Give auto, or a code such as tr or en.")
        batch = _Batch()
        jobs = {uuid: self._start(uuid, language, batch, refresh=refresh) for uuid in dict.fromkeys(uuids)}
        await self._jobs.watch(jobs.values(), wait_seconds, on_progress)
        _raise_common_cause(list(jobs.values()))
        return [await self._outcome(uuid, job) for uuid, job in jobs.items()]

    async def look_up(self, uuids: Iterable[str]) -> list[Transcription]:
        """See `vm_mcp.inbox.Inbox.transcripts`."""
        return [await self._looked_up(uuid) for uuid in dict.fromkeys(uuids)]

    @property
    def waiting_for(self) -> str:
        """What all messages wait for, such as a model's download; empty: only for their turn."""
        return self._transcriber.waiting_for

    def warm_up(self) -> None:
        """Have the engine ready by the time that somebody has read the list and asks what was said."""
        if self._warming is None or self._warming.done():
            self._warming = asyncio.ensure_future(self._transcriber.warm_up())

    async def aclose(self) -> None:
        """Stop what goes on in the background, and the engine."""
        await self._transcriber.aclose()
        if self._warming:
            await self._warming
        await self._jobs.aclose()

    def _start(self, uuid: str, language: str, batch: _Batch, *, refresh: bool) -> Job[Transcript]:
        key = TranscriptKey(uuid, self._transcriber.engine, self._transcriber.model, language)

        async def work(report: Callable[[float], None]) -> Transcript:
            archived = None if refresh else await self._account.archive.transcript(key)
            return archived or await self._make(key, batch, report, refresh=refresh)

        return self._jobs.start(key, work)

    async def _make(
        self, key: TranscriptKey, batch: _Batch, report: Callable[[float], None], *, refresh: bool
    ) -> Transcript:
        archive = self._account.archive
        async with self._hands:
            batch.raise_cause()
            found = await archive.claim_or_wait(key, refresh=refresh)
            if isinstance(found, Transcript):
                return found
            async with archive.holding(found):
                try:
                    # Before the PBX marks anything. A download, if there is one, is half of the way.
                    await self._transcriber.prepare(lambda share: report(share / 2))
                    await self._list_once(key.uuid)
                    recording = await self._fetch_once(key.uuid)
                except COMMON_CAUSES as error:
                    batch.cause = error
                    raise
                return await self._keep(found, await self._read(recording, key, report))

    async def _list_once(self, uuid: str) -> None:
        """Know who called and when before a transcript is kept: it could not be found, nor purged, by either."""
        if await self._listed(uuid):
            return
        asked_at = self._account.clock()
        pbx = await self._account.pbx()
        with suppress(VoicemailNotFoundError, ArchiveError):  # that it is not there, its recording will say
            await self._account.archive.note_listed([await pbx.get_message(uuid)], asked_at)

    async def _fetch_once(self, uuid: str) -> Recording:
        """Download a recording, and keep it until it is transcribed: by now the message looks read to everybody."""
        if uuid not in self._fetched:
            self._fetched[uuid] = await self._recordings.fetch(uuid)
            for oldest in list(self._fetched)[:-FETCHED_KEPT]:
                del self._fetched[oldest]
        return self._fetched[uuid]

    async def _read(self, recording: Recording, key: TranscriptKey, report: Callable[[float], None]) -> Transcript:
        listed = await self._listed(key.uuid)
        options = TranscribeOptions(language=key.language, caller_name=listed.caller_id_name if listed else "")
        transcript = await self._transcriber.transcribe(recording.data, options, report)
        return await self._masked(transcript)

    async def _masked(self, transcript: Transcript) -> Transcript:
        """Hide the numbers that are neither to be kept nor shown, whichever engine heard them."""
        kinds = self._account.settings.mask
        if not kinds:
            return transcript
        from vm_mcp.redaction import mask

        return await asyncio.to_thread(mask, transcript, kinds)

    async def _keep(self, claim: "Claim", transcript: Transcript) -> Transcript:
        """Keep a transcript in the archive; one that can't be kept is handed out all the same, and says so."""
        try:
            await self._account.archive.save(claim, transcript)
        except ArchiveError as error:
            logger.warning("a transcript could not be kept: %s", error)
            notice = f"{transcript.notice} It could not be kept for later. {error}".strip()
            return transcript.model_copy(update={"notice": notice})
        self._fetched.pop(claim.key.uuid, None)
        return transcript

    async def _outcome(self, uuid: str, job: Job[Transcript]) -> Transcription:
        voicemail = await self._listed(uuid)
        if not job.is_done:
            waiting_for = self._transcriber.waiting_for
            return Transcription(uuid=uuid, status="pending", voicemail=voicemail, waiting_for=waiting_for)
        job.is_told = True
        if job.error:
            return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=_reason(job.error, uuid))
        return _done(uuid, job.task.result()).model_copy(update={"voicemail": voicemail})

    async def _listed(self, uuid: str) -> Voicemail | None:
        """Look up what the list said, which a transcript is worth having without."""
        with suppress(ArchiveError):
            return await self._account.archive.voicemail(uuid)
        return None

    async def _looked_up(self, uuid: str) -> Transcription:
        voicemail = await self._account.archive.voicemail(uuid)
        try:
            transcript = await self._account.archive.latest(uuid)
            found = archived(uuid, transcript) if transcript else Transcription(uuid=uuid, status="missing")
        except DamagedTranscriptError as error:
            found = archived(uuid, error)
        return found.model_copy(update={"voicemail": voicemail})


def archived(uuid: str, found: Transcript | DamagedTranscriptError) -> Transcription:
    """Tell of a transcript that the archive has; one that can't be read has failed, and no other with it."""
    if isinstance(found, DamagedTranscriptError):
        return Transcription(uuid=uuid, status="failed", error=str(found))
    return _done(uuid, found)


def _done(uuid: str, transcript: Transcript) -> Transcription:
    return Transcription(uuid=uuid, status="done" if transcript.text else "no_speech", transcript=transcript)


def _raise_common_cause(jobs: Sequence[Job[Transcript]]) -> None:
    """Say once what failed every message alike: the key, the line, the engine."""
    errors = [job.error for job in jobs]
    if errors and all(isinstance(error, COMMON_CAUSES) for error in errors) and isinstance(errors[0], VmError):
        for job in jobs:
            job.is_told = True
        raise errors[0]


def _reason(error: BaseException, uuid: str) -> str:
    """Put a failure into words for the caller; a bug becomes a line in the log and a reference to it."""
    if isinstance(error, VmError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "Stopped before it was done. Ask again to start over."
    logger.error("transcription of %r failed unexpectedly", uuid, exc_info=error)
    return "An internal error, noted in the server's log. Ask again; if it stays, report it with that log."
