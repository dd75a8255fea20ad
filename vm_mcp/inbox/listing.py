"""List messages from the PBX, with what the archive knows of each."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.archive import KnownTranscript
from vm_mcp.errors import ArchiveError, ConfigError
from vm_mcp.heard import heard_by
from vm_mcp.inbox.outcomes import ListedPage, ListedVoicemail
from vm_mcp.inbox.requests import ListRequest, encode_cursor
from vm_mcp.models import Voicemail

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account

logger = logging.getLogger(__name__)


class Listing:
    """Lists one account's messages. Nothing here marks a message as read."""

    def __init__(self, account: "Account") -> None:
        self._account = account

    async def page(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; see `vm_mcp.inbox.Inbox.list_voicemails`."""
        asked_at = self._account.clock()
        query = request.as_query(asked_at, self._account.settings.zone)
        keep = self._unheard if query.status == "unheard" else None
        pbx = await self._account.pbx()
        page = await pbx.voicemails.list(query, request.limit, keep)
        listed, notice = await self._recorded(page.voicemails, asked_at)
        return ListedPage(
            voicemails=tuple(listed),
            since=query.since,
            until=query.until,
            total_count=page.total_count,
            next_cursor=encode_cursor(page.next_query) if page.next_query else "",
            notice=notice,
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
        return await self._with_archived(await (await self._account.archive()).recent(limit, prefix))

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

    async def _unheard(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        retrievals = await (await self._account.archive()).retrievals([voicemail.uuid for voicemail in voicemails])
        return {
            voicemail.uuid
            for voicemail in voicemails
            if heard_by(voicemail, retrievals.get(voicemail.uuid)) != "person"
        }

    async def _recorded(self, voicemails: Sequence[Voicemail], asked_at: datetime) -> tuple[list[ListedVoicemail], str]:
        """Return the messages with what the archive knows of them, and a notice; the archive keeps what was listed.

        A list is useful without the archive, so a failure becomes the notice.
        """
        try:
            archive = await self._account.archive()
            await archive.note_listed(voicemails, asked_at)
            return await self._with_archived(voicemails), archive.notice
        except ArchiveError as error:
            logger.info("%s", error)  # no warning: the user reads it as the page's notice
            return [ListedVoicemail(**dict(voicemail)) for voicemail in voicemails], str(error)

    async def _with_archived(self, voicemails: Sequence[Voicemail]) -> list[ListedVoicemail]:
        uuids = [voicemail.uuid for voicemail in voicemails]
        archive = await self._account.archive()
        retrievals, transcripts = await archive.retrievals(uuids), await archive.known(uuids)
        none = KnownTranscript("", no_speech=False)
        return [
            ListedVoicemail(
                **dict(voicemail),
                heard_by=heard_by(voicemail, retrievals.get(voicemail.uuid)),
                **transcripts.get(voicemail.uuid, none)._asdict(),
            )
            for voicemail in voicemails
        ]
