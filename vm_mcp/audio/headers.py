"""Recordings that FFmpeg would misread, and what it is given in their place.

Most were left by a recorder that was killed before it wrote the lengths into the header. FFmpeg takes lengths of 0 for
damage in AIFF and Wave64, and for no sound at all in RF64; it believes a length that was right at an earlier moment. So
it is given a WAV file with a header of ours, of the recorder's facts and the length that there is. Then it also reads
what it takes for damage or for something else: files put one behind the other, of which it reads the first; chunks of
odd length without the byte that pads them; RIFX, the big-endian WAV, whose samples it takes for little-endian; and
G.721, which becomes loud noise.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vm_mcp.audio.formats import UNKNOWN_FORMAT, WAV_IDS, Located, is_header_only, is_raw_gsm, locate
from vm_mcp.errors import AudioDecodeError

_LARGE_WAV_IDS = {b"RF64", b"BW64"}
_IN_DS64 = 0xFFFF_FFFF
"""Stands for a length that is in the chunk ``ds64``."""
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
"""WAV's codes for samples in the byte order of the file; the last stands for a code that is in its extension."""
_GSM_IN_WAV = 0x31
"""WAV's code for GSM in blocks of 65 bytes, for which some recorders write the frames of the telephone network."""
_NMS_ADPCM, _NMS_BITS = 0x38, range(2, 5)
"""Natural MicroSystems' voice boards; no free decoder but libsndfile's. FFmpeg knows AMR under the same code."""
_G721 = 0x40
"""libsndfile writes the first sample into a byte's lower half, as in AU, and FFmpeg reads it from the upper half."""
_HALVES_SWAPPED = bytes((byte & 0xF) << 4 | byte >> 4 for byte in range(256))
_WAV_FACTS, _AIFF_FACTS = 16, 8
"""Bytes that are read of the chunks ``fmt`` and ``COMM``."""
_SPARE = 1_000
"""Bytes after the sound that may be anything: some programs add tags that are not chunks."""
_MOST_CHUNKS = 1_000
"""No recorder writes ten. A file made of nothing else could hold millions."""
_MOST_FILES = 20
"""As many are read that are put one behind the other."""
_CHUNK_NAME = re.compile(rb"[ -~]{4}")
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
_W64_HEADER = 24
"""Bytes of the name and length of a chunk, which the length counts."""


class Source(NamedTuple):
    """What FFmpeg is given to decode a recording."""

    data: bytes
    demuxer: str


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
    sound = _first_of_each(recording, _order(recording)).get(b"data")
    return sound is not None and sound.begin >= len(recording)


def to_sources(data: bytes, located: Located) -> list[Source]:
    """Return what FFmpeg is given for a recording that was found in some bytes, file by file if it is made of several.

    Raises:
        AudioDecodeError: Its codec is one that FFmpeg takes for another.
    """
    recording, demuxer = data[located.offset :] if located.offset else data, located.audio_format.demuxer
    if demuxer == "wav":
        return [_wav(file) for file in _files(recording)]
    patched = {"aiff": _with_aiff_lengths, "w64": _with_w64_lengths}.get(demuxer, bytes)(recording)
    return [Source(patched, demuxer)]


def is_misread(data: bytes) -> bool:
    """Return whether FFmpeg would misread a recording, were it given as it is.

    Raises:
        AudioDecodeError: Its codec is one that FFmpeg takes for another.
    """
    located = locate(data)
    if not located:
        return False
    recording = data[located.offset :]
    first, *others = to_sources(data, located)
    if others or first.demuxer != located.audio_format.demuxer:
        return True
    if first.demuxer != "wav":
        return first.data != recording
    # A header of ours leaves other chunks out, which harm nobody.
    return recording[:4] != b"RIFF" or _contents(first.data) != _contents(recording)


def _contents(wav: bytes) -> list[bytes]:
    """Return what a WAV file's header says to be its facts and its sound."""
    chunks = _first_of_each(wav, "<")
    return [wav[chunk.begin : chunk.end] for name in (b"fmt ", b"data") if (chunk := chunks.get(name))]


def _files(data: bytes) -> Iterator[bytes]:
    """Yield the WAV files that are put one behind the other: a recorder or a person appended one to the other."""
    for _ in range(_MOST_FILES):
        following = _following(data)
        yield data[:following]
        if following is None:
            return
        data = data[following:]


def _following(data: bytes) -> int | None:
    """Return where another WAV file begins behind the first one's chunks."""
    is_past = False
    for chunk in _chunks(data, _order(data)):
        is_past = is_past or chunk.name == b"data"
        if is_past and chunk.name in WAV_IDS and data[chunk.begin : chunk.begin + 4] == b"WAVE":
            return chunk.begin - 8
    return None


def _order(data: bytes) -> str:
    return ">" if data.startswith(b"RIFX") else "<"


