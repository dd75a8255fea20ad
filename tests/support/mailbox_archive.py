"""A team's archive in one SQLite file: a double of row-level security, for tests of what the inbox adds to it.

It shows a person what the team's database would: messages of their mailboxes, and what hangs on them. What the database
itself shows is for the tests of `vm_mcp.archive.postgres` to prove.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from vm_mcp.archive import Archive, KnownTranscript, Lease, MessageRange
from vm_mcp.archive.records import ALL_MESSAGES, Exported
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.handling import Mark
from vm_mcp.inbox.account import Account
from vm_mcp.inbox.backing import DeskBacking
from vm_mcp.models import Retrieval, SearchResult, Transcript, TranscriptKey, Voicemail
from vm_mcp.pbx import PbxClient
from vm_mcp.people import Access

_MOST = 1000


class TeamArchive(SqliteArchive):
    """Shows one person's messages."""

    def __init__(self, path: Path, access: Access) -> None:
        super().__init__(path)
        self._access = access

    async def voicemail(self, uuid: str) -> Voicemail | None:
        found = await super().voicemail(uuid)
        return found if found and self._access.sees(found.extension) else None

    async def recent(self, limit: int, prefix: str = "") -> list[Voicemail]:
        return [each for each in await super().recent(_MOST, prefix) if self._access.sees(each.extension)][:limit]

    async def known(self, uuids: Sequence[str]) -> dict[str, KnownTranscript]:
        return await super().known(await self._seen(uuids))

    async def transcript(self, key: TranscriptKey) -> Transcript | None:
        return await super().transcript(key) if await self._seen([key.uuid]) else None

    async def latest(self, uuid: str) -> Transcript | None:
        return await super().latest(uuid) if await self._seen([uuid]) else None

    async def newest_id(self, uuid: str) -> int:
        return await super().newest_id(uuid) if await self._seen([uuid]) else 0

    async def acquire(self, key: TranscriptKey, newer_than: int = 0) -> Lease | Transcript | None:
        await self._check([key.uuid])
        return await super().acquire(key, newer_than)

    async def record_retrieval(
        self, uuid: str, opened_at: datetime, *, clock_offset_seconds: float | None = None, by: str = ""
    ) -> None:
        await self._check([uuid])
        await super().record_retrieval(uuid, opened_at, clock_offset_seconds=clock_offset_seconds, by=by)

    async def retrievals(self, uuids: Sequence[str]) -> dict[str, Retrieval]:
        return await super().retrievals(await self._seen(uuids))

    async def search(self, query: str, where: MessageRange = ALL_MESSAGES, limit: int = 20) -> SearchResult:
        hits = (await super().search(query, where, _MOST)).hits
        seen = [hit for hit in hits if self._access.sees(hit.voicemail.extension)]
        near = sum(bool(hit.close) for hit in seen)
        return SearchResult(hits=tuple(seen[:limit]), total_count=len(seen), near_count=near)

    async def each(self, where: MessageRange = ALL_MESSAGES) -> AsyncIterator[Exported]:
        async for exported in super().each(where):
            if self._access.sees(exported[0].extension):
                yield exported

    async def message_uuids(self, since: datetime) -> list[str]:
        return await self._seen(await super().message_uuids(since))

    async def uuids_ending(self, ending: str, limit: int) -> list[str]:
        return (await self._seen(await super().uuids_ending(ending, _MOST)))[:limit]

    async def mark(self, uuids: Sequence[str], mark: Mark) -> None:
        await super().mark(await self._seen(uuids), mark)

    async def marks(self, uuids: Sequence[str]) -> dict[str, Mark]:
        return await super().marks(await self._seen(uuids))

    async def _seen(self, uuids: Iterable[str]) -> list[str]:
        return [uuid for uuid in uuids if await self.voicemail(uuid)]

    async def _check(self, uuids: Sequence[str]) -> None:
        """Fail as row-level security does where somebody writes beside a message that they don't see."""
        assert await self._seen(uuids) == list(uuids)


class TeamBacking(DeskBacking):
    """An account's archive, as each person of a team sees it, and a client each."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "team.sqlite3"

    async def open_archive(self, account: Account) -> Archive:
        return TeamArchive(self.path, account.access)

    def open_client(self, account: Account) -> PbxClient:
        return PbxClient(account.settings, clock=account.clock)
