"""Play messages on a page: retrieve a recording once, decode it once, and hand it out piece by piece."""

import asyncio
import importlib.util
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.errors import RecordingError

if TYPE_CHECKING:
    from vm_mcp.audio import PlayableSound
    from vm_mcp.inbox.fetched import FetchedRecordings
    from vm_mcp.inbox.known import KnownMessages

KEPT_BYTES = 4_000_000
"""Of decoded sounds, kept for whoever plays on or again: eight minutes of a telephone's. The latest is kept whole."""
MOST_BYTES = 220_000
"""Of one piece, 27 s of a telephone's sound. As base64 it takes a third more; hosts accept 1 MB."""
_NO_DECODER = (
    "This computer has no audio decoder, so nothing was retrieved. Install vm-mcp again as vm-mcp[whisper], or get the "
    "recording with get_recording."
)


_SILENCE = (
    b"RIFF\x64\x06\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x40\x06\0\0" + bytes(1600)
)
"""A tenth of a second as a WAV file."""


class SoundPiece(NamedTuple):
    """A piece of a message's sound."""

    sample_rate: int
    """Hz."""
    total_samples: int
    """Of the whole message."""
    offset: int
    """Of its first sample in the message."""
    mulaw: bytes
    """A byte a sample, see `vm_mcp.audio.PlayableSound`."""
    marked_read: bool
    """Whether this call made the PBX mark the message as read, which was unread as far as is known."""


def warm_up() -> None:
    """Import and try the decoder, if there is one, so that the first sound doesn't wait for it."""
    if has_decoder():
        from vm_mcp.audio import to_playable

        to_playable(_SILENCE)


def has_decoder() -> bool:
    """Return whether recordings can be decoded here; engines bring the decoder along."""
    return importlib.util.find_spec("av") is not None


class Playing:
    """One account's messages as sounds. Use it from one event loop."""

    def __init__(self, fetched: "FetchedRecordings", known: "KnownMessages") -> None:
        self._fetched = fetched
        self._known = known
        self._sounds: dict[str, PlayableSound] = {}
        """The one used last comes last."""

    def holds(self, uuid: str) -> bool:
        """Return whether a message can be played without asking the PBX."""
        return uuid in self._sounds or uuid in self._fetched

    async def piece(self, uuid: str, start_seconds: float, seconds: float) -> SoundPiece:
        """Return a piece of a message's sound; of one that isn't held, the PBX marks the message as read.

        Args:
            uuid: The message.
            start_seconds: Where the piece begins; past the end, it is empty.
            seconds: Its length at most; it is shorter where it would exceed `MOST_BYTES`, and at the end.

        Raises:
            RecordingError: There is no decoder, and nothing was retrieved; or the recording can't be retrieved.
            AudioDecodeError: It can't be decoded.
            AccessDeniedError: Whoever asks may open no messages.
            VmError: Whatever the archive or the PBX raises.
        """
        if not has_decoder():
            raise RecordingError(_NO_DECODER)
        sound, marked_read = await self._sound(uuid)
        rate, total = sound.sample_rate, len(sound.mulaw)
        offset = min(total, round(start_seconds * rate))
        end = offset + min(MOST_BYTES, max(1, round(seconds * rate)))
        return SoundPiece(rate, total, offset, sound.mulaw[offset:end], marked_read)

    async def _sound(self, uuid: str) -> "tuple[PlayableSound, bool]":
        """Return a message's sound, and whether the message is marked as read because of it."""
        if uuid in self._sounds:
            self._sounds[uuid] = self._sounds.pop(uuid)
            return self._sounds[uuid], False
        asked = asyncio.Event()
        was_read = await self._known.was_read(uuid)
        recording = await self._fetched.get(uuid, asked.set)
        from vm_mcp.audio import to_playable  # a server starts without it

        sound = await asyncio.to_thread(to_playable, recording.data)
        self._keep(uuid, sound)
        return sound, asked.is_set() and not was_read

    def _keep(self, uuid: str, sound: "PlayableSound") -> None:
        self._sounds.pop(uuid, None)
        self._sounds[uuid] = sound
        while len(self._sounds) > 1 and sum(len(kept.mulaw) for kept in self._sounds.values()) > KEPT_BYTES:
            del self._sounds[next(iter(self._sounds))]
