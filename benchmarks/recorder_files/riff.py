"""WAV, AIFF and MP3 files with the headers, chunks and tags that no program here writes."""

import struct

PCM, MULAW, GSM, EXTENSIBLE = 1, 7, 0x31, 0xFFFE
UNKNOWN = 0xFFFF_FFFF


def chunk(name: bytes, body: bytes, size: int | None = None, *, padded: bool = True) -> bytes:
    """Return a chunk of a WAV file; a recorder that is killed leaves another size than the body's."""
    length = len(body) if size is None else size
    return name + struct.pack("<I", length) + body + b"\0" * (len(body) % 2 if padded else 0)


def facts(code: int, rate: int, bits: int, channels: int = 1, extra: bytes = b"") -> bytes:
    """Return the body of a chunk ``fmt``."""
    frame = channels * ((bits + 7) // 8)
    return struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits) + extra


def riff(*chunks: bytes, magic: bytes = b"RIFF", size: int | None = None) -> bytes:
    """Return a WAV file of some chunks."""
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


_SPEAKERS = {1: 4, 4: 0, 6: 0x3F}
"""Which speakers the channels are for, by their number; four are for none."""


def extensible(rate: int, bits: int, subformat: int, channels: int = 1, valid: int = 0) -> bytes:
    """Return the body of an extensible ``fmt``: of ``valid`` bits in containers of ``bits``."""
    guid = struct.pack("<I", subformat) + bytes.fromhex("00001000800000aa00389b71")
    extra = struct.pack("<HHI", 22, valid or bits, _SPEAKERS[channels]) + guid
    return facts(EXTENSIBLE, rate, bits, channels, extra)


def data_of(wav: bytes) -> bytes:
    """Return the samples of a WAV file whose first chunk ``data`` has its size."""
    at = wav.index(b"data")
    return wav[at + 8 : at + 8 + int.from_bytes(wav[at + 4 : at + 8], "little")]


def with_sizes(wav: bytes, of_file: int, of_data: int) -> bytes:
    """Return a WAV file with other sizes in its header."""
    patched = bytearray(wav)
    struct.pack_into("<I", patched, 4, of_file)
    struct.pack_into("<I", patched, wav.index(b"data") + 4, of_data)
    return bytes(patched)


def id3(frames: bytes, version: int = 3) -> bytes:
    """Return an ID3v2 tag of some frames, with a hundred bytes of padding."""
    body = frames + bytes(100)
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes((version, 0, 0)) + size + body


def id3_text(name: bytes, text: str) -> bytes:
    """Return a text frame of ID3v2.3."""
    body = b"\0" + text.encode("latin-1")
    return name + struct.pack(">IH", len(body), 0) + body


def cover_art(size: int) -> bytes:
    """Return a picture's frame of ID3v2.3, whose bytes look like the beginning of MP3 frames."""
    body = b"\0image/jpeg\0\3\0\xff\xd8\xff\xe0" + b"\xff\xfb\x90\0" * (size // 4)
    return b"APIC" + struct.pack(">IH", len(body), 0) + body


def ape_tag() -> bytes:
    """Return an APEv2 tag with a header and a footer, as it stands at the end of an MP3 file."""
    item = struct.pack("<II", 9, 0) + b"Title\0" + b"Voicemail"
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32, 1, flags) + bytes(8)
        for flags in (0xA000_0000, 0x8000_0000)
    ]
    return ends[0] + item + ends[1]


def lyrics_tag() -> bytes:
    """Return a Lyrics3v2 tag, which stands before an ID3v1 tag."""
    body = b"LYRICSBEGIN" + b"IND00002" + b"10" + b"LYR00020" + b"[00:01]Voice message"
    return body + b"%06d" % len(body) + b"LYRICS200"


def id3v1() -> bytes:
    """Return an ID3v1 tag."""
    return b"TAG" + b"Voicemail".ljust(124, b"\0") + b"\xff"
