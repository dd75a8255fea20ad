"""Recordings that were downloaded and are not transcribed yet.

Their messages look read to everybody by now, so the audio must not be lost to a stopped or failed transcription; and
whoever plays a message that is being transcribed need not ask the PBX again.
"""

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from vm_mcp.models import Recording

if TYPE_CHECKING:
    from vm_mcp.inbox.recordings import Recordings
    from vm_mcp.pbx.voicemails import OnAsked

FETCHED_KEPT = 8
"""Recordings kept in memory, the latest: those of transcriptions that run, were stopped or failed, and those that were
played and may be transcribed next."""


class FetchedRecordings:
    """One account's downloaded recordings, in memory."""

    def __init__(self, recordings: "Recordings") -> None:
        self._recordings = recordings
        self._kept: dict[str, Recording] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._kept

    async def get(self, uuid: str, on_asked: "OnAsked") -> Recording:
        """Return a recording, downloaded once for all concurrent callers, and keep it until `forget`.

        Args:
            uuid: The message.
            on_asked: Called right before the PBX is asked, which marks the message as read.

        Raises:
            PbxError: The recording can't be retrieved.
            ArchiveError: The retrieval can't be recorded; the PBX was not asked.
        """
        # Weak values: a lock lives for as long as somebody holds or awaits it, and the table doesn't grow.
        lock = self._locks.setdefault(uuid, asyncio.Lock())
        async with lock:
            if uuid not in self._kept:
                self._kept[uuid] = await self._recordings.fetch(uuid, on_asked)
                for oldest in list(self._kept)[:-FETCHED_KEPT]:
                    del self._kept[oldest]
            return self._kept[uuid]

    def forget(self, uuid: str) -> None:
        """Drop a recording whose transcript is saved."""
        self._kept.pop(uuid, None)
