"""Recordings that were downloaded and are not transcribed yet: by then their messages look read to everybody."""

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from vm_mcp.models import Recording

if TYPE_CHECKING:
    from vm_mcp.inbox.recordings import Recordings
    from vm_mcp.pbx.voicemails import OnAsked

FETCHED_KEPT = 8
"""Recordings kept in memory because their transcription was stopped or failed, the latest."""


class FetchedRecordings:
    """One account's recordings at hand, in memory."""

    def __init__(self, recordings: "Recordings") -> None:
        self._recordings = recordings
        self._kept: dict[str, Recording] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._kept

    async def get(self, uuid: str, on_asked: "OnAsked") -> Recording:
        """Return a recording and keep it until `forget`, downloaded unless it is at hand, once for all who ask.

        Args:
            uuid: The message.
            on_asked: Called right before the PBX is asked, which marks the message as read.

        Raises:
            PbxError: It can't be had.
            ArchiveError: The opening can't be noted; the PBX was not asked.
        """
        lock = self._locks.setdefault(uuid, asyncio.Lock())
        async with lock:
            if uuid not in self._kept:
                self._kept[uuid] = await self._recordings.fetch(uuid, on_asked)
                for oldest in list(self._kept)[:-FETCHED_KEPT]:
                    del self._kept[oldest]
            return self._kept[uuid]

    def forget(self, uuid: str) -> None:
        """Let go of a recording whose transcript is kept."""
        self._kept.pop(uuid, None)
