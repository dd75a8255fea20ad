"""What other recorders write: WAV with any chunks and codecs, and MP3 with any tags."""

import struct
from collections.abc import Callable

import numpy as np

from recorder_files.cases import G726, Case, written
from recorder_files.codecs import by_bcg729, g729_in_wav
from recorder_files.programs import ffmpeg, lame
from recorder_files.riff import (
    MULAW,
    PCM,
    UNKNOWN,
    ape_tag,
    chunk,
    cover_art,
    extensible,
    facts,
    id3,
    id3_text,
    id3v1,
    lyrics_tag,
    riff,
    with_sizes,
)  # fmt: skip
from recorder_files.second import Decoder, by_ffmpeg, by_lame, by_soundfile, by_sox
from recorder_files.switches import sndfile
from recorder_files.voice import CALLER

_PCM8 = facts(PCM, 8_000, 16)
_OF_CALLER = written(CALLER.wav)
_BEXT = bytes(602)
_IXML = b"<BWFXML><PROJECT>Voicemail</PROJECT></BWFXML>"
_INFO = b"INFO" + chunk(b"ISFT", b"Recorder") + chunk(b"ICMT", b"a caller")


def _samples() -> bytes:
    return CALLER.pcm().tobytes()


def _wav(what: str, make: Callable[[], bytes], second: Decoder = _OF_CALLER) -> Case:
    return Case("wav", what, ".wav", make, second)


def _with(*before: bytes, after: bytes = b"", fmt: bytes = _PCM8) -> bytes:
    return riff(chunk(b"fmt ", fmt), *before, chunk(b"data", _samples()), after)


