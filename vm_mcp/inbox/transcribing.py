"""Transcribe each message once: whoever asks, however often, and however many servers share the archive.

Four levels of "once only" meet here. They are asked in this order, each before the cost of the next:

1. The job (`Jobs`, this process): calls for the same message, engine, model and language share one job, its progress
   and its outcome. Without it, a host that repeats a call would wait for the lease that its first call holds.
2. The transcript (`Archive.transcript`, all processes, for good): an earlier transcript is returned at once, however
   short the wait. Neither the engine nor the PBX is asked. ``refresh`` skips this level alone.
3. The lease (`Archive.acquire_or_wait`, all processes): one of the servers that share the archive works on the message.
   The others wait for its transcript, which is looked for in the same transaction. Without it, two hosts of one user
   would do everything twice. A server that dies leaves a lease that expires.
4. The recording (`FetchedRecordings`, this process): it is downloaded once and kept until the transcript is saved.
   Without it, a job that was stopped, failed, or has another language would ask the PBX again.

Levels 1 and 2 are in this module, 3 and 4 in `vm_mcp.inbox.transcript_maker`.

Cancelling a call stops its jobs only where nothing is lost: before the recording is asked for. After that, a job goes
on for `GRACE_SECONDS`, and a download or a save runs to its end. Then the job is stopped, its lease is released, and
the recording is kept. A call made meanwhile joins the running job or starts a new one; it never meets a stopped one.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from vm_mcp.asr import knows_language
from vm_mcp.errors import ArchiveError, DamagedTranscriptError, EngineUnavailableError, InputError, VmError
from vm_mcp.inbox.account import UNMARKED
from vm_mcp.inbox.jobs import Job, Jobs, OnProgress
from vm_mcp.inbox.outcomes import ListedVoicemail, Transcription, transcription_of
from vm_mcp.inbox.transcript_maker import COMMON_CAUSES, TranscribeCall
from vm_mcp.languages import language_code
from vm_mcp.models import Transcript, TranscriptKey
from vm_mcp.wording import words

if TYPE_CHECKING:
    from vm_mcp.asr import Transcriber
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.transcript_maker import Maker

logger = logging.getLogger(__name__)

GRACE_SECONDS = 45.0
"""How long a message marked as read is worked on after its last call was cancelled: hosts that give up after 5 or 10
seconds ask again within that time."""

OUTCOMES_KEPT = 200
"""Outcomes that no call has returned yet; the transcripts among them are in the archive anyway."""


class Transcribing:
    """Transcribes one account's messages, in the background when a caller can't wait."""

    def __init__(
        self,
        account: "Account",
        known: "KnownMessages",
        transcriber: "Transcriber",
        maker: "Maker",
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self._account = account
        self._known = known
        self._transcriber = transcriber
        self._maker = maker
        self._jobs: Jobs[TranscriptKey, Transcript] = Jobs(OUTCOMES_KEPT, grace_seconds)
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

        An archived transcript of the same engine, model and language is returned as it is. A message that is not done
        within ``wait_seconds`` is ``pending``: the work goes on, and a later call returns it. One message's failure
        never costs another's text, and the next call for a failed message tries again.

        A cancelled call retrieves no further recording. Messages already marked as read are worked on for the grace
        time, so that a call made meanwhile finds them.

        Args:
            uuids: Messages; a repeated uuid is transcribed once.
            language: ISO 639-1 code, or another name that `language_code` reads; empty: detected among the account's
                languages.
            wait_seconds: Seconds to wait at most.
            refresh: Ignore archived transcripts.
            on_progress: Called about once a second.

        Returns:
            One entry per distinct uuid, in the order given.

        Raises:
            AccessDeniedError: Whoever asks may open no messages.
            EngineUnavailableError: No engine to transcribe with; no recording was retrieved.
            InputError: The engine doesn't know the language; no recording was retrieved.
            ConfigError: No API key, or an unusable address.
            ArchiveError: The archive can't be used; no recording was retrieved.
            PbxAuthError: The key was refused.
            PbxUnavailableError: The PBX answered for none of the messages; whether it marked any as read is unknown.
        """
        self._account.access.require("voicemail:open")
        await self._account.pbx()  # a missing key is one error for the call, not one for each message
        code = language_code(language)
        if language and not knows_language(self._transcriber.engine, code):
            raise InputError("The speech engine does not know this `language`. Give auto, or a code such as tr or en.")
        keys = {uuid: self._key(uuid, code) for uuid in uuids}
        call = TranscribeCall(await self._listed(keys))
        archived = {} if refresh else await self._archived(keys)
        jobs = {uuid: self._start(key, call, refresh=refresh) for uuid, key in keys.items() if uuid not in archived}
        await self._known.refresh_meanwhile()
        await self._jobs.watch(jobs.values(), wait_seconds, _with_offset(on_progress, len(archived)))
        if not archived:
            _raise_common_cause(list(jobs.values()))
        # What was looked up meanwhile, by jobs of earlier calls as well, and what call records show by now.
        known = {uuid for uuid, message in call.listed.items() if message.state != "unknown"}
        call.listed |= await self._listed(uuid for uuid in keys if uuid not in known)
        return [
            transcription_of(uuid, archived[uuid], call.listed.get(uuid))
            if uuid in archived
            else self._outcome(uuid, jobs[uuid], call.listed.get(uuid))
            for uuid in keys
        ]

    @property
    def waiting_for(self) -> str:
        """What every message waits for, such as a model's download; empty when each only waits for its turn."""
        return self._transcriber.waiting_for

    def warm_up(self) -> None:
        """Start the engine in the background, so that it is ready when the user has read the list."""
        if self._warming is None or self._warming.done():
            self._warming = asyncio.ensure_future(self._transcriber.warm_up())

    async def aclose(self) -> None:
        """Stop the background work and the engine."""
        await self._transcriber.aclose()
        if self._warming:
            await self._warming
        await self._jobs.aclose()

    def _key(self, uuid: str, language: str) -> TranscriptKey:
        return TranscriptKey(uuid, self._transcriber.engine, self._transcriber.model, language)

    async def _archived(self, keys: Mapping[str, TranscriptKey]) -> dict[str, Transcript | DamagedTranscriptError]:
        """Return the archived transcripts of messages without a job: a job may be making a newer one."""
        archive = await self._account.archive()
        archived: dict[str, Transcript | DamagedTranscriptError] = {}
        for uuid, key in keys.items():
            try:
                if key not in self._jobs and (transcript := await archive.transcript(key)):
                    archived[uuid] = transcript
            except DamagedTranscriptError as error:
                archived[uuid] = error
        return archived

    def _start(self, key: TranscriptKey, call: TranscribeCall, *, refresh: bool) -> Job[Transcript]:
        async def work(job: Job[Transcript]) -> Transcript:
            try:
                await self._account.check_seen(key.uuid)  # whatever makes it may see every mailbox
                transcript = await self._maker.make(key, call, job, refresh=refresh)
            except VmError:
                raise
            except Exception:  # a bug: logged here, since nobody may ever ask for the job's outcome
                logger.exception("transcription of %r failed unexpectedly", key.uuid)
                raise
            self._account.on_change(key.uuid, "transcript")
            return transcript

        return self._jobs.start(key, work)

    def _outcome(self, uuid: str, job: Job[Transcript], voicemail: ListedVoicemail | None) -> Transcription:
        opened = _may_have_opened(job) and not (voicemail and voicemail.is_read)
        if not job.is_done:
            waiting_for = self._transcriber.waiting_for
            return Transcription(
                uuid=uuid, status="pending", voicemail=voicemail, opened=opened, waiting_for=waiting_for
            )
        job.reported = True
        if job.error:
            error = _reason(job.error)
            return Transcription(uuid=uuid, status="failed", voicemail=voicemail, opened=opened, error=error)
        return transcription_of(uuid, job.task.result(), voicemail).model_copy(update={"opened": opened})

    async def _listed(self, uuids: Iterable[str]) -> dict[str, ListedVoicemail]:
        """Look messages up in the archive; a transcript is worth having without, so a failure leaves them out."""
        with suppress(ArchiveError):
            return await self._known.of_uuids(list(uuids))
        return {}


