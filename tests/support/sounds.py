"""Recordings made for a test, in any format that PyAV can write."""

import io
import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vm_mcp.audio import SAMPLE_RATE, Samples, decode

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
TELEPHONE_RATE = 8_000


def voice(name: str) -> Samples:
    """Return what is said in one of the simulator's recordings."""
    [file] = VOICES.glob(f"{name}.*")
    return decode(file.read_bytes())


def wav(samples: npt.NDArray[np.floating], rate: int = SAMPLE_RATE) -> bytes:
    """Return a WAV file of 16-bit samples from -32768 to 32767, one column for each channel."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def stereo(left: Samples, right: Samples) -> bytes:
    """Return a WAV file with two channels of samples from -1 to 1."""
    return wav(np.stack([left, right], axis=1).clip(-1, 1) * 32_767)


def noise(length: int, decibels: float, seed: int = 0) -> Samples:
    """Return steady noise."""
    level = 10 ** (decibels / 20)
    return (np.random.default_rng(seed).normal(size=length) * level).astype(np.float32)


def encoded(sound: Samples, container: str, codec: str, rate: int = TELEPHONE_RATE) -> bytes:
    """Return a file of one of FFmpeg's containers; an empty sound makes one without packets."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, av.AudioStream)
        file.start_encoding()
        source = av.AudioFrame.from_ndarray(sound[np.newaxis].astype(np.float32), format="fltp", layout="mono")
        source.sample_rate = SAMPLE_RATE
        context = stream.codec_context
        resampler = av.AudioResampler(context.format, "mono", rate, context.frame_size or 1_024)
        for frame in [*resampler.resample(source), *resampler.resample(None)] if len(sound) else []:
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def flac_of_silence(minutes: int) -> bytes:
    """Return a FLAC file of silence, of which a minute takes a few kilobytes."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=8_000, layout="mono")
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 8_000 * 60), "<i2"), layout="mono")
        silence.sample_rate = 8_000
        for _ in range(minutes):
            for packet in stream.encode(silence):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return buffer.getvalue()