def rf64(size: int | None = None) -> bytes:
    """Return an RF64 file, whose sizes are in a chunk of their own."""
    length = len(_samples()) if size is None else size
    ds64 = chunk(b"ds64", struct.pack("<QQQI", length + 72, length, length // 2, 0))
    return riff(ds64, chunk(b"fmt ", _PCM8), chunk(b"data", _samples(), UNKNOWN), magic=b"RF64", size=UNKNOWN)


def _many_channels(count: int) -> bytes:
    samples = np.repeat(CALLER.pcm(16_000)[:, np.newaxis], count, axis=1)
    return riff(chunk(b"fmt ", extensible(16_000, 16, PCM, count)), chunk(b"data", samples.tobytes()))


def _mulaw_extensible() -> bytes:
    mulaw = ffmpeg(CALLER.wav(), "-c:a pcm_mulaw -f mulaw", ".ul")
    return riff(chunk(b"fmt ", extensible(8_000, 8, MULAW)), chunk(b"data", mulaw))


def _mulaw_of_sixteen_bits() -> bytes:
    mulaw = ffmpeg(CALLER.wav(), "-c:a pcm_mulaw -f mulaw", ".ul")
    return riff(chunk(b"fmt ", struct.pack("<HHIIHH", MULAW, 1, 8_000, 8_000, 1, 16)), chunk(b"data", mulaw))


def _twenty_bits() -> bytes:
    """Return 20 valid bits in containers of 24."""
    wide = (CALLER.pcm().astype("<i4") << 8).view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return riff(chunk(b"fmt ", extensible(8_000, 24, PCM, valid=20)), chunk(b"data", wide))


WAV_CASES = [
    _wav("LIST before the sound", lambda: _with(chunk(b"LIST", _INFO))),
    _wav("LIST after the sound", lambda: _with(after=chunk(b"LIST", _INFO))),
    _wav("bext, iXML, JUNK and fact", lambda: _with(chunk(b"JUNK", bytes(28)), chunk(b"bext", _BEXT),
         chunk(b"iXML", _IXML), chunk(b"fact", struct.pack("<I", len(_samples()) // 2)))),
    _wav("JUNK before fmt", lambda: riff(chunk(b"JUNK", bytes(28)), chunk(b"fmt ", _PCM8), chunk(b"data", _samples()))),
    _wav("an odd chunk, padded", lambda: _with(chunk(b"LIST", _INFO + b"x"))),
    _wav("an odd chunk, not padded", lambda: _with(chunk(b"LIST", _INFO + b"x", padded=False))),
    _wav("fmt of 18 bytes", lambda: _with(fmt=_PCM8 + bytes(2))),
    _wav("fmt of 40 bytes that are zeros", lambda: _with(fmt=_PCM8 + bytes(24))),
    _wav("fmt with no byte rate and block", lambda: _with(fmt=_PCM8[:8] + bytes(6) + _PCM8[14:])),
    _wav("data of size 0", lambda: with_sizes(CALLER.wav(), 36, 0)),
    _wav("data of size 0xFFFFFFFF, as a stream", lambda: with_sizes(CALLER.wav(), UNKNOWN, UNKNOWN)),
    _wav("data of size 0x7FFFFFFF", lambda: with_sizes(CALLER.wav(), UNKNOWN // 2, UNKNOWN // 2)),
    _wav("data of size 0, LIST before", lambda: with_sizes(_with(chunk(b"LIST", _INFO)), 0, 0)),
    _wav("RF64", rf64),
    _wav("RF64, sizes never written", lambda: rf64(0)),
    _wav("8 bits", lambda: sndfile("WAV", "PCM_U8"), by_soundfile),
    _wav("24 bits", lambda: sndfile("WAV", "PCM_24"), by_soundfile),
    _wav("20 bits in 24", _twenty_bits),
    _wav("32 bits", lambda: sndfile("WAV", "PCM_32"), by_soundfile),
    _wav("float", lambda: sndfile("WAV", "FLOAT"), by_soundfile),
    _wav("double", lambda: sndfile("WAV", "DOUBLE"), by_soundfile),
    _wav("mu-law", lambda: sndfile("WAV", "ULAW"), by_soundfile),
    _wav("A-law", lambda: sndfile("WAV", "ALAW"), by_soundfile),
    _wav("mu-law, extensible header", _mulaw_extensible, by_soundfile),
    _wav("mu-law that says 16 bits", _mulaw_of_sixteen_bits, by_soundfile),
    _wav("5.1", lambda: _many_channels(6), written(lambda: CALLER.wav(16_000))),
    _wav("4 channels", lambda: _many_channels(4), written(lambda: CALLER.wav(16_000))),
    _wav("IMA ADPCM", lambda: sndfile("WAV", "IMA_ADPCM"), by_soundfile),
    _wav("Microsoft ADPCM", lambda: sndfile("WAV", "MS_ADPCM"), by_soundfile),
    Case("wav", "G.721 by libsndfile", ".wav", lambda: sndfile("WAV", "G721_32"), differs=G726),
    _wav("G.729", g729_in_wav, by_bcg729),
    _wav("G.726 at 32 kbit/s by FFmpeg", lambda: ffmpeg(CALLER.wav(), "-c:a g726 -b:a 32k", ".wav"), _OF_CALLER),
    _wav("G.726 at 16 kbit/s by FFmpeg", lambda: ffmpeg(CALLER.wav(), "-c:a g726 -b:a 16k", ".wav"), by_ffmpeg),
    _wav("G.723.1", lambda: ffmpeg(CALLER.wav(), "-c:a g723_1 -b:a 6300", ".wav"), by_ffmpeg),
    Case("wav", "NMS ADPCM at 32 kbit/s", ".wav", lambda: sndfile("WAV", "NMS_ADPCM_32"), is_refused=True),
    _wav("MP3 in WAV", lambda: ffmpeg(CALLER.wav(16_000), "-c:a libmp3lame -b:a 32k", ".wav"), by_ffmpeg),
    _wav("G.722 in WAV", lambda: ffmpeg(CALLER.wav(16_000), "-c:a g722", ".wav"), by_ffmpeg),
    _wav("Yamaha ADPCM", lambda: ffmpeg(CALLER.wav(), "-c:a adpcm_yamaha", ".wav"), by_ffmpeg),
]  # fmt: skip


def _mp3(what: str, make: Callable[[], bytes], second: Decoder = by_soundfile) -> Case:
    return Case("mp3", what, ".mp3", make, second)


def _plain(rate: int = 8_000, options: str = "-b 24 --cbr") -> bytes:
    return lame(CALLER.wav(rate), options)


def _at(rate: int, bitrate: int) -> Case:
    return _mp3(f"{rate / 1_000:g} kHz", lambda: _plain(rate, f"-b {bitrate} --cbr"))


def _without_tag(data: bytes, suffix: str) -> bytes:  # noqa: ARG001  # a decoder's
    """Decode with libsndfile what stands behind a tag that it does not know."""
    return by_soundfile(_plain(), suffix)


_TAGS = id3_text(b"TIT2", "Voicemail") + id3_text(b"TPE1", "a caller")

MP3_CASES = [
    *(_at(rate, bitrate) for rate, bitrate in ((8_000, 8), (11_025, 16), (12_000, 24), (16_000, 32), (22_050, 32),
                                                 (24_000, 32), (44_100, 64), (48_000, 64))),
    _mp3("variable rate, with Xing", lambda: _plain(16_000, "-V 5")),
    _mp3("variable rate, no Xing", lambda: _plain(16_000, "-V 5 -t"), by_lame),
    _mp3("average rate", lambda: _plain(16_000, "--abr 32")),
    Case("mp3", "free format", ".mp3", lambda: _plain(16_000, "--freeformat -b 40"), is_refused=True),
    Case("mp3", "layer II", ".mp2", lambda: ffmpeg(CALLER.wav(16_000), "-c:a mp2 -b:a 32k", ".mp2"), is_refused=True),
    _mp3("ID3v2 with cover art of 300 kB", lambda: id3(_TAGS + cover_art(300_000)) + _plain()),
    _mp3("two ID3v2 tags", lambda: id3(_TAGS) + id3(cover_art(90_000)) + _plain(), _without_tag),
    _mp3("ID3v2 with junk of 3 kB behind", lambda: id3(_TAGS) + bytes(3_000) + _plain(), by_sox),
    _mp3("ID3v1 at the end", lambda: _plain() + id3v1()),
    _mp3("APEv2 at the end", lambda: _plain() + ape_tag()),
    _mp3("APEv2 in front", lambda: ape_tag() + _plain(), _without_tag),
    _mp3("Lyrics3 and ID3v1", lambda: _plain() + lyrics_tag() + id3v1()),
    _mp3("ID3v2 in the middle: two files put together", lambda: id3(_TAGS) + _plain() + id3(_TAGS) + _plain(),
         by_ffmpeg),
    _mp3("cut in the middle", lambda: _plain()[: len(_plain()) // 2]),
]  # fmt: skip
