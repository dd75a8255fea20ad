"""The use cases: list, fetch, transcribe. Everything a host or a command can ask for goes through ``Inbox``."""

import asyncio
import base64
import binascii
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import ConfigDict, ValidationError

from vm_mcp.asr import TranscribeOptions, open_transcriber
from vm_mcp.asr.languages import WHISPER_LANGUAGES
from vm_mcp.dates import parse_moment
from vm_mcp.errors import (
    ConfigError,
    EngineUnavailableError,
    InputError,
    PbxAuthError,
    PbxUnavailableError,
    RecordingError,
    VmError,
)
from vm_mcp.jobs import Job, Jobs, OnProgress
from vm_mcp.models import (
    Model,
    ReadStatus,
    Recording,
    RecordingLink,
    Transcript,
    Voicemail,
    VoicemailPage,
    VoicemailQuery,
)

if TYPE_CHECKING:
    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient

logger = logging.getLogger(__name__)

DEFAULT_DAYS = 30
"""How far back a list goes when nobody says: one request to the PBX, whose own windows end at 31 days."""

REMEMBERED = 5000
"""Messages and transcripts kept in memory, a few MiB at most."""

FETCHED_AHEAD = 6
"""Recordings in hand at once: those being transcribed, one for each core, and the next ones being downloaded."""

FETCHED_KEPT = 8
"""Recordings kept in memory because their transcription was cancelled or failed, the latest."""

COMMON_CAUSES = (ConfigError, PbxAuthError, PbxUnavailableError, EngineUnavailableError)

Clock = Callable[[], datetime]


class ListRequest(Model):
    """What to list, in the words of the person or model who asks; see ``vm_mcp.dates`` for the dates."""

    model_config = ConfigDict(str_strip_whitespace=True)

    since: str = ""
    until: str = ""
    status: ReadStatus = "all"
    extension: str = ""
    caller: str = ""
    limit: int = 20
    cursor: str = ""
    """From the page before; it holds the whole query, so the other fields no longer count."""


class ListedPage(Model):
    """A page, the range it was asked of, and how to go on."""

    voicemails: tuple[Voicemail, ...]
    since: datetime
    until: datetime
    total_count: int | None
    next_cursor: str = ""


class SavedRecording(Model):
    """A recording in a file of the user's."""

    uuid: str
    path: Path
    mime_type: str
    size_bytes: int
    sha256: str


class Transcription(Model):
    """How far one message's transcription has come."""

    uuid: str
    status: Literal["done", "no_speech", "pending", "failed"]
    voicemail: Voicemail | None = None
    """What the list said of it, when this process has listed it."""
    transcript: Transcript | None = None
    error: str = ""


@dataclass
class _Batch:
    """The messages of one call, which all fail of what one of them has shown to be wrong with the account."""

    cause: VmError | None = None

    def raise_cause(self) -> None:
        if self.cause:
            raise self.cause


