"""Recordings: detecting their format, and decoding them to samples."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vm_mcp.errors import AudioDecodeError

if TYPE_CHECKING:
    import av
    import numpy as np
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]
    """Mono sound at `SAMPLE_RATE`, from -1 to 1, of shape (samples,)."""

SAMPLE_RATE = 16_000
"""Hz. Every speech engine here takes this rate."""
MAX_SECONDS = 30 * 60
"""Longest recording that is decoded. Mailboxes stop recording after minutes. Half an hour of samples is 115 MB, and
voice activity detection takes a few times that."""

# Hz. No telephone produces other rates, and with them a resampler could turn a few bytes into gigabytes.
_MIN_RATE, _MAX_RATE = 4_000, 384_000


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A container format of recordings."""

    mime_type: str
    suffix: str
    """File name suffix, with its dot."""
    demuxer: str
    """FFmpeg's name for it. If FFmpeg chose, it might take the bytes for a playlist and open the files named there."""


_WAV = AudioFormat("audio/wav", ".wav", "wav")
_MP3 = AudioFormat("audio/mpeg", ".mp3", "mp3")
_OGG = AudioFormat("audio/ogg", ".ogg", "ogg")
_FLAC = AudioFormat("audio/flac", ".flac", "flac")
_MP4 = AudioFormat("audio/mp4", ".m4a", "mov")
_3GP = AudioFormat("audio/3gpp", ".3gp", "mov")
_AMR = AudioFormat("audio/amr", ".amr", "amr")
_AU = AudioFormat("audio/basic", ".au", "au")
_WEBM = AudioFormat("audio/webm", ".webm", "matroska")
_MKA = AudioFormat("audio/x-matroska", ".mka", "matroska")

_MAGIC = {b"OggS": _OGG, b"fLaC": _FLAC, b"#!AMR": _AMR, b".snd": _AU}


def sniff(data: bytes) -> AudioFormat | None:
    """Return the format that the first bytes show, without decoding any; None if it is not a known audio format."""
    head = data[:64]
    for magic, known in _MAGIC.items():
        if head.startswith(magic):
            return known
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return _WAV
    if head[4:8] == b"ftyp":
        return _3GP if head[8:10] == b"3g" else _MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head else _MKA
    return _MP3 if _is_mp3(data) else None


def decode(data: bytes, max_seconds: float = MAX_SECONDS) -> "Samples":
    """Decode a recording to mono at `SAMPLE_RATE`. Frames that can't be decoded are left out.

    CPU-bound: call through `asyncio.to_thread` or in a worker process.

    Args:
        data: The recording, in a format that `sniff` knows.
        max_seconds: Longest sound that is accepted. Decoding stops there, since a small file may hold hours.

    Raises:
        AudioDecodeError: The bytes hold no sound that can be decoded, or more than ``max_seconds`` of it.
    """
    import av
    import numpy as np

    audio_format = sniff(data)
    if audio_format is None:
        raise AudioDecodeError("The recording is not in a known audio format. Listen to it in the web console.")
    av.logging.set_level(None)
    av.logging.set_libav_level(av.logging.PANIC)
    try:
        with av.open(io.BytesIO(data), "r", format=audio_format.demuxer, metadata_errors="ignore") as container:
            chunks = list(_resampled(_frames(container, max_seconds)))
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise _undecodable() from error
    if not chunks:
        raise _undecodable()
    samples = np.concatenate(chunks)
    return np.clip(np.nan_to_num(samples, copy=False, posinf=0.0, neginf=0.0), -1.0, 1.0)


def _undecodable() -> AudioDecodeError:
    return AudioDecodeError(
        "The recording could not be decoded: it is damaged or holds no sound. Listen to it in the web console."
    )


def _frames(container: "av.container.InputContainer", max_seconds: float) -> Iterator["av.AudioFrame"]:
    """Yield the decoded frames. Their length is counted here, before the resampler can make many samples of few."""
    import av

    seconds = 0.0
    for packet in _packets(container):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if not _MIN_RATE <= frame.sample_rate <= _MAX_RATE:
                continue
            seconds += frame.samples / frame.sample_rate
            if seconds > max_seconds:
                raise AudioDecodeError(
                    f"The recording is longer than {max_seconds / 60:g} minutes, the longest that is transcribed. "
                    "Listen to it in the web console."
                )
            yield frame


def _packets(container: "av.container.InputContainer") -> "Iterator[av.Packet[av.AudioStream]]":
    """Yield the packets of the first audio track, up to the point where the file may be cut off."""
    import av

    if not container.streams.audio:
        raise _undecodable()
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.FFmpegError):
            return


def _resampled(frames: Iterator["av.AudioFrame"]) -> Iterator["Samples"]:
    """Yield the frames at `SAMPLE_RATE` and in mono.

    A stream may change its rate and channels at any frame, and PyAV's resampler refuses such a frame. So each change
    flushes the resampler and makes a new one.
    """
    import av

    resampler, shape = None, None
    for frame in frames:
        frame.pts = None
        if (frame.format.name, frame.layout.name, frame.sample_rate) != shape:
            if resampler:
                yield from _mono(resampler.resample(None))
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            resampler = av.AudioResampler(format="fltp", layout=frame.layout, rate=SAMPLE_RATE)
        assert resampler  # noqa: S101  # the first frame always differs from None
        yield from _mono(resampler.resample(frame))
    if resampler:
        yield from _mono(resampler.resample(None))


def _mono(frames: list["av.AudioFrame"]) -> Iterator["Samples"]:
    for frame in frames:
        yield frame.to_ndarray().mean(axis=0, dtype="float32")


# kbit/s by the header's bit rate index. Index 0 means "free" and 15 is invalid; recorders write neither.
_MPEG1_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MPEG1_RATES = (44_100, 48_000, 32_000)


def _is_mp3(data: bytes) -> bool:
    """Return whether the bytes begin with an ID3v2 tag, or with a layer III frame and another right after it.

    A single frame header won't do: it is so short that random bytes often contain one.
    """
    if data[:3] == b"ID3":
        tag = data[3:10]
        return len(tag) == 7 and tag[0] < 0xFF and all(size < 0x80 for size in tag[3:])  # noqa: PLR2004  # 7-bit sizes
    size = _mp3_frame_size(data[:4])
    return bool(size) and (len(data) == size or _mp3_frame_size(data[size : size + 4]) > 0)


def _mp3_frame_size(header: bytes) -> int:
    """Return the length in bytes of the frame that begins with a four-byte header; 0 if it is not one of layer III."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # noqa: PLR2004  # 11 sync bits, layer III
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    mpeg1 = version == 3  # noqa: PLR2004  # the header's code for MPEG 1
    kbits = (_MPEG1_KBITS if mpeg1 else _MPEG2_KBITS)[bitrate]
    if version == 1 or rate == 3 or not kbits:  # noqa: PLR2004  # the header's reserved codes
        return 0
    hertz = _MPEG1_RATES[rate] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if mpeg1 else 72) * kbits * 1000 // hertz + (header[2] >> 1 & 1)
