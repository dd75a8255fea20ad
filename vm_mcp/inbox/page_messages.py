"""What the inbox page shows: messages with all that is known of them, their transcripts included."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import Field

from vm_mcp.errors import ArchiveError
from vm_mcp.inbox.outcomes import ListedVoicemail, Transcription
from vm_mcp.inbox.requests import ListRequest, SearchRequest
from vm_mcp.models import Model, ReadStatus, SearchHit
from vm_mcp.wording import Words

if TYPE_CHECKING:
    from vm_mcp.inbox.facade import Inbox

LOOKED_AT = 500
"""Latest messages in the archive, whose mailboxes are offered as filters."""


class PageRequest(Model):
    """Which messages a page asks for."""

    status: ReadStatus = "open"
    query: str = ""
    """Search for this; then `status` and `cursor` don't matter."""
    extension: str = ""
    since: str = ""
    uuid: str = ""
    """Only this message; then nothing else matters."""
    cursor: str = ""
    limit: int = Field(default=20, ge=1)


class PageMessage(Model):
    """A message, its transcript, and what playing it would do."""

    entry: Transcription
    hit: SearchHit | None = None
    """What a search found in it."""
    playing_marks_read: bool = False
    """Whether it is unread as far as is known, and its recording isn't held here."""

    @property
    def voicemail(self) -> ListedVoicemail:
        """The message."""
        assert self.entry.voicemail  # noqa: S101 - it was listed
        return self.entry.voicemail


class MessagePage(Model):
    """A page of messages, and what else the page shows."""

    messages: tuple[PageMessage, ...]
    mailboxes: tuple[str, ...]
    """Those of all messages that are known."""
    now: datetime
    can_play: bool
    can_update: bool
    total_count: int | None = None
    next_cursor: str = ""
    notice: Words = Words("")
    is_whole: bool = False
    """Whether one message was asked for, and is to be shown however long it is."""


async def message_page(inbox: "Inbox", request: PageRequest) -> MessagePage:
    """Return a page of messages; marks nothing as read.

    Raises:
        VmError: Whatever listing or searching raises.
    """
    if request.uuid:
        [uuid] = await inbox.whole_uuids([request.uuid])
        return await _page(inbox, [await inbox.listing.one(uuid)], is_whole=True)
    if request.query:
        search = SearchRequest(
            query=request.query, since=request.since, extension=request.extension, limit=request.limit
        )
        found = await inbox.history.search(search)
        listed = [ListedVoicemail.model_validate(dict(hit.voicemail)) for hit in found.hits]
        return await _page(inbox, listed, hits=found.hits, total_count=found.total_count, notice=found.notice)
    listing = ListRequest(
        status=request.status,
        since=request.since,
        extension=request.extension,
        limit=request.limit,
        cursor=request.cursor,
    )
    page = await inbox.listing.page(listing)  # starts no speech engine: a page that lists transcribes nothing
    return await _page(
        inbox, page.voicemails, total_count=page.total_count, next_cursor=page.next_cursor, notice=page.notice
    )


async def messages_again(inbox: "Inbox", listed: Sequence[ListedVoicemail]) -> MessagePage:
    """Return messages that are listed already as a page shows them.

    Raises:
        ArchiveError: The archive can't be used.
    """
    return await _page(inbox, listed)


async def _page(
    inbox: "Inbox", listed: Sequence[ListedVoicemail], hits: Sequence[SearchHit] = (), **more: object
) -> MessagePage:
    entries = [Transcription(uuid=message.uuid, status="missing", voicemail=message) for message in listed]
    unread = {message.uuid for message in listed if not message.is_read}
    with suppress(ArchiveError):  # the list's notice says so
        entries = await inbox.history.transcriptions_of(listed)
        unread = await inbox.known.unread(listed)
    messages = [
        PageMessage(
            entry=entry,
            hit=hits[at] if hits else None,
            playing_marks_read=entry.uuid in unread and not inbox.playing.holds(entry.uuid),
        )
        for at, entry in enumerate(entries)
    ]
    return MessagePage.model_validate(
        {
            "messages": tuple(messages),
            "mailboxes": await _mailboxes(inbox, listed),
            "now": inbox.account.now(),
            "can_play": inbox.can_play,
            "can_update": inbox.can_update,
            **more,
        }
    )


async def _mailboxes(inbox: "Inbox", listed: Sequence[ListedVoicemail]) -> tuple[str, ...]:
    extensions = {message.extension for message in listed}
    with suppress(ArchiveError):
        extensions |= {message.extension for message in await (await inbox.account.archive()).recent(LOOKED_AT)}
    return tuple(sorted(extensions - {""}, key=lambda extension: (len(extension), extension)))
