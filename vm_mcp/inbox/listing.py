"""Listing: what the PBX has, with what this computer knows of it."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.archive import KnownTranscript
from vm_mcp.errors import ArchiveError
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
        """List messages, newest first; see `vm_mcp.inbox.Inbox.list_voicemails`."""
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
        """Look one message up; see `vm_mcp.inbox.Inbox.get`."""
        asked_at = self._account.clock()
        voicemail = await (await self._account.pbx()).voicemails.get(uuid)
        listed, _ = await self._noted([voicemail], asked_at)
        return listed[0]

    async def recent(self, limit: int, prefix: str) -> list[ListedVoicemail]:
        """Give the latest that were listed before; see `vm_mcp.inbox.Inbox.recent`."""
        return await self._with_what_is_known(await self._account.archive.recent(limit, prefix))

    async def _unheard(self, voicemails: Sequence[Voicemail]) -> Collection[str]:
        openings = await self._account.archive.openings([voicemail.uuid for voicemail in voicemails])
        return {
            voicemail.uuid for voicemail in voicemails if heard_by(voicemail, openings.get(voicemail.uuid)) != "person"
        }

    async def _noted(self, voicemails: Sequence[Voicemail], asked_at: datetime) -> tuple[list[ListedVoicemail], str]:
        """Keep a list, and add what the archive has; it is worth having without, so a failure is only told of."""
        archive = self._account.archive
        try:
            await archive.note_listed(voicemails, asked_at)
            return await self._with_what_is_known(voicemails), archive.notice
        except ArchiveError as error:
            logger.info("%s", error)  # the page says so itself
            return [ListedVoicemail(**dict(voicemail)) for voicemail in voicemails], str(error)

    async def _with_what_is_known(self, voicemails: Sequence[Voicemail]) -> list[ListedVoicemail]:
        uuids = [voicemail.uuid for voicemail in voicemails]
        openings = await self._account.archive.openings(uuids)
        known = await self._account.archive.known(uuids)
        nothing = KnownTranscript("", no_speech=False)
        return [
            ListedVoicemail(
                **dict(voicemail),
                heard_by=heard_by(voicemail, openings.get(voicemail.uuid)),
                **known.get(voicemail.uuid, nothing)._asdict(),
            )
            for voicemail in voicemails
        ]
