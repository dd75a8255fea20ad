"""Transcribing: each message once, whoever asks, however often, and however many servers share the archive.

Four levels of "once only" meet here. They are asked in this order, each before the next one's cost:

1. The job (`Jobs`, in this process): calls for the same message, engine, model and language share one, with its
   progress and its outcome. Without it, a call that asks again would queue behind itself for the claim.
2. The transcript (`Archive.transcript`, all processes, for good): what was transcribed before is returned, and neither
   the engine nor the PBX is asked.
3. The claim (`Archive.acquire_or_wait`, all processes): of the servers that share the archive one works on the message,
   and the others wait for its transcript, which is looked for in the same transaction. Without it two hosts of a user
   would do everything twice. A server that dies leaves a claim that expires.
4. The recording (`FetchedRecordings`, in this process): downloaded once and kept until the transcript is saved. A job
   that was stopped, one that failed, or one in another language would else ask the PBX for it again.

A call that is cancelled stops its jobs only where nothing is lost: before the recording is asked for. What was opened
goes on for `GRACE_SECONDS`, a download and a save to their end; then the job is stopped, its claim released, and the
recording stays at hand. Who asks again joins the running job or starts anew, and never meets the stopped one.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vm_mcp.asr import TranscribeOptions, knows_language
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
from vm_mcp.inbox.fetched import FetchedRecordings
from vm_mcp.inbox.jobs import Job, Jobs, OnProgress
from vm_mcp.inbox.outcomes import Transcription, archived
from vm_mcp.models import Recording, Transcript, TranscriptKey, Voicemail

if TYPE_CHECKING:
    from vm_mcp.archive import Lease
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.recordings import Recordings

logger = logging.getLogger(__name__)

GRACE_SECONDS = 45.0
"""How long messages that were opened are worked on after the last call for them was cancelled: hosts that give up after
5 or 10 seconds ask again within it."""

PREFETCHED = 18
"""Recordings downloaded but not yet transcribed, at most."""

OUTCOMES_KEPT = 200
"""Outcomes that nobody has asked for yet; the transcripts among them are in the archive anyway."""

COMMON_CAUSES = (ArchiveError, ConfigError, PbxAuthError, PbxUnavailableError, EngineUnavailableError)


@dataclass
class _TranscribeCall:
    """The messages of one call."""

    listed: dict[str, Voicemail]
    """What the list said of them, as far as it is known."""
    cause: VmError | None = None
    """What one of them has shown to be wrong with the account, of which all fail."""

    def raise_cause(self) -> None:
        if self.cause:
            raise self.cause


class Transcribing:
    """Transcribes one account's messages, in the background when a caller can't wait."""

    def __init__(
        self,
        account: "Account",
        recordings: "Recordings",
        transcriber: "Transcriber",
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._account = account
        self._transcriber = transcriber
        self._jobs: Jobs[TranscriptKey, Transcript] = Jobs(OUTCOMES_KEPT, grace_seconds)
        self._fetched = FetchedRecordings(recordings)
        self._prefetch_slots = asyncio.Semaphore(PREFETCHED)
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
        """Transcribe messages; the PBX marks each as read once its recording is asked for.

        What the archive has of the same engine, model and language is not made again. What is not done within
        ``wait_seconds`` is ``pending``, goes on, and is there at the next call. One message's failure never loses
        another's text, and asking again for a failed one tries again.

        Cancelling it opens no further message. What was opened goes on for the grace unless somebody else asks for it,
        so that a call made meanwhile finds it.

        Args:
            uuids: Messages; a uuid given twice is transcribed once.
            language: ISO 639-1 code; empty: detected among the account's languages.
            wait_seconds: How long to wait at most.
            refresh: Transcribe again also what the archive has.
            on_progress: Called about once a second.

        Returns:
            One entry a uuid, in the order given, doubles left out.

        Raises:
            EngineUnavailableError: There is nothing to transcribe with; no message was opened.
            InputError: The engine doesn't know the language; no message was opened.
            ConfigError: No API key, or an unusable address.
            ArchiveError: The archive can't be used; no message was opened.
            PbxAuthError: The key was refused.
            PbxUnavailableError: The PBX answered for none of them.
        """
        await self._account.pbx()  # a missing key is one clear error, not one a message
        if language and not knows_language(self._transcriber.engine, language):
            raise InputError("The speech engine does not know this `language`. Give auto, or a code such as tr or en.")
        asked = list(dict.fromkeys(uuids))
        call = _TranscribeCall(await self._listed(asked))
        jobs = {uuid: self._start(uuid, language, call, refresh=refresh) for uuid in asked}
        await self._jobs.watch(jobs.values(), wait_seconds, on_progress)
        _raise_common_cause(list(jobs.values()))
        # Jobs that another call started note what they look up for that one.
        call.listed |= await self._listed(uuid for uuid in asked if uuid not in call.listed)
        return [self._outcome(uuid, job, call.listed.get(uuid)) for uuid, job in jobs.items()]

    async def look_up(self, uuids: Iterable[str]) -> list[Transcription]:
        """Read transcripts that were made before, the latest of each message; asks the PBX nothing.

        Returns:
            One entry a uuid, in the order given, doubles left out; ``missing`` where there is none.

        Raises:
            ArchiveError: The archive can't be used.
        """
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

    def _start(self, uuid: str, language: str, call: _TranscribeCall, *, refresh: bool) -> Job[Transcript]:
        key = TranscriptKey(uuid, self._transcriber.engine, self._transcriber.model, language)

        async def work(job: Job[Transcript]) -> Transcript:
            if uuid in self._fetched:  # it was opened before
                job.commit()
            try:
                found = None if refresh else await (await self._account.archive()).transcript(key)
                return found or await self._make(key, call, job, refresh=refresh)
            except VmError:
                raise
            except Exception:  # a bug, which perhaps nobody asks for
                logger.exception("transcription of %r failed unexpectedly", uuid)
                raise

        return self._jobs.start(key, work)

    async def _make(
        self, key: TranscriptKey, call: _TranscribeCall, job: Job[Transcript], *, refresh: bool
    ) -> Transcript:
        archive = await self._account.archive()
        async with self._prefetch_slots:
            call.raise_cause()
            found = await archive.acquire_or_wait(key, refresh=refresh)
            if isinstance(found, Transcript):
                return found
            async with archive.holding(found):
                try:
                    # Before the PBX marks anything. A download, if there is one, is half of the way.
                    await self._transcriber.prepare(lambda fraction: job.report(fraction / 2))
                    await self._list_once(key.uuid, call)
                    with job.uninterrupted():
                        recording = await self._fetched.get(key.uuid, job.commit)
                except COMMON_CAUSES as error:
                    call.cause = error
                    raise
                transcript = await self._read(recording, key, call, job)
                with job.uninterrupted():
                    return await self._keep(found, await self._redacted(transcript))

    async def _list_once(self, uuid: str, call: _TranscribeCall) -> None:
        """Know who called and when before a transcript is kept: it could not be found, nor purged, by either."""
        if uuid in call.listed:
            return
        asked_at = self._account.clock()
        pbx = await self._account.pbx()
        with suppress(VoicemailNotFoundError, ArchiveError):  # that it is not there, its recording will say
            call.listed[uuid] = await pbx.voicemails.get(uuid)
            await (await self._account.archive()).note_listed([call.listed[uuid]], asked_at)

    async def _read(
        self, recording: Recording, key: TranscriptKey, call: _TranscribeCall, job: Job[Transcript]
    ) -> Transcript:
        listed = call.listed.get(key.uuid)
        options = TranscribeOptions(language=key.language, caller_name=listed.caller_id_name if listed else "")
        return await self._transcriber.transcribe(recording.data, options, job.report)

    async def _redacted(self, transcript: Transcript) -> Transcript:
        """Hide the numbers that are neither to be kept nor shown, whichever engine heard them."""
        kinds = self._account.settings.mask
        if not kinds:
            return transcript
        from vm_mcp.redaction import redact

        return await asyncio.to_thread(redact, transcript, kinds)

    async def _keep(self, lease: "Lease", transcript: Transcript) -> Transcript:
        """Keep a transcript in the archive; one that can't be kept is handed out all the same, and says so."""
        try:
            await (await self._account.archive()).save(lease, transcript)
        except ArchiveError as error:
            logger.warning("a transcript could not be kept: %s", error)
            notice = f"{transcript.notice} It could not be kept for later. {error}".strip()
            return transcript.model_copy(update={"notice": notice})
        self._fetched.forget(lease.key.uuid)
        return transcript

    def _outcome(self, uuid: str, job: Job[Transcript], voicemail: Voicemail | None) -> Transcription:
        if not job.is_done:
            waiting_for = self._transcriber.waiting_for
            return Transcription(uuid=uuid, status="pending", voicemail=voicemail, waiting_for=waiting_for)
        job.reported = True
        if job.error:
            return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=_reason(job.error))
        return archived(uuid, job.task.result()).model_copy(update={"voicemail": voicemail})

    async def _listed(self, uuids: Iterable[str]) -> dict[str, Voicemail]:
        """Look up what the list said, which a transcript is worth having without."""
        listed = {}
        with suppress(ArchiveError):
            for uuid in uuids:
                if found := await (await self._account.archive()).voicemail(uuid):
                    listed[uuid] = found
        return listed

    async def _looked_up(self, uuid: str) -> Transcription:
        voicemail = await (await self._account.archive()).voicemail(uuid)
        try:
            transcript = await (await self._account.archive()).latest(uuid)
            found = archived(uuid, transcript) if transcript else Transcription(uuid=uuid, status="missing")
        except DamagedTranscriptError as error:
            found = archived(uuid, error)
        return found.model_copy(update={"voicemail": voicemail})


def _raise_common_cause(jobs: Sequence[Job[Transcript]]) -> None:
    """Say once what failed every message alike: the key, the line, the engine."""
    errors = [job.error for job in jobs]
    if errors and all(isinstance(error, COMMON_CAUSES) for error in errors) and isinstance(errors[0], VmError):
        for job in jobs:
            job.reported = True
        raise errors[0]


def _reason(error: BaseException) -> str:
    """Put a failure into words for the caller; a bug's own words stay in the log."""
    if isinstance(error, VmError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "The server is stopping. Start it again, then ask again."
    return "An internal error, noted in the server's log. Ask again; if it stays, report it with that log."
