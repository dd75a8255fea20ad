"""Other containers: of telephones, browsers, and old systems."""

import struct

from recorder_files.cases import G726, Case, written
from recorder_files.codecs import amr, amr_wb, by_opencore
from recorder_files.programs import converted, ffmpeg, sox
from recorder_files.riff import UNKNOWN
from recorder_files.second import Decoder, by_ffmpeg, by_opusdec, by_soundfile, by_sox, by_speexdec
from recorder_files.switches import sndfile, twice
from recorder_files.voice import CALLEE, CALLER, legs


def _speex(options: str, rate: int = 8_000, source: bytes = b"") -> bytes:
    command = ["speexenc", *options.split(), "IN", "OUT"]
    return converted(source or CALLER.wav(rate), ".wav", command, ".spx")


def _opus(options: str, source: bytes) -> bytes:
    return converted(source, ".wav", ["opusenc", "--quiet", *options.split(), "IN", "OUT"], ".opus")


def _w64(size: int | None) -> bytes:
    data = bytearray(sndfile("W64", "PCM_16"))
    at = data.index(b"data\xf3\xac\xd3\x11")
    if size is not None:
        struct.pack_into("<Q", data, 16, size)
        struct.pack_into("<Q", data, at + 16, size)
    return bytes(data)


def _au(size: int) -> bytes:
    data = bytearray(sndfile("AU", "PCM_16"))
    struct.pack_into(">I", data, 8, size)
    return bytes(data)


def _caf(size: int) -> bytes:
    data = bytearray(ffmpeg(CALLER.wav(), "-c:a pcm_s16be", ".caf"))
    struct.pack_into(">q", data, data.index(b"data") + 4, size)
    return bytes(data)


def _made(what: str, options: str, suffix: str, second: Decoder = by_ffmpeg, rate: int = 8_000) -> Case:
    return Case(suffix[1:], what, suffix, lambda: ffmpeg(CALLER.wav(rate), options, suffix), second)


def _both(options: str, suffix: str, rate: int = 8_000) -> bytes:
    return ffmpeg(CALLER.wav(rate), options, suffix) + ffmpeg(CALLEE.wav(rate), options, suffix)


