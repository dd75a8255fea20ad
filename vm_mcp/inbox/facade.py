"""`Inbox`: one account's voicemail, and everything that can be done with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.asr import open_transcriber
from vm_mcp.inbox.account import Account, Clock
from vm_mcp.inbox.history import History
from vm_mcp.inbox.listing import Listing
from vm_mcp.inbox.outcomes import ListedPage, Overview
from vm_mcp.inbox.overview import LOOKED_AT, overview
from vm_mcp.inbox.recordings import Recordings
from vm_mcp.inbox.requests import ListRequest
from vm_mcp.inbox.transcribing import GRACE_SECONDS, Transcribing

if TYPE_CHECKING:
    from vm_mcp.asr import Transcriber
    from vm_mcp.config import Settings


def _now() -> datetime:
    return datetime.now(UTC)


class Inbox:
    """One account's voicemail. Not thread-safe: use it from one event loop, and close it there.

    Args:
        settings: The account's settings.
        transcriber: Turns recordings into text; closed with the inbox.
        clock: Returns the current time, aware.
        grace_seconds: How long a message marked as read is worked on after its last call was cancelled.
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
        self.listing = Listing(self.account)
        """Lists messages from the PBX, with what the archive knows of them."""
        self.recordings = Recordings(self.account)
        """Retrieves recordings, which marks messages as read."""
        self.transcribing = Transcribing(self.account, self.recordings, transcriber, grace_seconds)
        """Transcribes messages, which marks them as read."""
        self.history = History(self.account)
        """Reads, searches, exports and purges what the archive keeps."""

    @property
    def can_retrieve(self) -> bool:
        """Whether the settings allow recordings to be retrieved, which marks their messages as read."""
        return not self.settings.read_only

    @property
    def can_transcribe(self) -> bool:
        """Whether the settings allow messages to be transcribed; else only earlier transcripts can be read."""
        return self.can_retrieve and self.settings.engine != "none"

    async def list_voicemails(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; marks nothing as read. New ones start the speech engine in the background.

        Raises:
            InputError: A date, the cursor or the range is unusable.
            ConfigError: No API key, or an unusable address.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
            ArchiveError: The request is for unheard messages, and without the archive these are not known.
        """
        page = await self.listing.page(request)
        has_new = any(not (item.is_read or item.first_line or item.no_speech) for item in page.voicemails)
        if has_new and self.can_retrieve:
            self.transcribing.warm_up()
        return page

    async def overview(self, extension: str = "") -> Overview:
        """Count the messages of the last days and find who is waiting, from one list; marks nothing as read.

        Raises:
            ConfigError: No API key, or an unusable address.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
        """
        return overview(await self.list_voicemails(ListRequest(extension=extension, limit=LOOKED_AT)))

    async def aclose(self) -> None:
        """Stop the background work; close every connection, file and process."""
        await self.transcribing.aclose()
        await self.account.aclose()


@asynccontextmanager
async def open_inbox(settings: "Settings") -> AsyncIterator[Inbox]:
    """Open the inbox that the settings describe; nothing is imported, started or connected before it is used."""
    inbox = Inbox(settings, open_transcriber(settings))
    try:
        yield inbox
    finally:
        await inbox.aclose()