def _wav(data: bytes) -> Source:
    order = _order(data)
    chunks = _first_of_each(data, order)
    sound, facts = chunks.get(b"data"), chunks.get(b"fmt ")
    if not sound or not facts or not _holds(data, facts, _WAV_FACTS):
        return Source(data, "wav")
    if data[:4] in _LARGE_WAV_IDS and sound.size == _IN_DS64:
        sound = sound._replace(size=_size_in_ds64(data, chunks))
    samples = data[sound.begin : None if sound.size == 0 or _goes_on(data, sound, order) else sound.end]
    code, *_, bits = struct.unpack_from(order + "HHIIHH", data, facts.begin)
    if code == _GSM_IN_WAV and is_raw_gsm(samples):
        return Source(samples, "gsm")
    if code == _NMS_ADPCM and bits in _NMS_BITS:
        raise AudioDecodeError(UNKNOWN_FORMAT)
    if code == _G721:
        samples = samples.translate(_HALVES_SWAPPED)
    if order == "<":
        return Source(_with_header(data[facts.begin : facts.end], samples), "wav")
    return Source(_with_header(_little_endian_facts(data, facts), _swapped(samples, code, bits // 8)), "wav")


def _holds(data: bytes, chunk: _Chunk, length: int) -> bool:
    """Return whether so much of a chunk is there."""
    return chunk.size >= length and chunk.begin + length <= len(data)


def _with_header(facts: bytes, samples: bytes) -> bytes:
    """Return a WAV file of the content of its chunks ``fmt`` and ``data``."""
    fmt = struct.pack("<4sI", b"fmt ", len(facts)) + facts + bytes(len(facts) % 2)
    return b"".join(
        [
            struct.pack("<4sI4s", b"RIFF", 4 + len(fmt) + 8 + len(samples), b"WAVE"),
            fmt,
            struct.pack("<4sI", b"data", len(samples)),
            samples,
        ]
    )


def _little_endian_facts(data: bytes, facts: _Chunk) -> bytes:
    """Return the content of the chunk ``fmt`` of a big-endian WAV file as a little-endian one has it."""
    code, *others = struct.unpack_from(">HHIIHH", data, facts.begin)
    if code == _EXTENSIBLE:
        code = _FLOAT if _FLOAT in data[facts.begin + 24 : facts.begin + 28] else _PCM
    return struct.pack("<HHIIHH", code, *others)


def _swapped(samples: bytes, code: int, width: int) -> bytes:
    """Return samples of ``width`` bytes in the other byte order; packed ones have none."""
    if code not in {_PCM, _FLOAT, _EXTENSIBLE}:
        return samples
    whole = samples[: len(samples) // max(1, width) * width]
    swapped = bytearray(len(whole))
    for place in range(width):
        swapped[place::width] = whole[width - 1 - place :: width]
    return bytes(swapped)


def _size_in_ds64(data: bytes, chunks: Mapping[bytes, _Chunk]) -> int:
    place = chunks.get(b"ds64")
    return int.from_bytes(data[place.begin + 8 : place.begin + 16], "little") if place else 0


def _with_aiff_lengths(data: bytes) -> bytes:
    chunks = _first_of_each(data, ">")
    sound, facts = chunks.get(b"SSND"), chunks.get(b"COMM")
    if not sound or not facts or not _holds(data, facts, _AIFF_FACTS) or not _is_unpatched(data, sound):
        return data
    size = len(data) - sound.begin
    channels, bits = struct.unpack_from(">H4xH", data, facts.begin)
    patched = bytearray(data)
    struct.pack_into(">I", patched, 4, len(data) - 8)
    struct.pack_into(">I", patched, facts.begin + 2, size // max(1, channels * bits // 8))
    struct.pack_into(">I", patched, sound.begin - 4, size)
    return bytes(patched)


def _with_w64_lengths(data: bytes) -> bytes:
    """Return a Wave64 file whose sound goes to its end, if its length is none or goes beyond."""
    begin = data.find(_W64_DATA, 0, _SPARE)
    if begin < 0 or begin + _W64_HEADER > len(data):
        return data
    size = int.from_bytes(data[begin + 16 : begin + _W64_HEADER], "little")
    if _W64_HEADER < size <= len(data) - begin:
        return data
    patched = bytearray(data)
    struct.pack_into("<Q", patched, 16, len(data))
    struct.pack_into("<Q", patched, begin + 16, len(data) - begin)
    return bytes(patched)


def _is_unpatched(data: bytes, sound: _Chunk) -> bool:
    return sound.size == 0 or sound.end > len(data) or _goes_on(data, sound, ">")


def _goes_on(data: bytes, sound: _Chunk, order: str) -> bool:
    """Return whether there is more after the sound than other chunks."""
    if len(data) - sound.end < _SPARE:
        return False
    *_, last = _chunks(data, order, _after(data, sound))
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
        begin = _after(data, chunk)


def _after(data: bytes, chunk: _Chunk) -> int:
    """Return where the next chunk begins. One of odd length is padded with a byte, which some recorders leave out."""
    following = data[chunk.end : chunk.end + 5]
    is_bare = chunk.size % 2 and following[1:] != b"data" and _CHUNK_NAME.fullmatch(following[:4])
    return chunk.end + (0 if is_bare else chunk.size % 2)
