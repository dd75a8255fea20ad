"""Recordings that FFmpeg would misread, and what it is given in their place.

Most were left by a recorder that was killed before it wrote the lengths into the header. In a WAV file FFmpeg reads on
to the end where the length is 0 or more than there is, but it believes a length that was right at an earlier moment.
Lengths of 0 are damage to it in AIFF, and no sound at all in RF64. Of RIFX, the big-endian WAV, it reads the header,
but takes the samples for little-endian, which is loud noise.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from vm_mcp.audio.formats import Located, is_header_only, is_raw_gsm, locate

_LARGE_WAV_IDS = {b"RF64", b"BW64"}
_IN_DS64 = 0xFFFF_FFFF
"""Stands for a length that is in the chunk ``ds64``."""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
"""WAV's codes for samples in the byte order of the file; the last stands for a code that is in its extension."""
_GSM_IN_WAV = 0x31
"""WAV's code for GSM in blocks of 65 bytes, for which some recorders write the frames of the telephone network."""
_WAV_FACTS, _AIFF_FACTS = 16, 8
"""Bytes that are read of the chunks ``fmt`` and ``COMM``."""
_SPARE = 1_000
"""Bytes after the sound that may be anything: some programs add tags that are not chunks."""
_MOST_CHUNKS = 1_000
"""No recorder writes ten. A file made of nothing else could hold millions."""
_CHUNK_NAME = re.compile(rb"[ -~]{4}")
_TO_THE_END: Mapping[str, str] = MappingProxyType({"ignore_length": "1"})


class Source(NamedTuple):
    """What FFmpeg is given to decode a recording."""

    data: bytes
    demuxer: str
    options: Mapping[str, str] = MappingProxyType({})
    """Of the demuxer."""


class _Chunk(NamedTuple):
    name: bytes
    begin: int
    """Where its content begins."""
    size: int

    @property
    def end(self) -> int:
        return self.begin + self.size


def is_empty(data: bytes) -> bool:
    """Return whether a recording shows without decoding that it holds no sound: no bytes, or a header and no more.

    Of the headers, that of WAV is known here, and that of MP3, which FFmpeg takes for damage. Others are for `decode`.
    """
    located = locate(data)
    if not located or located.audio_format.demuxer != "wav":
        return not data or is_header_only(data)
    recording = data[located.offset :]
    sound = _first_of_each(recording, ">" if recording.startswith(b"RIFX") else "<").get(b"data")
    return sound is not None and sound.begin >= len(recording)


def to_source(data: bytes, located: Located) -> Source:
    """Return what FFmpeg is given for a recording that was found in some bytes."""
    recording, demuxer = data[located.offset :] if located.offset else data, located.audio_format.demuxer
    if demuxer == "wav":
        return _wav(recording)
    return Source(_with_aiff_lengths(recording) if demuxer == "aiff" else recording, demuxer)


def _wav(data: bytes) -> Source:
    order = ">" if data.startswith(b"RIFX") else "<"
    chunks = _first_of_each(data, order)
    sound, facts = chunks.get(b"data"), chunks.get(b"fmt ")
    if not sound or not facts or facts.size < _WAV_FACTS:
        return Source(data, "wav")
    if data[:4] in _LARGE_WAV_IDS and sound.size == _IN_DS64:
        sound = sound._replace(size=_size_in_ds64(data, chunks))
    goes_on = sound.size == 0 or _goes_on(data, sound, order)
    samples = slice(sound.begin, None if goes_on else sound.end)
    code, *_, bits = struct.unpack_from(order + "HHIIHH", data, facts.begin)
    if code == _GSM_IN_WAV and is_raw_gsm(data[samples]):
        return Source(data[samples], "gsm")
    if order == ">" and code in {_PCM, _FLOAT, _EXTENSIBLE}:
        return Source(_little_endian(data, facts, data[samples], bits // 8), "wav")
    return Source(data, "wav", _TO_THE_END if goes_on else {})


def _little_endian(data: bytes, facts: _Chunk, samples: bytes, width: int) -> bytes:
    """Return a big-endian WAV file as a little-endian one.

    Args:
        data: The file.
        facts: Its chunk ``fmt``.
        samples: The content of its chunk ``data``.
        width: Bytes of a sample.
    """
    code, channels, rate, bytes_a_second, block, bits = struct.unpack_from(">HHIIHH", data, facts.begin)
    if code == _EXTENSIBLE:
        code = _FLOAT if _FLOAT in data[facts.begin + 24 : facts.begin + 28] else _PCM
    whole = samples[: len(samples) // max(1, width) * width]
    swapped = bytearray(len(whole))
    for place in range(width):
        swapped[place::width] = whole[width - 1 - place :: width]
    header = struct.pack("<4sIHHIIHH", b"fmt ", 16, code, channels, rate, bytes_a_second, block, bits)
    body = b"WAVE" + header + struct.pack("<4sI", b"data", len(swapped)) + swapped
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _size_in_ds64(data: bytes, chunks: Mapping[bytes, _Chunk]) -> int:
    place = chunks.get(b"ds64")
    return int.from_bytes(data[place.begin + 8 : place.begin + 16], "little") if place else 0


def _with_aiff_lengths(data: bytes) -> bytes:
    chunks = _first_of_each(data, ">")
    sound, facts = chunks.get(b"SSND"), chunks.get(b"COMM")
    if not sound or not facts or facts.size < _AIFF_FACTS or not _is_unpatched(data, sound):
        return data
    size = len(data) - sound.begin
    channels, bits = struct.unpack_from(">H4xH", data, facts.begin)
    patched = bytearray(data)
    struct.pack_into(">I", patched, 4, len(data) - 8)
    struct.pack_into(">I", patched, facts.begin + 2, size // max(1, channels * bits // 8))
    struct.pack_into(">I", patched, sound.begin - 4, size)
    return bytes(patched)


def _is_unpatched(data: bytes, sound: _Chunk) -> bool:
    return sound.size == 0 or sound.end > len(data) or _goes_on(data, sound, ">")


def _goes_on(data: bytes, sound: _Chunk, order: str) -> bool:
    """Return whether there is more after the sound than other chunks."""
    if len(data) - sound.end < _SPARE:
        return False
    *_, last = _chunks(data, order, sound.end + sound.size % 2)
    return not _CHUNK_NAME.fullmatch(last.name) or last.end > len(data) + 1


def _first_of_each(data: bytes, order: str) -> dict[bytes, _Chunk]:
    chunks: dict[bytes, _Chunk] = {}
    for chunk in _chunks(data, order):
        chunks.setdefault(chunk.name, chunk)
    return chunks


def _chunks(data: bytes, order: str, begin: int = 12) -> Iterator[_Chunk]:
    """Yield the chunks of a file, or of the rest of it, up to one that has no name or does not fit into it."""
    for _ in range(_MOST_CHUNKS):
        if begin + 8 > len(data):
            return
        name, size = struct.unpack_from(order + "4sI", data, begin)
        chunk = _Chunk(name, begin + 8, size)
        yield chunk
        if not _CHUNK_NAME.fullmatch(name):
            return
        begin = chunk.end + size % 2
