"""``Inbox``: the front door of the use cases."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vm_mcp.asr import open_transcriber
from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.inbox.account import Account, Clock
from vm_mcp.inbox.jobs import OnProgress
from vm_mcp.inbox.listing import Listing
from vm_mcp.inbox.outcomes import ListedPage, ListedVoicemail, Overview, SavedRecording, Transcription, archived
from vm_mcp.inbox.overview import LOOKED_AT, overview
from vm_mcp.inbox.recordings import Recordings
from vm_mcp.inbox.requests import ArchiveRequest, ListRequest, SearchRequest
from vm_mcp.inbox.transcribing import GRACE_SECONDS, Transcribing
from vm_mcp.models import Recording, RecordingLink, SearchResult

if TYPE_CHECKING:
    from vm_mcp.archive import Purged
    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings

logger = logging.getLogger(__name__)

RETENTION_CHECK_SECONDS = 6 * 3600.0
"""How often what is too old is looked for, while a server runs."""


def _now() -> datetime:
    return datetime.now(UTC)


class Inbox:
    """One account's voicemail. Not thread-safe: use it from one event loop, and close it there.

    ``grace_seconds`` is how long opened messages are worked on after the last call for them was cancelled.
    """

    def __init__(
        self,
        settings: "Settings",
        transcriber: "Transcriber",
        clock: Clock = _now,
        grace_seconds: float = GRACE_SECONDS,
    ) -> None:
        self.settings = settings
        self.account = Account(settings, clock)
        self._listing = Listing(self.account)
        self._recordings = Recordings(self.account)
        self._transcribing = Transcribing(self.account, self._recordings, transcriber, grace_seconds)

    async def list_voicemails(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; marks nothing as read.

        Raises:
            InputError: A date, the cursor or the range is unusable.
            ConfigError: No API key, or an unusable address.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
            ArchiveError: It can't be told which messages are unheard, and just those were asked for.
        """
        page = await self._listing.page(request)
        new = any(not (item.is_read or item.first_line or item.no_speech) for item in page.voicemails)
        if new and not self.settings.read_only:
            self._transcribing.warm_up()
        return page

    async def overview(self, extension: str = "") -> Overview:
        """Count what lies in the mailboxes and find who waits, from one list of the last days; marks nothing as read.

        Raises:
            ConfigError: No API key, or an unusable address.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
        """
        return overview(await self.list_voicemails(ListRequest(extension=extension, limit=LOOKED_AT)))

    async def get(self, uuid: str) -> ListedVoicemail:
        """Look one message up by its uuid, whenever it was left; marks nothing as read.

        Raises:
            VoicemailNotFoundError: There is none.
        """
        return await self._listing.one(uuid)

    async def recording_link(self, uuid: str) -> RecordingLink:
        """Ask for a link to the recording. The PBX marks the message as read."""
        return await self._recordings.link(uuid)

    async def recording(self, uuid: str) -> Recording:
        """Download the recording. The PBX marks the message as read."""
        return await self._recordings.fetch(uuid)

    async def save_recording(self, uuid: str) -> SavedRecording:
        """Download the recording into the user's folder. The PBX marks the message as read.

        Raises:
            RecordingError: It can't be had, or the folder can't be written.
        """
        return await self._recordings.save(uuid)

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

        Cancelling it opens no further message. What was opened goes on for ``grace_seconds`` unless somebody else asks
        for it, so that a call made meanwhile finds it.

        Args:
            uuids: Messages; a uuid given twice is transcribed once.
            language: ISO 639-1 code; empty: detected among the account's languages.
            wait_seconds: How long to wait at most.
            refresh: Transcribe again also what the archive has.
            on_progress: Told about once a second.

        Returns:
            One entry a uuid, in the order given, doubles left out.

        Raises:
            EngineUnavailableError: There is nothing to transcribe with; no message was opened.
            InputError: Whisper doesn't know the language; no message was opened.
            ConfigError: No API key, or an unusable address.
            ArchiveError: The archive can't be used; no message was opened.
            PbxAuthError: The key was refused.
            PbxUnavailableError: The PBX answered for none of them.
        """
        return await self._transcribing.transcribe(
            uuids, language=language, wait_seconds=wait_seconds, refresh=refresh, on_progress=on_progress
        )

    @property
    def waiting_for(self) -> str:
        """What all transcription waits for, in words for a person, such as a model's download; else empty."""
        return self._transcribing.waiting_for

    async def transcripts(self, uuids: Iterable[str]) -> list[Transcription]:
        """Read transcripts that were made before, the latest of each message; asks the PBX nothing.

        Returns:
            One entry a uuid, in the order given, doubles left out; ``missing`` where there is none.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self._transcribing.look_up(uuids)

    async def search(self, request: SearchRequest) -> SearchResult:
        """Find transcribed messages by what was said and who called; asks the PBX nothing.

        Raises:
            InputError: The query, a date or the range is unusable.
            ArchiveError: The archive can't be used.
        """
        where = request.as_range(self.account.clock(), self.settings.zone)
        return await self.account.archive.search(request.query, where, request.limit)

    async def recent(self, limit: int, prefix: str = "") -> list[ListedVoicemail]:
        """Give the latest messages that were listed on this computer, newest first, whose uuid begins so.

        They are shown as they were last listed; asks the PBX nothing.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self._listing.recent(limit, prefix)

    async def latest(self, limit: int) -> list[ListedVoicemail]:
        """Give the latest messages as `recent` does; where none was listed yet, the PBX is asked.

        Raises:
            ArchiveError: The archive can't be used.
            PbxError: The PBX could not answer.
        """
        if found := await self.recent(limit):
            return found
        with suppress(ConfigError):  # before there is a key there is nothing to list, and the tools say so
            return list((await self._listing.page(ListRequest(limit=limit))).voicemails)
        return []

    async def archived(self, request: ArchiveRequest) -> AsyncIterator[Transcription]:
        """Go through the transcripts of the archive, oldest message first, each message's latest; asks the PBX nothing.

        One that can't be read is ``failed``.

        Raises:
            InputError: A date or the range is unusable.
            ArchiveError: The archive can't be used.
        """
        where = request.as_range(self.account.clock(), self.settings.zone)
        async for voicemail, transcript in self.account.archive.each(where):
            if transcript:
                yield archived(voicemail.uuid, transcript).model_copy(update={"voicemail": voicemail})

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> "Purged":
        """Delete messages and their transcripts from this computer, for good; see `vm_mcp.archive.Archive.purge`.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self.account.archive.purge(before=before, caller=caller, everything=everything)

    async def callers_like(self, wanted: str) -> list[str]:
        """Name the callers known on this computer who might be meant by that; asks the PBX nothing.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self.account.archive.callers_like(wanted)

    async def forget_old(self) -> None:
        """Purge what is older than ``RETENTION_DAYS``, now and every few hours, until cancelled."""
        while self.settings.retention_days:
            await self.forget_old_once()
            await asyncio.sleep(RETENTION_CHECK_SECONDS)

    async def forget_old_once(self) -> None:
        """Purge what is older than ``RETENTION_DAYS``, if that is set; a failure is only logged."""
        if not self.settings.retention_days:
            return
        before = self.account.clock() - timedelta(days=self.settings.retention_days)
        try:
            await self.account.archive.purge(before=before)
        except ArchiveError as error:
            logger.warning("What is too old could not be purged: %s", error)

    async def aclose(self) -> None:
        """Stop what goes on in the background and let go of every connection, file and process."""
        await self._transcribing.aclose()
        await self.account.aclose()


@asynccontextmanager
async def open_inbox(settings: "Settings") -> AsyncIterator[Inbox]:
    """Wire everything the settings ask for; nothing is imported, started or connected before it is used."""
    inbox = Inbox(settings, open_transcriber(settings))
    try:
        yield inbox
    finally:
        await inbox.aclose()
