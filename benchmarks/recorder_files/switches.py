"""What FreeSWITCH (and FusionPBX, which runs on it), 3CX and FRITZ!Box write.

FreeSWITCH's ``mod_sndfile`` writes with libsndfile, and its ``mod_shout`` with LAME at a constant bit rate and without
the tag that says how long the recording is. FRITZ!Box stores Speex frames, a length byte before each.
"""

import io
import tempfile
from pathlib import Path

import soundfile

from recorder_files.cases import Case, written
from recorder_files.programs import converted, ffmpeg, lame, sox
from recorder_files.riff import with_sizes
from recorder_files.second import by_ffmpeg, by_lame, by_opusdec, by_soundfile, by_sox
from recorder_files.voice import CALLEE, CALLER, legs, wav


def sndfile(container: str, subtype: str, rate: int = 8_000) -> bytes:
    """Return a file that libsndfile writes."""
    buffer = io.BytesIO()
    # As floats: of integers, libsndfile would write floats up to 32,767.
    soundfile.write(buffer, CALLER.pcm(rate) / 32_768, rate, format=container, subtype=subtype)
    return buffer.getvalue()


def twice(rate: int = 8_000) -> bytes:
    """Return both messages, one after the other, as a plain WAV file."""
    both = legs(rate)
    samples, _ = soundfile.read(io.BytesIO(both), dtype="int16")
    return wav(samples.sum(axis=1, dtype="int16"), rate)


def appended() -> bytes:
    """Return a WAV file to which libsndfile adds a second message later."""
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder, "appended.wav")
        name.write_bytes(CALLER.wav())
        with soundfile.SoundFile(name, "r+") as file:
            file.seek(0, soundfile.SEEK_END)
            file.write(CALLEE.pcm())
        return name.read_bytes()


def speex_frames() -> list[bytes]:
    """Return Speex frames of 38 bytes, 20 ms each, taken out of their Ogg pages."""
    command = ["speexenc", "--narrowband", "--quality", "8", "IN", "OUT"]
    ogg, packets, partial = converted(CALLER.wav(), ".wav", command, ".spx"), list[bytes](), b""
    at = 0
    while at < len(ogg):
        sizes = ogg[at + 27 : at + 27 + ogg[at + 26]]
        at += 27 + len(sizes)
        for size in sizes:
            partial, at = partial + ogg[at : at + size], at + size
            if size < 255:  # noqa: PLR2004  # Ogg's: the packet goes on after a piece of that length
                packets.append(partial)
                partial = b""
    return packets[2:]


def fritzbox() -> bytes:
    """Return what a FRITZ!Box keeps as ``rec.0.000``."""
    return b"".join(bytes([len(frame)]) + frame for frame in speex_frames())


_SHOUT = "-b 16 --cbr -t --resample 8"

CASES = [
    Case("FreeSWITCH", "wav by mod_sndfile", ".wav", lambda: sndfile("WAV", "PCM_16")),
    Case("FreeSWITCH", "wav at 48 kHz", ".wav", lambda: sndfile("WAV", "PCM_16", 48_000)),
    Case("FreeSWITCH", "wav, a leg in each channel", ".wav", legs),
    Case("FreeSWITCH", "wav, a second part appended", ".wav", appended),
    Case("FreeSWITCH", "wav, killed: sizes of its first moment", ".wav",
         lambda: with_sizes(CALLER.wav(), 36, 0), written(CALLER.wav)),
    Case("FreeSWITCH", "wav, two files put one behind the other", ".wav",
         lambda: CALLER.wav() + CALLEE.wav(), written(twice), is_joined=True),
    Case("FreeSWITCH", "gsm by mod_sndfile", ".gsm", lambda: sndfile("RAW", "GSM610")),
    Case("FreeSWITCH", "mp3 by mod_shout, 8 kHz", ".mp3", lambda: lame(CALLER.wav(), _SHOUT), by_lame),
    Case("FreeSWITCH", "mp3, a leg in each channel", ".mp3",
         lambda: lame(legs(), "-b 32 --cbr -t -m j"), by_soundfile),
    Case("FreeSWITCH", "mp3, a second part appended", ".mp3",
         lambda: lame(CALLER.wav(), _SHOUT) + lame(CALLEE.wav(), _SHOUT), written(twice), is_joined=True),
    Case("FreeSWITCH", "opus by mod_opusfile", ".opus",
         lambda: converted(CALLER.wav(), ".wav", ["opusenc", "--quiet", "IN", "OUT"], ".opus"), by_opusdec),
    Case("FreeSWITCH", "mp4 by mod_av", ".mp4", lambda: ffmpeg(CALLER.wav(16_000), "-c:a aac", ".mp4"), by_ffmpeg),
    Case("FreeSWITCH", "ul by mod_sndfile, no header", ".ul", lambda: sndfile("RAW", "ULAW"), is_refused=True),
    Case("FreeSWITCH", "PCMA by mod_native_file, no header", ".al", lambda: sndfile("RAW", "ALAW"), is_refused=True),
    Case("FusionPBX", "mp3, as its mail sends it", ".mp3",
         lambda: lame(CALLER.wav(), "-b 32 --cbr --tt Voicemail"), by_soundfile),
    Case("3CX", "wav, 16 bits at 8 kHz", ".wav", lambda: sox(CALLER.wav(), "", ".wav")),
    Case("3CX", "wav, GSM", ".wav", lambda: sndfile("WAV", "GSM610"), by_sox),
    Case("FRITZ!Box", "wav, as its web page sends it", ".wav", CALLER.wav),
    Case("FRITZ!Box", "rec.0.000: Speex, no header", ".spx", fritzbox, written(CALLER.wav), is_refused=True),
]  # fmt: skip
