"""List messages from the PBX, with what is known of each."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.inbox.outcomes import ListedPage, ListedVoicemail
from vm_mcp.inbox.requests import ListRequest, encode_cursor
from vm_mcp.models import Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.wording import plural, sentences, words

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.neighbours import Neighbours
    from vm_mcp.inbox.surroundings import Surroundings
    from vm_mcp.pbx.caller_filter import CallerNames

logger = logging.getLogger(__name__)


class Listing:
    """Lists one account's messages. Nothing here marks a message as read."""

    def __init__(self, account: "Account", neighbours: "Neighbours", known: "KnownMessages") -> None:
        self._account = account
        self._neighbours = neighbours
        self._known = known

    async def page(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; see `vm_mcp.inbox.Inbox.list_voicemails`."""
        await self._account.pbx()  # without a key there is no archive either
        asked_at = self._account.clock()
        query = request.as_query(self._account.now(), self._account.settings.zone)
        offset = self._account.clock_offset
        choice = await self._choice(query)
        page = await self._list(query, request.limit, choice)
        if offset != self._account.clock_offset and (request.since or request.until) and not request.cursor:
            # The first answer shows how wrong this computer's clock is. "Today" may be another day.
            query = request.as_query(self._account.now(), self._account.settings.zone)
            choice = await self._choice(query)
            page = await self._list(query, request.limit, choice)
        listed, notice = await self._recorded(page.voicemails, asked_at)
        return ListedPage(
            voicemails=tuple(listed),
            since=query.since,
            until=min(query.until, self._account.now()),
            total_count=page.total_count,
            listed_since=page.next_query.after.received_at if page.next_query and page.next_query.after else None,
            next_cursor=encode_cursor(page.next_query) if page.next_query else "",
            notice=sentences(
                self._account.access.hidden_notice(query.extension) or _hint(request, listed),
                _notice_of(choice),
                notice,
                self._account.clock_notice,
            ),
        )

    async def one(self, uuid: str) -> ListedVoicemail:
        """Return one message by its uuid, whenever it was left.

        Raises:
            VoicemailNotFoundError: No message has that uuid.
        """
        asked_at = self._account.clock()
        voicemail = await (await self._account.pbx()).voicemails.get(uuid)
        listed, _ = await self._recorded([voicemail], asked_at)
        return listed[0]

    async def recent(self, limit: int, prefix: str = "") -> list[ListedVoicemail]:
        """Return the latest messages in the archive, newest first, whose uuid begins with ``prefix``.

        They are as they were last listed; the PBX is not asked.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self._known.join(await (await self._account.archive()).recent(limit, prefix))

    async def latest(self, limit: int) -> list[ListedVoicemail]:
        """Return the latest messages as `recent` does; where none was ever listed, ask the PBX.

        Raises:
            ArchiveError: The archive can't be used.
            PbxError: The PBX could not answer.
        """
        with suppress(ConfigError):  # without a key there is nothing to list, and the tools say what to do
            if recent := await self.recent(limit):
                return recent
            return list((await self.page(ListRequest(limit=limit))).voicemails)
        return []

    async def _list(self, query: VoicemailQuery, limit: int, choice: "_Choice | None") -> VoicemailPage:
        pbx = await self._account.pbx()
        keep = choice.keep if choice else None
        return await pbx.voicemails.list(query, limit, keep, caller_names=await self._caller_names(query.caller))

    async def _caller_names(self, caller: str) -> "CallerNames | None":
        """Return what finds the address book's names of a message's caller; None where these can't matter."""
        if not caller:
            return None
        with suppress(ArchiveError):
            await self._neighbours.refresh()
            people = await self._neighbours.people()
            return lambda voicemail: [
                part for each in people.contacts_of(voicemail.caller_id_number) for part in (each.name, each.company)
            ]
        return None

    async def _choice(self, query: VoicemailQuery) -> "_Choice | None":
        """Return what chooses the messages of a status that the PBX doesn't know; None for any other."""
        if query.status == "unheard":
            return _Unheard(self._known, self._neighbours, query.since)
        if query.status == "open":
            await self._neighbours.refresh()
            return _Open(self._known, await self._neighbours.surroundings(query.since))
        return None

    async def _recorded(self, voicemails: Sequence[Voicemail], asked_at: datetime) -> tuple[list[ListedVoicemail], str]:
        """Return the messages with what is known of them, and a notice; the archive keeps what was listed.

        A list is useful without the archive, so a failure becomes the notice.
        """
        try:
            archive = await self._account.archive()
            await archive.note_listed(voicemails, asked_at)
            await self._neighbours.refresh()
            received = [voicemail.received_at for voicemail in voicemails if voicemail.received_at]
            around = await self._neighbours.surroundings(min(received, default=None))
            listed = await self._known.join(voicemails, around)
            return listed, sentences(archive.notice, around.notice if voicemails else "")
        except ArchiveError as error:
            logger.info("%s", error)  # no warning: the user reads it as the page's notice
            return [ListedVoicemail(**dict(voicemail)) for voicemail in voicemails], error.words


def _hint(request: ListRequest, listed: Sequence[ListedVoicemail]) -> str:
    """Return what else finds a caller who may only have said a name."""
    if listed or not request.caller:
        return ""
    return words("No caller or contact is called so; search_transcripts finds who says a name.")


def _notice_of(choice: "_Choice | None") -> str:
    return choice.notice if choice else ""


class _Choice:
    """Chooses messages of a list that the PBX can't choose."""

    notice = ""
    """What to say of those left out."""

    async def keep(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        """Return the `Voicemail.row_id` of those that belong to the list."""
        raise NotImplementedError


class _Open(_Choice):
    """Messages that were neither called back nor closed."""

    def __init__(self, known: "KnownMessages", surroundings: "Surroundings") -> None:
        self._known = known
        self._surroundings = surroundings

    async def keep(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        joined = await self._known.join(voicemails, self._surroundings)
        return {message.row_id for message in joined if message.is_open}


class _Unheard(_Choice):
    """Messages that no person has heard. Heard is not handled, so those left out that are still open are counted."""

    def __init__(self, known: "KnownMessages", neighbours: "Neighbours", since: datetime) -> None:
        self._known = known
        self._neighbours = neighbours
        self._since = since
        self._surroundings: Surroundings | None = None
        """Read once for all pages of the PBX, and only after it has answered: its errors matter more."""
        self._heard_and_open = 0
        self._is_known = True

    async def keep(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        self._surroundings = self._surroundings or await self._neighbours.surroundings(self._since)
        joined = await self._known.join(voicemails, self._surroundings)
        left = [message for message in joined if message.heard_by == "person" and message.is_open]
        self._heard_and_open += len(left)
        self._is_known &= all(message.state != "unknown" for message in left)
        return {message.row_id for message in joined if message.heard_by != "person"}

    @property
    def notice(self) -> str:  # type: ignore[override]
        if not self._heard_and_open:
            return ""
        known = words("not called back") if self._is_known else words("whether they were answered is not known")
        return plural(
            "{count} more was heard by a person; {known}: list them with status `open`.",
            "{count} more were heard by a person; {known}: list them with status `open`.",
            self._heard_and_open,
            known=known,
        )
