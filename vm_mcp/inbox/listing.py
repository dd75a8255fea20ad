"""Listing: what the PBX has, with what this computer knows of it."""

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
    """Lists one account's messages; marks none as read."""

    def __init__(self, account: "Account") -> None:
        self._account = account

    async def page(self, request: ListRequest) -> ListedPage:
        """List messages, newest first; marks nothing as read. See `vm_mcp.inbox.Inbox.list_voicemails`."""
        asked_at = self._account.clock()
        query = request.as_query(asked_at, self._account.settings.zone)
        keep = self._unheard if query.status == "unheard" else None
        pbx = await self._account.pbx()
        page = await pbx.voicemails.list(query, request.limit, keep)
        listed, notice = await self._noted(page.voicemails, asked_at)
        return ListedPage(
            voicemails=tuple(listed),
            since=query.since,
            until=query.until,
            total_count=page.total_count,
            next_cursor=encode_cursor(page.next_query) if page.next_query else "",
            notice=notice,
        )

    async def one(self, uuid: str) -> ListedVoicemail:
        """Look one message up by its uuid, whenever it was left; marks nothing as read.

        Raises:
            VoicemailNotFoundError: There is none.
        """
        asked_at = self._account.clock()
        voicemail = await (await self._account.pbx()).voicemails.get(uuid)
        listed, _ = await self._noted([voicemail], asked_at)
        return listed[0]

    async def recent(self, limit: int, prefix: str = "") -> list[ListedVoicemail]:
        """Return the latest messages listed on this computer, newest first, whose uuid begins with ``prefix``.

        They are as they were last listed; asks the PBX nothing.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await self._with_what_is_known(await (await self._account.archive()).recent(limit, prefix))

    async def latest(self, limit: int) -> list[ListedVoicemail]:
        """Return the latest messages as `recent` does; where none was listed yet, the PBX is asked.

        Raises:
            ArchiveError: The archive can't be used.
            PbxError: The PBX could not answer.
        """
        with suppress(ConfigError):  # before there is a key there is nothing to list, and the tools say so
            if found := await self.recent(limit):
                return found
            return list((await self.page(ListRequest(limit=limit))).voicemails)
        return []

    async def _unheard(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        openings = await (await self._account.archive()).openings([voicemail.uuid for voicemail in voicemails])
        return {
            voicemail.uuid for voicemail in voicemails if heard_by(voicemail, openings.get(voicemail.uuid)) != "person"
        }

    async def _noted(self, voicemails: Sequence[Voicemail], asked_at: datetime) -> tuple[list[ListedVoicemail], str]:
        """Keep a list, and add what the archive has; it is worth having without, so a failure is only told of."""
        try:
            archive = await self._account.archive()
            await archive.note_listed(voicemails, asked_at)
            return await self._with_what_is_known(voicemails), archive.notice
        except ArchiveError as error:
            logger.info("%s", error)  # the page says so itself
            return [ListedVoicemail(**dict(voicemail)) for voicemail in voicemails], str(error)

    async def _with_what_is_known(self, voicemails: Sequence[Voicemail]) -> list[ListedVoicemail]:
        uuids = [voicemail.uuid for voicemail in voicemails]
        archive = await self._account.archive()
        openings, known = await archive.openings(uuids), await archive.known(uuids)
        nothing = KnownTranscript("", no_speech=False)
        return [
            ListedVoicemail(
                **dict(voicemail),
                heard_by=heard_by(voicemail, openings.get(voicemail.uuid)),
                **known.get(voicemail.uuid, nothing)._asdict(),
            )
            for voicemail in voicemails
        ]
