"""Retrieve recordings: as a link, in memory or as a file. Each of these marks the message as read."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.errors import AccessDeniedError, RecordingError
from vm_mcp.files import check_writable, write_atomically
from vm_mcp.inbox.outcomes import SavedRecording
from vm_mcp.models import Recording, RecordingLink
from vm_mcp.os_reasons import os_reason

if TYPE_CHECKING:
    from vm_mcp.inbox.account import Account
    from vm_mcp.pbx.voicemails import OnAsked

_NOT_HERE = (
    "A team's server saves no recordings: the file would be on its disk, not on yours. Nothing was retrieved. Ask for "
    "delivery `link` or `inline`."
)


class Recordings:
    """One account's recordings."""

    def __init__(self, account: "Account") -> None:
        self._account = account

    async def link(self, uuid: str) -> RecordingLink:
        """Return a link to a recording."""
        async with self._account.retrieving(uuid) as before_asking:
            return await (await self._account.pbx()).voicemails.recording_link(uuid, before_asking)

    async def fetch(self, uuid: str, on_asked: "OnAsked | None" = None) -> Recording:
        """Download a recording into memory.

        Args:
            uuid: The message.
            on_asked: Called right before the PBX is asked, which marks the message as read.
        """
        async with self._account.retrieving(uuid, on_asked) as before_asking:
            return await (await self._account.pbx()).voicemails.fetch_recording(uuid, before_asking)

    async def save(self, uuid: str) -> SavedRecording:
        """Download a recording into the user's folder.

        Raises:
            AccessDeniedError: A person of a team asks, whose folder this is not.
            RecordingError: The recording can't be retrieved, or the folder can't be written.
            ArchiveError: The retrieval can't be recorded; the PBX was not asked.
        """
        if self._account.access.person:  # on a server, where nobody would hear the message that now looks read
            raise AccessDeniedError(_NOT_HERE)
        folder = self._account.settings.recordings_dir
        # All that can fail comes before the retrieval, which marks the message as read.
        await asyncio.to_thread(_check_folder, folder)
        listed = await (await self._account.archive()).voicemail(uuid)
        recording = await self.fetch(uuid)
        name = self._file_name(recording, listed.received_at if listed else None)
        path = await asyncio.to_thread(_save, folder / name, recording.data)
        return SavedRecording(
            uuid=uuid,
            path=path,
            mime_type=recording.mime_type,
            size_bytes=recording.size_bytes,
            sha256=recording.sha256,
        )

    def _file_name(self, recording: Recording, received_at: datetime | None) -> str:
        """Return a name made of our own parts alone, when the message was left and a digest of the audio.

        Nothing in it is the caller's or the PBX's choice, so it can't lead out of the folder.
        """
        local = received_at.astimezone(self._account.settings.zone) if received_at else None
        timestamp = f"{local:%Y%m%d-%H%M%S}-" if local else ""
        return f"voicemail-{timestamp}{recording.sha256[:12]}{recording.suffix}"


def _check_folder(folder: Path) -> None:
    """Fail before the PBX is asked; otherwise the message would be marked as read for nothing."""
    try:
        check_writable(folder)
    except OSError as error:
        raise _unwritable(error) from error


def _save(path: Path, data: bytes) -> Path:
    try:
        write_atomically(path, data)
    except OSError as error:
        raise _unwritable(error) from error
    return path


def _unwritable(error: OSError) -> RecordingError:
    return RecordingError(
        "The folder for recordings can't be written ({reason}). Make room, or set VM_MCP_DOWNLOAD_DIR to a folder "
        "that you may write.",
        reason=os_reason(error),
    )