@dataclass
class Inbox:
    """One account's voicemail. Not thread-safe: use it from one event loop, and close it there."""

    settings: "Settings"
    transcriber: "Transcriber"
    clock: Clock = field(default=lambda: datetime.now(UTC))
    _listed: dict[str, Voicemail] = field(default_factory=dict)
    _jobs: Jobs[tuple[str, str], Transcript] = field(default_factory=lambda: Jobs(keep=REMEMBERED))
    _fetched: dict[str, Recording] = field(default_factory=dict)
    _warming: asyncio.Task[None] | None = None
    _hands: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHED_AHEAD))

    @cached_property
    def pbx(self) -> "PbxClient":
        """The client, made at first use: a server without a key starts, and says so when asked."""
        from vm_mcp.pbx import PbxClient

        return PbxClient(self.settings)

    async def list_voicemails(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; marks nothing as read.

        Raises:
            InputError: A date, the cursor or the range is unusable.
            ConfigError: No API key, or an unusable address.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
        """
        query = _decode_cursor(request.cursor) if request.cursor else self._query(request)
        page = await self.pbx.list_messages(query, request.limit)
        self._remember(page)
        if any(not voicemail.is_read for voicemail in page.voicemails):
            self._warm_up()
        return ListedPage(
            voicemails=page.voicemails,
            since=query.since,
            until=query.until,
            total_count=page.total_count,
            next_cursor=_encode_cursor(page.next_query) if page.next_query else "",
        )

    async def get(self, uuid: str) -> Voicemail:
        """Look one message up by its uuid, whenever it was left; marks nothing as read.

        Raises:
            VoicemailNotFoundError: There is none.
        """
        voicemail = await self.pbx.get_message(uuid)
        self._listed[voicemail.uuid] = voicemail
        return voicemail

    async def recording_link(self, uuid: str) -> RecordingLink:
        """Ask for a link to the recording. The PBX marks the message as read."""
        return await self.pbx.recording_url(uuid)

    async def recording(self, uuid: str) -> Recording:
        """Download the recording. The PBX marks the message as read."""
        return await self.pbx.fetch_recording(uuid)

    async def save_recording(self, uuid: str) -> SavedRecording:
        """Download the recording into the user's folder. The PBX marks the message as read.

        Raises:
            RecordingError: It can't be had, or the folder can't be written.
        """
        folder = self.settings.recordings_dir
        await asyncio.to_thread(_check_writable, folder)  # before the PBX marks anything
        recording = await self.pbx.fetch_recording(uuid)
        path = await asyncio.to_thread(_save, folder / self._file_name(recording), recording.data)
        return SavedRecording(
            uuid=uuid,
            path=path,
            mime_type=recording.mime_type,
            size_bytes=recording.size_bytes,
            sha256=recording.sha256,
        )

    async def transcribe(
        self,
        uuids: Iterable[str],
        *,
        language: str = "",
        wait_seconds: float = 45.0,
        on_progress: OnProgress | None = None,
    ) -> list[Transcription]:
        """Transcribe messages; the PBX marks each as read once its recording is asked for.

        What is not done within ``wait_seconds`` is ``pending``, goes on, and is there at the next call. One message's
        failure never loses another's text, and asking again for a failed one tries again.

        Args:
            uuids: Messages; a uuid given twice is transcribed once.
            language: ISO 639-1 code; empty: detected among the account's languages.
            wait_seconds: How long to wait at most.
            on_progress: Told about once a second.

        Returns:
            One entry a uuid, in the order given, doubles left out.

        Raises:
            EngineUnavailableError: There is nothing to transcribe with; no message was opened.
            InputError: Whisper doesn't know the language; no message was opened.
            ConfigError: No API key, or an unusable address.
            PbxAuthError: The key was refused.
            PbxUnavailableError: The PBX answered for none of them.
        """
        _ = self.pbx  # a missing key is one clear error, not one a message
        if language and language not in WHISPER_LANGUAGES:
            raise InputError("`language` is not one that Whisper knows. Give auto, or a code such as tr or en.")
        batch = _Batch()
        jobs = {
            uuid: self._jobs.start((uuid, language), self._work(uuid, language, batch)) for uuid in dict.fromkeys(uuids)
        }
        await self._jobs.watch(jobs.values(), wait_seconds, on_progress)
        _raise_common_cause(list(jobs.values()))
        return [self._outcome(uuid, job) for uuid, job in jobs.items()]

    async def aclose(self) -> None:
        """Stop what goes on in the background and let go of every connection and process."""
        await self.transcriber.aclose()
        if self._warming:
            await self._warming
        await self._jobs.aclose()
        if "pbx" in self.__dict__:
            await self.pbx.aclose()

    def _query(self, request: ListRequest) -> VoicemailQuery:
        now, zone = self.clock().replace(microsecond=0), self.settings.zone
        until = parse_moment(request.until, zone=zone, now=now, edge="end") if request.until else now
        default = until - timedelta(days=DEFAULT_DAYS)
        since = parse_moment(request.since, zone=zone, now=now, edge="start") if request.since else default
        if since > until:
            raise InputError("`since` lies after `until`. Swap them, or leave one out.")
        return VoicemailQuery(
            since=since,
            until=until,
            status=request.status,
            extension=request.extension,
            caller=request.caller,
        )

    def _warm_up(self) -> None:
        """Have the engine ready by the time that somebody has read the list and asks what was said."""
        if self._warming is None or self._warming.done():
            self._warming = asyncio.ensure_future(self.transcriber.warm_up())

    def _remember(self, page: VoicemailPage) -> None:
        for voicemail in page.voicemails:
            self._listed.pop(voicemail.uuid, None)
            self._listed[voicemail.uuid] = voicemail
        for uuid in list(self._listed)[: max(0, len(self._listed) - REMEMBERED)]:
            del self._listed[uuid]

    def _file_name(self, recording: Recording) -> str:
        """Build a name from nothing but our own parts: when it was left, and a digest of what it holds."""
        listed = self._listed.get(recording.uuid)
        received = listed.received_at if listed else None
        stamp = f"{received.astimezone(self.settings.zone):%Y%m%d-%H%M%S}-" if received else ""
        return f"voicemail-{stamp}{recording.sha256[:12]}{recording.suffix}"

    def _work(
        self, uuid: str, language: str, batch: "_Batch"
    ) -> Callable[[Callable[[float], None]], Awaitable[Transcript]]:
        caller = self._listed[uuid].caller_id_name if uuid in self._listed else ""
        options = TranscribeOptions(language=language, caller_name=caller)

        async def work(report: Callable[[float], None]) -> Transcript:
            async with self._hands:
                try:
                    batch.raise_cause()
                    await self.transcriber.prepare()  # before the PBX marks anything
                    recording = await self._fetch_once(uuid)
                except COMMON_CAUSES as error:
                    batch.cause = error
                    raise
                transcript = await self.transcriber.transcribe(recording.data, options, report)
                self._fetched.pop(uuid, None)
                return transcript

        return work

    async def _fetch_once(self, uuid: str) -> Recording:
        """Download a recording, and keep it until it is transcribed: by now the message looks read to everybody."""
        if uuid not in self._fetched:
            self._fetched[uuid] = await self.pbx.fetch_recording(uuid)
            for oldest in list(self._fetched)[:-FETCHED_KEPT]:
                del self._fetched[oldest]
        return self._fetched[uuid]

    def _outcome(self, uuid: str, job: Job[Transcript]) -> Transcription:
        voicemail = self._listed.get(uuid)
        if not job.is_done:
            return Transcription(uuid=uuid, status="pending", voicemail=voicemail)
        if job.error:
            job.is_failure_told = True
            return Transcription(uuid=uuid, status="failed", voicemail=voicemail, error=_reason(job.error, uuid))
        transcript = job.task.result()
        status: Literal["done", "no_speech"] = "done" if transcript.text else "no_speech"
        return Transcription(uuid=uuid, status=status, voicemail=voicemail, transcript=transcript)


@asynccontextmanager
async def open_inbox(settings: "Settings") -> AsyncIterator[Inbox]:
    """Wire everything the settings ask for; nothing is imported, started or connected before it is used."""
    inbox = Inbox(settings, open_transcriber(settings))
    try:
        yield inbox
    finally:
        await inbox.aclose()


def _raise_common_cause(jobs: Sequence[Job[Transcript]]) -> None:
    """Say once what failed every message alike: the key, the line, the engine."""
    errors = [job.error for job in jobs]
    if errors and all(isinstance(error, COMMON_CAUSES) for error in errors) and isinstance(errors[0], VmError):
        for job in jobs:
            job.is_failure_told = True
        raise errors[0]


def _reason(error: BaseException, uuid: str) -> str:
    """Put a failure into words for the caller; a bug becomes a line in the log and a reference to it."""
    if isinstance(error, VmError):
        return str(error)
    if isinstance(error, asyncio.CancelledError):
        return "Stopped before it was done. Ask again to start over."
    logger.error("transcription of %r failed unexpectedly", uuid, exc_info=error)
    return "An internal error, noted in the server's log. Ask again; if it stays, report it with that log."


def _encode_cursor(query: VoicemailQuery) -> str:
    return base64.urlsafe_b64encode(query.model_dump_json(exclude_defaults=True).encode()).decode()


def _decode_cursor(cursor: str) -> VoicemailQuery:
    try:
        return VoicemailQuery.model_validate_json(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValidationError, binascii.Error, ValueError):
        raise InputError("`cursor` is not one that this server gave. List again without it.") from None


def _check_writable(folder: Path) -> None:
    """Find out before the PBX marks a message as read for nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(error) from error


def _save(path: Path, data: bytes) -> Path:
    """Write a file that only the user can read, whole or not at all."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".vm-mcp-") as folder:
            part = Path(folder) / path.name
            part.touch(mode=0o600)
            part.write_bytes(data)
            part.replace(path)
    except OSError as error:
        raise _unwritable(error) from error
    return path


def _unwritable(error: OSError) -> RecordingError:
    return RecordingError(
        f"The folder for recordings can't be written ({os.strerror(error.errno or 0)}). "
        "Make room or set VM_MCP_DOWNLOAD_DIR to a folder of yours."
    )
