"""What the archive keeps: read, searched, exported, purged. The PBX is asked at most whose a new key is."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError, ConfigError, DamagedTranscriptError
from vm_mcp.inbox.outcomes import Transcription, transcription_of
from vm_mcp.inbox.requests import ArchiveRequest, SearchRequest
from vm_mcp.models import SearchResult

if TYPE_CHECKING:
    from vm_mcp.archive import Purged
    from vm_mcp.inbox.account import Account
    from vm_mcp.inbox.known import KnownMessages
    from vm_mcp.inbox.outcomes import ListedVoicemail

logger = logging.getLogger(__name__)

RETENTION_CHECK_SECONDS = 6 * 3600.0
"""How often a running server purges messages past their retention."""


class History:
    """One account's messages and transcripts, those that this computer has seen."""

    def __init__(self, account: "Account", known: "KnownMessages") -> None:
        self._account = account
        self._known = known

    async def search(self, request: SearchRequest) -> SearchResult:
        """Return the messages that match what was said, who called, or a note.

        Raises:
            InputError: The query, a date or the range is unusable.
            ArchiveError: The archive can't be used.
        """
        where = request.as_range(self._account.now(), self._account.settings.zone)
        found = await (await self._account.archive()).search(request.query, where, request.limit)
        known = await self._known.join([hit.voicemail for hit in found.hits])
        hits = [hit.model_copy(update={"voicemail": each}) for hit, each in zip(found.hits, known, strict=True)]
        notice = self._account.access.hidden_notice(request.extension)
        return found.model_copy(update={"hits": tuple(hits), "notice": notice})

    async def transcriptions(self, request: ArchiveRequest) -> AsyncIterator[Transcription]:
        """Yield each message's latest transcript, oldest message first; one that can't be read is ``failed``.

        Raises:
            InputError: A date or the range is unusable.
            ArchiveError: The archive can't be used.
        """
        where = request.as_range(self._account.now(), self._account.settings.zone)
        around = await self._known.surroundings()
        async for voicemail, transcript in (await self._account.archive()).each(where):
            if transcript:
                [known] = await self._known.join([voicemail], around)
                yield transcription_of(voicemail.uuid, transcript, known)

    async def look_up(self, uuids: Iterable[str]) -> list[Transcription]:
        """Return each message's latest transcript, whatever made it.

        Returns:
            One entry per distinct uuid, in the order given; ``missing`` where there is no transcript.

        Raises:
            ArchiveError: The archive can't be used.
        """
        distinct = list(dict.fromkeys(uuids))
        known = await self._known.of_uuids(distinct)
        return [await self._look_up(uuid, known.get(uuid)) for uuid in distinct]

    async def transcriptions_of(self, messages: "Sequence[ListedVoicemail]") -> list[Transcription]:
        """Return the latest transcript of each message, whatever made it; ``missing`` where there is none.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return [await self._look_up(message.uuid, message) for message in messages]

    async def purge(self, *, before: datetime | None = None, caller: str = "", everything: bool = False) -> "Purged":
        """Delete messages and their transcripts from this computer, for good; see `vm_mcp.archive.Archive.purge`.

        Raises:
            AccessDeniedError: A person of a team asks.
            ArchiveError: The archive can't be used.
        """
        self._account.access.require_operator()
        return await (await self._account.archive()).purge(before=before, caller=caller, everything=everything)

    async def callers_like(self, wanted: str) -> list[str]:
        """Return the known callers that a misspelled or partial name or number may mean.

        Raises:
            ArchiveError: The archive can't be used.
        """
        return await (await self._account.archive()).callers_like(wanted)

    async def keep_forgetting(self) -> None:
        """Purge messages past their retention, now and every few hours, until cancelled."""
        while self._account.settings.retention_days:
            await self.forget_old()
            await asyncio.sleep(RETENTION_CHECK_SECONDS)

    async def forget_old(self) -> None:
        """Purge messages past ``VM_MCP_RETENTION_DAYS``, if it is set; a failure is only logged.

        In a team, the workers do that, and no person's server.
        """
        if not self._account.settings.retention_days or not self._account.access.is_operator:
            return
        before = self._account.clock() - timedelta(days=self._account.settings.retention_days)
        try:
            await self.purge(before=before)
        except (ArchiveError, ConfigError) as error:
            logger.warning("messages past their retention could not be purged: %s", error)

    async def _look_up(self, uuid: str, voicemail: "ListedVoicemail | None") -> Transcription:
        try:
            transcript = await (await self._account.archive()).latest(uuid)
        except DamagedTranscriptError as error:
            return transcription_of(uuid, error, voicemail)
        if transcript is None:
            return Transcription(uuid=uuid, status="missing", voicemail=voicemail)
        return transcription_of(uuid, transcript, voicemail)
