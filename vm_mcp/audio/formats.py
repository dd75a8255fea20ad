"""Which audio format a recording has, and where in its bytes it begins. Nothing is decoded here."""

import re
from dataclasses import dataclass
from typing import NamedTuple

UNKNOWN_FORMAT = (
    "The recording is not in an audio format that can be transcribed. Save it with get_recording, delivery `file`, and "
    "open it in a player, or listen to it in the web console."
)


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A container format of recordings."""

    mime_type: str
    suffix: str
    """File name suffix, with its dot."""
    demuxer: str
    """FFmpeg's name for it. If FFmpeg chose, it might take the bytes for a playlist and open the files named there."""


class Located(NamedTuple):
    """Where in some bytes a recording was found."""

    audio_format: AudioFormat
    offset: int
    """How many bytes come before it that are not part of it."""


_WAV = AudioFormat("audio/wav", ".wav", "wav")
_W64 = AudioFormat("audio/x-w64", ".w64", "w64")
_MP3 = AudioFormat("audio/mpeg", ".mp3", "mp3")
_AAC = AudioFormat("audio/aac", ".aac", "aac")
_OGG = AudioFormat("audio/ogg", ".ogg", "ogg")
_FLAC = AudioFormat("audio/flac", ".flac", "flac")
_MP4 = AudioFormat("audio/mp4", ".m4a", "mov")
_3GP = AudioFormat("audio/3gpp", ".3gp", "mov")
_AMR = AudioFormat("audio/amr", ".amr", "amr")
_GSM = AudioFormat("audio/gsm", ".gsm", "gsm")
_AU = AudioFormat("audio/basic", ".au", "au")
_AIFF = AudioFormat("audio/aiff", ".aiff", "aiff")
_CAF = AudioFormat("audio/x-caf", ".caf", "caf")
_WEBM = AudioFormat("audio/webm", ".webm", "matroska")
_MKA = AudioFormat("audio/x-matroska", ".mka", "matroska")

_MAGIC = {
    b"OggS": _OGG,
    b"fLaC": _FLAC,
    b"#!AMR": _AMR,
    b".snd": _AU,
    b"caff": _CAF,
    b"riff\x2e\x91\xcf\x11": _W64,
}
WAV_IDS = {b"RIFF", b"RIFX", b"RF64", b"BW64"}
"""RIFX is big-endian; the other two are for files of more than 4 GB, which some recorders write from the start."""
_HEAD = 64
_MAX_JUNK = 65_536
"""Bytes before the first frame that are searched: a buffer that was never filled, or a frame that was cut in two."""
_BLANKS = re.compile(rb"(?:\xef\xbb\xbf|[\0\r\n\t ])+")


def locate(data: bytes) -> Located | None:
    """Return the format of a recording and where it begins; None if it is not in a known audio format.

    Zeros, blanks and a byte order mark before the recording are left out; before MP3 and ADTS frames anything is.
    """
    blanks = _BLANKS.match(data, 0, _MAX_JUNK)
    for offset in {0: None, blanks.end() if blanks else 0: None}:
        if found := _with_magic(data[offset : offset + _HEAD]):
            return Located(found, offset)
        if data[offset : offset + 3] == b"ID3":
            return _tagged(data, offset)
    return _first_frames(data) or (Located(_GSM, 0) if is_raw_gsm(data) else None)


def sniff(data: bytes) -> AudioFormat | None:
    """Return the format of a recording, see `locate`."""
    located = locate(data)
    return located.audio_format if located else None


def is_text(data: bytes) -> bool:
    """Return whether some bytes are a text, such as the page of an error that was sent in place of a recording."""
    head = data[:_TEXT_HEAD]
    return len(head) > 0 and len(head.translate(None, _TEXT_BYTES)) <= _FEW * len(head)


_TEXT_HEAD, _TEXT_BYTES, _FEW = 2_048, b"\t\n\r" + bytes(range(0x20, 0x7F)), 0.25
"""Of a text in whatever encoding, so many bytes are not ASCII; of sound and of packed bytes, more than half."""