CASES = [
    Case("w64", "16 bits", ".w64", lambda: _w64(None)),
    Case("w64", "sizes of its first moment", ".w64", lambda: _w64(24), written(CALLER.wav)),
    Case("w64", "sizes 0", ".w64", lambda: _w64(0), written(CALLER.wav)),
    Case("au", "16 bits", ".au", lambda: sndfile("AU", "PCM_16")),
    Case("au", "size unknown, as a stream", ".au", lambda: _au(UNKNOWN), written(CALLER.wav)),
    Case("au", "size 0", ".au", lambda: _au(0), written(CALLER.wav)),
    Case("au", "A-law", ".au", lambda: sndfile("AU", "ALAW")),
    Case("au", "G.726 at 32 kbit/s by libsndfile", ".au", lambda: sndfile("AU", "G721_32"), differs=G726),
    Case("au", "G.726 at 24 kbit/s by libsndfile", ".au", lambda: sndfile("AU", "G723_24"), differs=G726),
    Case("au", "G.726 at 40 kbit/s by libsndfile", ".au", lambda: sndfile("AU", "G723_40"), differs=G726),
    Case("aiff", "16 bits", ".aiff", lambda: sndfile("AIFF", "PCM_16")),
    Case("aiff", "mu-law", ".aiff", lambda: sndfile("AIFF", "ULAW")),
    Case("aiff", "IMA ADPCM", ".aiff", lambda: sndfile("AIFF", "IMA_ADPCM")),
    Case("aiff", "GSM", ".aiff", lambda: sndfile("AIFF", "GSM610")),
    Case("aiff", "float", ".aiff", lambda: sndfile("AIFF", "FLOAT")),
    _made("16 bits, little-endian", "-c:a pcm_s16le", ".aiff", by_soundfile),
    Case("caf", "16 bits", ".caf", lambda: sndfile("CAF", "PCM_16")),
    Case("caf", "size unknown, as a stream", ".caf", lambda: _caf(-1), written(CALLER.wav)),
    Case("caf", "size 0", ".caf", lambda: _caf(0), written(CALLER.wav)),
    Case("caf", "mu-law", ".caf", lambda: sndfile("CAF", "ULAW")),
    Case("caf", "ALAC", ".caf", lambda: sndfile("CAF", "ALAC_16", 16_000)),
    _made("IMA ADPCM", "-c:a adpcm_ima_qt", ".caf"),
    _made("AAC", "-c:a aac", ".m4a", rate=16_000),
    _made("AAC, its index in front", "-c:a aac -movflags faststart", ".m4a", rate=16_000),
    _made("AAC, in fragments", "-c:a aac -movflags frag_keyframe+empty_moov", ".m4a", rate=16_000),
    _made("ALAC", "-c:a alac", ".m4a", rate=16_000),
    _made("Opus", "-c:a libopus", ".mp4", rate=16_000),
    _made("ADTS", "-c:a aac", ".aac", rate=16_000),
    _made("Opus", "-c:a libopus -b:a 24k", ".webm", rate=16_000),
    _made("Opus, as a browser streams it", "-c:a libopus -b:a 24k -live 1", ".webm", rate=16_000),
    _made("Vorbis", "-c:a libvorbis", ".webm", rate=16_000),
    _made("PCM", "-c:a pcm_s16le", ".mka"),
    _made("FLAC", "-c:a flac", ".flac", by_soundfile),
    _made("FLAC in Ogg", "-c:a flac", ".ogg"),
    Case("wma", "Windows Media", ".wma",
         lambda: ffmpeg(CALLER.wav(16_000), "-c:a wmav2 -b:a 32k", ".wma"), is_refused=True),
    Case("ogg", "Opus, music of 48 kHz", ".opus", lambda: _opus("--bitrate 64", CALLER.wav(48_000)), by_opusdec),
    Case("ogg", "Opus, frames of 60 ms", ".opus", lambda: _opus("--framesize 60", CALLER.wav()), by_opusdec),
    Case("ogg", "Opus, a leg in each channel", ".opus", lambda: _opus("--bitrate 32", legs()), by_opusdec),
    Case("ogg", "Opus, two files put together", ".opus",
         lambda: _opus("", CALLER.wav()) + _opus("", CALLEE.wav()), written(twice), is_joined=True),
    Case("ogg", "Vorbis, two files put together", ".ogg",
         lambda: _both("-c:a libvorbis", ".ogg"), written(twice), is_joined=True),
    Case("ogg", "Speex, two files put together", ".spx",
         lambda: _speex("--quality 8") + _speex("--quality 8", source=CALLEE.wav()), written(twice), is_joined=True),
    Case("ogg", "Speex, 3 frames to a packet", ".spx", lambda: _speex("--quality 8 --nframes 3"), by_speexdec),
    Case("ogg", "Speex, lowest quality", ".spx", lambda: _speex("--quality 2"), by_speexdec),
    Case("ogg", "Speex, variable rate with pauses", ".spx", lambda: _speex("--vbr --dtx"), by_speexdec),
    Case("ogg", "Speex, wideband", ".spx", lambda: _speex("--quality 8 --wideband", 16_000), by_speexdec),
    Case("ogg", "Speex, wideband, variable rate", ".spx", lambda: _speex("--vbr --wideband", 16_000), by_speexdec),
    Case("ogg", "Speex, ultra-wideband", ".spx", lambda: _speex("--quality 8 --ultra-wideband", 32_000), by_speexdec),
    Case("ogg", "Speex, stereo", ".spx", lambda: _speex("--quality 8 --stereo", source=legs()), by_speexdec),
    Case("amr", "AMR-NB", ".amr", amr, by_sox),
    Case("amr", "AMR-WB", ".awb", amr_wb, by_opencore),
    Case("3gp", "AMR-NB", ".3gp", lambda: ffmpeg(amr(), "-c:a copy", ".3gp", ".amr"), by_ffmpeg),
    Case("amr", "AMR-NB, two files put together", ".amr",
         lambda: amr() + amr(CALLEE), written(twice), is_joined=True),
    Case("au", "two files put together", ".au", lambda: sndfile("AU", "ULAW") * 2, by_ffmpeg),
    Case("flac", "two files put together", ".flac",
         lambda: _both("-c:a flac", ".flac"), written(twice), is_joined=True),
    Case("gsm", "two files put together", ".gsm",
         lambda: sox(CALLER.wav(), "", ".gsm") + sox(CALLEE.wav(), "", ".gsm"), by_sox),
]  # fmt: skip
