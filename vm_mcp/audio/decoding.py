"""Decode a recording to samples."""

import contextlib
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vm_mcp.audio.formats import UNKNOWN_FORMAT, locate
from vm_mcp.audio.headers import Source, is_empty, to_sources
from vm_mcp.audio.samples import SAMPLE_RATE
from vm_mcp.errors import AudioDecodeError

if TYPE_CHECKING:
    import av

    from vm_mcp.audio.samples import Channels, Samples

MAX_SECONDS = 30 * 60
"""How much of a recording is decoded. Mailboxes stop recording after minutes. Half an hour of samples is 115 MB, and
voice activity detection takes a few times that."""

# Hz. No telephone produces other rates, and with them a resampler could turn a few bytes into gigabytes.
_MIN_RATE, _MAX_RATE = 4_000, 384_000
# Bytes of headers without sound. Zeros don't count: FLAC's are padded with thousands.
_LARGEST_HEADERS = 1_024


def decode(data: bytes, max_seconds: float = MAX_SECONDS) -> "Samples":
    """Decode a recording to mono at `SAMPLE_RATE`, without a constant offset. What can't be decoded is left out.

    CPU-bound: call through `asyncio.to_thread` or in a worker process.

    Args:
        data: The recording, in a format that `sniff` knows.
        max_seconds: How much is decoded, from the start: a small file may hold hours.

    Returns:
        The sound; of length 0 if the recording is empty: no bytes, or a header without sound.

    Raises:
        AudioDecodeError: The format is not known, or has no decoder here, or the bytes are damaged.
    """
    import numpy as np

    if is_empty(data):
        return np.zeros(0, np.float32)
    located = locate(data)
    if located is None:
        raise AudioDecodeError(UNKNOWN_FORMAT)
    first, *others = to_sources(data, located)
    if chunks := _all_decoded(first, others, max_seconds):
        return _joined(chunks)[: round(max_seconds * SAMPLE_RATE)]
    if _has_no_packets(first):
        return np.zeros(0, np.float32)
    raise _undecodable()


def native_rate(data: bytes) -> int:
    """Return the samples a second that a recording has, before `decode` makes `SAMPLE_RATE` of them.

    Args:
        data: A recording that can be decoded, with some sound.
    """
    located = locate(data)
    if located is None:
        return SAMPLE_RATE
    first, *_ = to_sources(data, located)
    with _opened(first) as container:
        return container.streams.audio[0].rate


def _all_decoded(first: Source, others: "Iterable[Source]", max_seconds: float) -> "list[Channels]":
    """Return what is decoded of some files in turn; of those behind the first, what can be."""
    chunks = _decoded(first, max_seconds)
    for source in others:
        left = max_seconds - sum(chunk.shape[1] for chunk in chunks) / SAMPLE_RATE
        if left <= 0:
            break
        with contextlib.suppress(AudioDecodeError):
            chunks += _decoded(source, left)
    return chunks


def _decoded(source: Source, max_seconds: float) -> "list[Channels]":
    import av

    try:
        with _opened(source) as container:
            return list(_resampled(_frames(container, max_seconds)))
    except av.EOFError:
        return []
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise _undecodable() from error


def _joined(chunks: "list[Channels]") -> "Samples":
    """Return some chunks, which are taken out of the list, as one mono sound.

    A recording may change its channels between two of them.
    """
    import numpy as np

    from vm_mcp.audio.channels import mix, remove_offset

    width = max(len(chunk) for chunk in chunks)
    channels = np.concatenate([np.broadcast_to(chunk, (width, chunk.shape[1])) for chunk in chunks], axis=1)
    chunks.clear()  # half an hour of stereo takes a quarter of a gigabyte
    np.nan_to_num(channels, copy=False, posinf=0.0, neginf=0.0)
    np.clip(channels, -1.0, 1.0, out=channels)
    return mix([remove_offset(channel) for channel in channels])


def _has_no_packets(source: Source) -> bool:
    """Return whether a recording from which nothing was decoded is a header without sound, and not damaged."""
    import av

    if len(source.data) - source.data.count(0) > _LARGEST_HEADERS:
        return False
    try:
        with _opened(source) as container:
            return not any(packet.size for packet in _packets(container))
    except av.EOFError:  # within the headers
        return True
    except av.FFmpegError:
        return False


def _opened(source: Source) -> "av.container.InputContainer":
    import av

    av.logging.set_level(None)
    av.logging.set_libav_level(av.logging.PANIC)
    return av.open(io.BytesIO(source.data), "r", format=source.demuxer, metadata_errors="ignore")


def _undecodable() -> AudioDecodeError:
    return AudioDecodeError(
        "The recording is damaged and could not be decoded. Listen to it in the web console, or save it with "
        "get_recording, delivery `file`."
    )


def _frames(container: "av.container.InputContainer", max_seconds: float) -> Iterator["av.AudioFrame"]:
    """Yield the decoded frames. Their length is counted here, before the resampler can make many samples of few."""
    import av

    seconds = 0.0
    for packet in _packets(container):
        try:
            frames = packet.decode()
        except av.DecoderNotFoundError as error:
            raise AudioDecodeError(UNKNOWN_FORMAT) from error
        except av.FFmpegError:
            continue
        for frame in frames:
            if not _MIN_RATE <= frame.sample_rate <= _MAX_RATE:
                continue
            yield frame
            seconds += frame.samples / frame.sample_rate
            if seconds >= max_seconds:
                return


def _packets(container: "av.container.InputContainer") -> "Iterator[av.Packet[av.AudioStream]]":
    """Yield the packets of the first audio track, up to the point where the file may be cut off."""
    import av

    if not container.streams.audio:
        return
    packets = container.demux(container.streams.audio[0])
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.FFmpegError):
            return


def _resampled(frames: Iterator["av.AudioFrame"]) -> Iterator["Channels"]:
    """Yield the frames at `SAMPLE_RATE`, their channels apart.

    A stream may change its rate and channels at any frame, and PyAV's resampler refuses such a frame. So each change
    flushes the resampler and makes a new one. Of less than four milliseconds it returns nothing, even flushed: then one
    chunk without a sample shows that there was sound, and no damage.
    """
    import av
    import numpy as np

    resampler, shape = None, None
    for frame in frames:
        frame.pts = None
        if (frame.format.name, frame.layout.name, frame.sample_rate) != shape:
            if resampler:
                yield from _channels(resampler.resample(None))
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            resampler = av.AudioResampler(format="fltp", layout=frame.layout, rate=SAMPLE_RATE)
        assert resampler  # noqa: S101  # the first frame always differs from None
        yield from _channels(resampler.resample(frame))
    if resampler:
        yield from _channels(resampler.resample(None))
        yield np.zeros((1, 0), np.float32)


def _channels(frames: list["av.AudioFrame"]) -> Iterator["Channels"]:
    """Yield the channels of each frame. More than the two of a telephone call are averaged: they would fill memory."""
    for frame in frames:
        channels = frame.to_ndarray().astype("float32", copy=False)
        yield channels if len(channels) <= 2 else channels.mean(axis=0, keepdims=True)  # noqa: PLR2004  # a call's
