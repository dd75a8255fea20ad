"""What Asterisk writes, by its ``formats/format_*.c``."""

import struct

from recorder_files.cases import Case, written
from recorder_files.codecs import g729
from recorder_files.programs import converted, ffmpeg, sox
from recorder_files.riff import GSM, chunk, data_of, riff, with_sizes
from recorder_files.second import by_ffmpeg, by_oggdec, by_opusdec, by_soundfile, by_sox, by_speexdec
from recorder_files.voice import CALLER, legs

_FRAME = 65


def wav49(blocks: slice = slice(None), *, is_closed: bool = True) -> bytes:
    """Return GSM in WAV: the size of ``data`` counts the byte that rounds it up, which is written at the end only."""
    gsm = data_of(sox(CALLER.wav(), "-e gsm-full-rate", ".wav"))
    gsm = b"".join([gsm[at : at + _FRAME] for at in range(0, len(gsm) // _FRAME * _FRAME, _FRAME)][blocks])
    rounded = len(gsm) + len(gsm) % 2
    fact = chunk(b"fact", struct.pack("<I", len(gsm) // _FRAME * 320))
    body = gsm + (bytes(rounded - len(gsm)) if is_closed else b"")
    fmt = struct.pack("<HHIIHHHH", GSM, 1, 8_000, 1_625, _FRAME, 0, 2, 320)
    head = riff(chunk(b"fmt ", fmt), fact, chunk(b"data", b"", rounded), size=52 + rounded)
    return head + body


def g723sf() -> bytes:
    """Return G.723.1 frames, each after four bytes of delay and two of its size."""
    frames = ffmpeg(CALLER.wav(), "-c:a g723_1 -b:a 6300 -f data -map 0:a", ".g723")
    return b"".join(bytes(4) + struct.pack(">H", 24) + frames[at : at + 24] for at in range(0, len(frames), 24))


def _raw(options: str, suffix: str, rate: int = 8_000) -> bytes:
    return ffmpeg(CALLER.wav(rate), options, suffix)


CASES = [
    Case("Asterisk", "wav, 16 bits at 8 kHz", ".wav", CALLER.wav),
    Case("Asterisk", "wav16", ".wav", lambda: CALLER.wav(16_000)),
    Case("Asterisk", "wav, killed before its sizes were written", ".wav",
         lambda: with_sizes(CALLER.wav(), 0, 0), written(CALLER.wav)),
    Case("Asterisk", "wav, MixMonitor with both sides apart", ".wav", legs),
    Case("Asterisk", "wav49 (GSM), closed", ".WAV", wav49, by_sox),
    Case("Asterisk", "wav49 (GSM), odd number of blocks, not closed", ".WAV",
         lambda: wav49(slice(0, 201), is_closed=False), by_soundfile),
    Case("Asterisk", "gsm", ".gsm", lambda: sox(CALLER.wav(), "-t gsm", ".gsm"), by_sox),
    Case("Asterisk", "ogg (Vorbis)", ".ogg",
         lambda: converted(CALLER.wav(), ".wav", ["oggenc", "-Q", "-o", "OUT", "IN"], ".ogg"), by_oggdec),
    Case("Asterisk", "ogg (Opus)", ".opus",
         lambda: converted(CALLER.wav(16_000), ".wav", ["opusenc", "--quiet", "--bitrate", "16", "IN", "OUT"], ".opus"),
         by_opusdec),
    Case("Asterisk", "spx (Speex)", ".spx",
         lambda: converted(CALLER.wav(), ".wav", ["speexenc", "--quality", "8", "IN", "OUT"], ".spx"), by_speexdec),
    Case("Asterisk", "au (mu-law)", ".au", lambda: sox(CALLER.wav(), "-e mu-law", ".au")),
    Case("Asterisk", "ulaw, no header", ".ul", lambda: _raw("-c:a pcm_mulaw -f mulaw", ".ul"), is_refused=True),
    Case("Asterisk", "alaw, no header", ".al", lambda: _raw("-c:a pcm_alaw -f alaw", ".al"), is_refused=True),
    Case("Asterisk", "sln, no header", ".sln", lambda: CALLER.pcm().tobytes(), by_ffmpeg, is_refused=True),
    Case("Asterisk", "sln48, no header", ".sln", lambda: CALLER.pcm(48_000).tobytes(), by_ffmpeg, is_refused=True),
    Case("Asterisk", "g722, no header", ".g722",
         lambda: _raw("-c:a g722 -f g722", ".g722", 16_000), by_ffmpeg, is_refused=True),
    Case("Asterisk", "g726-32, no header", ".g726",
         lambda: _raw("-c:a g726 -b:a 32k -f g726", ".g726"), by_ffmpeg, is_refused=True),
    Case("Asterisk", "vox (Dialogic ADPCM), no header", ".vox",
         lambda: sox(CALLER.wav(), "-t vox", ".vox"), is_refused=True),
    Case("Asterisk", "g729, no header", ".g729", g729, is_refused=True),
    Case("Asterisk", "g723sf (G.723.1), sizes only", ".g723sf", g723sf, by_ffmpeg, is_refused=True),
]  # fmt: skip