def _with_offset(on_progress: OnProgress | None, archived: int) -> OnProgress | None:
    """Count archived transcripts as done."""
    if on_progress is None or not archived:
        return on_progress

    async def report(done: float, total: int) -> None:
        await on_progress(done + archived, total + archived)

    return report


def _raise_common_cause(jobs: Sequence[Job[Transcript]]) -> None:
    """Raise one error for the call when every message failed for a reason they share: key, connection, engine.

    Not when the recording was retrieved first: the error would hide which messages are marked as read.
    """
    errors = [job.error for job in jobs]
    if any(job.committed and isinstance(job.error, EngineUnavailableError) for job in jobs):
        return
    if errors and all(isinstance(error, COMMON_CAUSES) for error in errors) and isinstance(errors[0], VmError):
        for job in jobs:
            job.reported = True
        raise errors[0]


def _may_have_opened(job: Job[Transcript]) -> bool:
    """Return whether the PBX may have marked the message as read."""
    return job.committed and not isinstance(job.error, UNMARKED)


def _reason(error: BaseException) -> str:
    """Put a failure into words for the caller; the words of a bug stay in the log."""
    if isinstance(error, VmError):
        return error.words
    if isinstance(error, asyncio.CancelledError):
        return "The server is stopping. Start it again, then ask again."
    return words(
        "An internal error occurred, see the server's log. Ask again. If it persists, report it with that log."
    )