def is_header_only(data: bytes) -> bool:
    """Return whether a recording is an MP3 that ends with its tag, or with one frame: encoders fill it with facts.

    FFmpeg takes both for damaged files. Headers of other formats are valid files of no length.
    """
    located = locate(data)
    if not located or located.audio_format is not _MP3:
        return False
    begin = located.offset + _tag_size(data[located.offset : located.offset + 10])
    return len(data) <= begin + _mp3_frame_size(data[begin : begin + 4])


def is_raw_gsm(data: bytes) -> bool:
    """Return whether the bytes begin with GSM frames as telephones send them: 33 bytes each, which begin with 0xD."""
    starts = data[: _GSM_FRAME * _GSM_CHECKED : _GSM_FRAME]
    # Silence in A-law, 0xD5 throughout, is something else.
    return (
        len(starts) >= _GSM_FEWEST
        and all(start >> 4 == _GSM_MAGIC for start in starts)
        and any(byte >> 4 != _GSM_MAGIC for byte in data[:_GSM_FRAME])
    )


_GSM_FRAME, _GSM_MAGIC = 33, 0xD
_GSM_FEWEST, _GSM_CHECKED = 10, 50
"""Frames: in other bytes, one in 16 begins with 0xD by chance."""


def _with_magic(head: bytes) -> AudioFormat | None:
    for magic, known in _MAGIC.items():
        if head.startswith(magic):
            return known
    if head[:4] in WAV_IDS and head[8:12] == b"WAVE":
        return _WAV
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return _AIFF
    if head[4:8] == b"ftyp":
        return _3GP if head[8:10] == b"3g" else _MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head else _MKA
    return None


def _tagged(data: bytes, offset: int) -> Located | None:
    """Return the recording that an ID3v2 tag stands before: MP3, unless what follows the tag shows another."""
    size = _tag_size(data[offset : offset + 10])
    if not size:
        return None
    after = offset + size
    if found := _with_magic(data[after : after + _HEAD]):
        return Located(found, after)
    frames = _first_frames(data, after)
    return frames if frames and frames.audio_format is _AAC else Located(_MP3, offset)


def _tag_size(head: bytes) -> int:
    """Return the length in bytes of the ID3v2 tag that some bytes begin with; 0 if they begin with none."""
    tag = head[3:10]
    if head[:3] != b"ID3" or len(tag) < 7 or tag[0] == 0xFF or any(size >= 0x80 for size in tag[3:]):  # noqa: PLR2004  # 7-bit sizes
        return 0
    size = 0
    for seven_bits in tag[3:]:
        size = size << 7 | seven_bits
    return 10 + size


_FRAME_HEADS = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb\xf0\xf1\xf8\xf9]")
"""Eleven or twelve sync bits, then layer III of some MPEG version, or ADTS."""
_CHAIN = 3


def _first_frames(data: bytes, begin: int = 0) -> Located | None:
    """Return where the first frames of MP3 or ADTS are.

    A frame counts if another follows right after it, or none and the bytes end there; further on, two must follow. A
    header alone is so short that random bytes often contain one.
    """
    for head in _FRAME_HEADS.finditer(data, begin, begin + _MAX_JUNK):
        at = head.start()
        for known, frame_size in ((_MP3, _mp3_frame_size), (_AAC, _adts_frame_size)):
            frames, end = 0, at
            while frames < _CHAIN and (size := frame_size(data[end : end + 6])):
                frames, end = frames + 1, end + size
            is_whole = frames > 0 and end == len(data)
            if frames >= (_CHAIN if at > begin else 2) or (is_whole and frames >= (2 if at > begin else 1)):
                return Located(known, at)
    return None


# kbit/s by the header's bit rate index. Index 0 means "free" and 15 is invalid; recorders write neither.
_MPEG1_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_MPEG1_RATES = (44_100, 48_000, 32_000)


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


_ADTS_RATES, _ADTS_HEADER = 13, 7


def _adts_frame_size(header: bytes) -> int:
    """Return the length in bytes of the frame that begins with a six-byte header; 0 if it is not one of ADTS."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:  # noqa: PLR2004  # 12 sync bits, layer 0
        return 0
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return size if header[2] >> 2 & 15 < _ADTS_RATES and size > _ADTS_HEADER else 0
