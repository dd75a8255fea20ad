"""What a recording is turned into for a server that can't take it as it is: plain PCM, or parts of less than 30 s.

Where only the core of vm-mcp is installed there is no decoder, and recordings are sent as they are.
"""

import importlib.util
import io
import wave
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp import audio
from vm_mcp.errors import AudioDecodeError

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

WHISPER_SECONDS = 30.0
"""What Whisper hears at a time. A server that doesn't go on from there leaves the rest out."""
_LONGEST_SECONDS, _SHORTEST_SECONDS = 28.0, 14.0
"""Of a part, except the last: it ends at the quietest place between the two."""
_FRAME_SECONDS = 0.02
_QUIET_FRAMES = 15  # 0.3 s, a short pause
_PCM, _MONO = 1, 1
_HEADER_BYTES = 8  # of a chunk: its name and size


class RecordingPart(NamedTuple):
    """A stretch of a recording."""

    data: bytes
    """As a WAV file."""
    start_seconds: float
    seconds: float


def length_seconds(recording: bytes) -> float | None:
    """Return the length of a recording; None if it can't be told. CPU-bound: call through `asyncio.to_thread`."""
    if seconds := _wav_seconds(recording):
        return seconds
    samples = _decode(recording)
    return None if samples is None else len(samples) / audio.SAMPLE_RATE


def readable(recording: bytes) -> bytes:
    """Return a recording as it is, or as PCM if FFmpeg, with which most servers read, would misread it.

    CPU-bound: call through `asyncio.to_thread`.

    Raises:
        AudioDecodeError: Its codec is one that FFmpeg takes for another.
    """
    return (audio.is_misread(recording) and _as_pcm(recording)) or recording


def to_pcm(recording: bytes) -> bytes | None:
    """Return a recording as a WAV file of 16-bit samples, which every server can read; None if that can't be made.

    None also if it is one already. CPU-bound: call through `asyncio.to_thread`.
    """
    return None if _wav_format(recording) == _PCM else _as_pcm(recording)


def _as_pcm(recording: bytes) -> bytes | None:
    samples = _decode(recording)
    return None if samples is None or _is_too_long(samples) else write_wav(samples)


def cut(recording: bytes) -> list[RecordingPart]:
    """Return the parts of a recording, in order, each cut from the next at a quiet place; empty if it can't be decoded.

    Of a recording longer than `audio.MAX_SECONDS`, its beginning. CPU-bound: call through `asyncio.to_thread`.
    """
    samples = _decode(recording)
    if samples is None:
        return []
    samples = samples[: audio.MAX_SECONDS * audio.SAMPLE_RATE]
    starts = [0, *_cuts(samples)]
    return [
        RecordingPart(write_wav(samples[start:end]), start / audio.SAMPLE_RATE, (end - start) / audio.SAMPLE_RATE)
        for start, end in zip(starts, [*starts[1:], len(samples)], strict=True)
    ]


def write_wav(samples: "Samples") -> bytes:
    """Return samples as a WAV file of 16-bit samples."""
    import numpy as np

    return pcm_wav(np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes())


def pcm_wav(frames: bytes) -> bytes:
    """Return 16-bit samples, mono at `SAMPLE_RATE`, as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(_MONO)
        file.setsampwidth(2)
        file.setframerate(audio.SAMPLE_RATE)
        file.writeframes(frames)
    return buffer.getvalue()


def _cuts(samples: "Samples") -> list[int]:
    """Return where to cut, as offsets in samples."""
    import numpy as np

    frame = round(_FRAME_SECONDS * audio.SAMPLE_RATE)
    frames = len(samples) // frame
    energy = np.square(samples[: frames * frame].reshape(frames, frame)).sum(axis=1, dtype=np.float64)
    level = np.convolve(energy, np.ones(_QUIET_FRAMES), mode="same")
    shortest, longest = round(_SHORTEST_SECONDS / _FRAME_SECONDS), round(_LONGEST_SECONDS / _FRAME_SECONDS)
    cuts, start = list[int](), 0
    while frames - start > longest:
        start += shortest + int(np.argmin(level[start + shortest : start + longest]))
        cuts.append(start * frame)
    return cuts


def _decode(recording: bytes) -> "Samples | None":
    if not importlib.util.find_spec("av"):
        return None
    try:
        return audio.decode(recording, audio.MAX_SECONDS + 1)  # one more shows whether it goes on
    except AudioDecodeError:
        return None


def _is_too_long(samples: "Samples") -> bool:
    return len(samples) > audio.MAX_SECONDS * audio.SAMPLE_RATE


def _wav_seconds(recording: bytes) -> float | None:
    header, data = _wav_chunk(recording, b"fmt "), _wav_chunk(recording, b"data")
    rate = int.from_bytes(header[8:12], "little") if header else 0  # bytes a second
    return len(data) / rate if data and rate else None


def _wav_format(recording: bytes) -> int:
    """Return the code of a WAV file's encoding; 0 if it is no WAV file."""
    header = _wav_chunk(recording, b"fmt ")
    return int.from_bytes(header[:2], "little") if header else 0


def _wav_chunk(recording: bytes, name: bytes) -> bytes | None:
    """Return the content of a chunk of a WAV file; None if there is none."""
    if recording[:4] != b"RIFF":
        return None
    position = 12
    while position + _HEADER_BYTES <= len(recording):
        size = int.from_bytes(recording[position + 4 : position + 8], "little")
        if recording[position : position + 4] == name:
            return recording[position + 8 : position + 8 + size]
        position += _HEADER_BYTES + size + size % 2
    return None
