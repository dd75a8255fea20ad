"""The second decoders, each of which returns a recording as a plain WAV file of 16 bits."""

import io
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import soundfile

from recorder_files import programs
from recorder_files.voice import wav

Decoder: TypeAlias = Callable[[bytes, str], bytes]
"""From a recording and the suffix of its name."""


def by_soundfile(data: bytes, suffix: str) -> bytes:
    """Decode with libsndfile."""
    headerless = {".gsm": "GSM610", ".ul": "ULAW", ".al": "ALAW", ".vox": "VOX_ADPCM"}
    options = {"samplerate": 8_000, "channels": 1, "format": "RAW"} if suffix in headerless else {}
    try:
        samples, rate = soundfile.read(
            io.BytesIO(data), dtype="float32", subtype=headerless.get(suffix), always_2d=True, **options
        )
    except soundfile.LibsndfileError as error:
        raise programs.ProgramMissingError(f"soundfile: {error.error_string}") from error
    return _wav(samples, rate)


def _wav(samples: "np.ndarray", rate: int) -> bytes:
    return wav((samples * 32_768).round().clip(-32_768, 32_767).astype(np.int16), rate)


def by_sox(data: bytes, suffix: str) -> bytes:
    """Decode with SoX."""
    return programs.sox(data, "-b 16 -e signed-integer", ".wav", suffix)


def by_ffmpeg(data: bytes, suffix: str) -> bytes:
    """Decode with FFmpeg's program, which guesses the format by itself."""
    return programs.ffmpeg(data, "-map 0:a:0 -c:a pcm_s16le", ".wav", suffix)


def by_speexdec(data: bytes, suffix: str) -> bytes:
    """Decode with libspeex's own program."""
    return programs.converted(data, suffix, ["speexdec", "IN", "OUT"], ".wav")


def by_opusdec(data: bytes, suffix: str) -> bytes:
    """Decode with libopusfile's own program."""
    return programs.converted(data, suffix, ["opusdec", "--quiet", "--no-dither", "IN", "OUT"], ".wav")


def by_oggdec(data: bytes, suffix: str) -> bytes:
    """Decode with libvorbisfile's own program."""
    return programs.converted(data, suffix, ["oggdec", "-Q", "-o", "OUT", "IN"], ".wav")


def by_lame(data: bytes, suffix: str) -> bytes:
    """Decode with LAME's own decoder, mpglib."""
    return programs.converted(data, suffix, ["lame", "--quiet", "--decode", "IN", "OUT"], ".wav")


NAMES: dict[Decoder, str] = {
    by_soundfile: "libsndfile",
    by_sox: "SoX",
    by_ffmpeg: "ffmpeg",
    by_speexdec: "speexdec",
    by_opusdec: "opusdec",
    by_oggdec: "oggdec",
    by_lame: "lame",
}
