"""`Inbox`: one account's voicemail, and everything that can be done with it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.asr import open_transcriber
from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.inbox.account import Account, Clock
from vm_mcp.inbox.backing import Backing, DeskBacking
from vm_mcp.inbox.choosing import Chosen, choose
from vm_mcp.inbox.fetched import FetchedRecordings
from vm_mcp.inbox.history import History
from vm_mcp.inbox.known import KnownMessages
from vm_mcp.inbox.listing import Listing
from vm_mcp.inbox.marking import Marking
from vm_mcp.inbox.missed import MissedCalls, missed_in, seen_calls_notice, to_extension, unplaced_notice
from vm_mcp.inbox.neighbours import Neighbours
from vm_mcp.inbox.outcomes import ListedPage, MissedCall, Overview
from vm_mcp.inbox.overview import LOOKED_AT, overview
from vm_mcp.inbox.playing import Playing, has_decoder
from vm_mcp.inbox.recordings import Recordings
from vm_mcp.inbox.requests import ListRequest
from vm_mcp.inbox.transcribing import GRACE_SECONDS, Transcribing
from vm_mcp.people import EVERYTHING, Access
from vm_mcp.wording import sentences

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
        access: Who asks, and what of the account they may see and do.
        backing: What it stands on; None: this process and this computer alone.
    """

    def __init__(  # noqa: PLR0913 - what it stands on is replaced by a team and in tests
        self,
        settings: "Settings",
        transcriber: "Transcriber",
        clock: Clock = _now,
        grace_seconds: float = GRACE_SECONDS,
        *,
        access: Access = EVERYTHING,
        backing: Backing | None = None,
    ) -> None:
        self.settings = settings
        backing = backing or DeskBacking()
        self.account = Account(settings, clock, backing, access)
        self.neighbours = Neighbours(self.account)
        """Reads call records, contacts and extensions now and then."""
        self.known = KnownMessages(self.account, self.neighbours)
        """Joins all that is known of messages."""
        self.listing = Listing(self.account, self.neighbours, self.known)
        """Lists messages from the PBX, with what is known of them."""
        self.missed = MissedCalls(self.account, self.listing, self.neighbours)
        """Lists missed calls that left no message."""
        self.marking = Marking(self.account, self.known)
        """Keeps what persons say of messages."""
        self.recordings = Recordings(self.account)
        """Retrieves recordings, which marks messages as read."""
        fetched = FetchedRecordings(self.recordings)
        self.playing = Playing(fetched, self.known)
        """Turns recordings into samples that a page can play, which marks messages as read."""
        maker = backing.maker(self.account, fetched, self.known, transcriber)
        self.transcribing = Transcribing(self.account, self.known, transcriber, maker, grace_seconds)
        """Transcribes messages, which marks them as read."""
        self.history = History(self.account, self.known)
        """Reads, searches, exports and purges what the archive keeps."""

    @property
    def can_retrieve(self) -> bool:
        """Whether recordings may be retrieved, by the settings and by who asks, which marks their messages as read."""
        return not self.settings.read_only and self.account.access.can("voicemail:open")

    @property
    def can_transcribe(self) -> bool:
        """Whether the settings and who asks allow messages to be transcribed; else earlier transcripts can be read."""
        return self.can_retrieve and self.settings.engine != "none"

    @property
    def can_play(self) -> bool:
        """Whether recordings may be retrieved, and can be decoded on this computer."""
        return self.can_retrieve and has_decoder()

    @property
    def can_update(self) -> bool:
        """Whether who asks may note what became of messages."""
        return self.account.access.can("voicemail:update")

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

    async def choose(self, request: ListRequest) -> Chosen:
        """Return the newest messages that match; see `vm_mcp.inbox.choosing`.

        Raises:
            VmError: Whatever `list_voicemails` raises.
        """
        return await choose(self.listing, request)

    async def whole_uuids(self, endings: Sequence[str]) -> list[str]:
        """Return uuids for uuids and unambiguous ends of them; what is not known here comes back as it is.

        Raises:
            InputError: Several messages end so.
        """
        with suppress(ArchiveError, ConfigError):  # whatever is asked next says what is wrong
            return [await self.marking.whole_uuid(ending) for ending in endings]
        return list(endings)

    async def overview(self, extension: str = "", since: str = "") -> Overview:
        """Count messages, and find who waits and who called without leaving one, from one list.

        Marks nothing as read. Without ``since``, it covers the last days.

        Raises:
            ConfigError: No API key, or an unusable address.
            InputError: ``since`` is unusable.
            PbxError: The PBX could not answer; never mistaken for an empty inbox.
        """
        page = await self.list_voicemails(ListRequest(since=since, extension=extension, limit=LOOKED_AT))
        missed = await self._missed(page)
        placed = None if missed is None else to_extension(missed, extension.strip())
        notices = (
            unplaced_notice(missed or (), extension.strip()),
            seen_calls_notice(self.account.access),
            page.notice,
        )
        return overview(page.model_copy(update={"notice": sentences(*notices)}), placed)

    async def _missed(self, page: ListedPage) -> tuple[MissedCall, ...] | None:
        with suppress(ArchiveError):  # the page's notice says so
            return missed_in(await self.neighbours.surroundings(page.since), page.since, page.until)
        return None

    async def aclose(self) -> None:
        """Stop the background work; close every connection, file and process."""
        await self.neighbours.aclose()
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
