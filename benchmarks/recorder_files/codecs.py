"""Telephone codecs that no program here encodes: their libraries, called by their C functions."""

import ctypes
import io
import struct

import av
import numpy as np

from recorder_files.programs import ProgramMissingError
from recorder_files.riff import chunk, riff
from recorder_files.voice import CALLER, Voice, wav

_G729_IN_WAV = 0x83
_G729_FRAME, _G729_SAMPLES = 10, 80
_WIDEBAND_SAMPLES, _WIDEBAND_MODE = 320, 8


def _library(name: str, package: str) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise ProgramMissingError(f"{package} is not installed") from error


def amr(voice: Voice = CALLER) -> bytes:
    """Return AMR-NB at 12.2 kbit/s, by the encoder that PyAV brings."""
    buffer, samples = io.BytesIO(), voice.pcm()
    with av.open(buffer, "w", format="amr") as file:
        stream = file.add_stream("libopencore_amrnb", rate=8_000, layout="mono")
        stream.bit_rate = 12_200
        for begin in range(0, len(samples) - 160, 160):
            frame = av.AudioFrame.from_ndarray(samples[np.newaxis, begin : begin + 160], format="s16", layout="mono")
            frame.sample_rate, frame.pts = 8_000, begin
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def amr_wb() -> bytes:
    """Return AMR-WB at 23.85 kbit/s, by libvo-amrwbenc."""
    library = _library("libvo-amrwbenc.so.0", "libvo-amrwbenc0")
    library.E_IF_init.restype = ctypes.c_void_p
    encoder, samples = ctypes.c_void_p(library.E_IF_init()), CALLER.pcm(16_000)
    frames, buffer = [b"#!AMR-WB\n"], ctypes.create_string_buffer(100)
    for begin in range(0, len(samples) - _WIDEBAND_SAMPLES, _WIDEBAND_SAMPLES):
        sound = samples[begin : begin + _WIDEBAND_SAMPLES].tobytes()
        size = library.E_IF_encode(encoder, _WIDEBAND_MODE, sound, buffer, 0)
        frames.append(buffer.raw[:size])
    library.E_IF_exit(encoder)
    return b"".join(frames)


_WIDEBAND_SIZES = (18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1)
"""Bytes of a frame with its first one, by the mode that this says."""


def by_opencore(data: bytes, suffix: str) -> bytes:  # noqa: ARG001  # a decoder's
    """Decode AMR-WB with libopencore-amrwb."""
    library = _library("libopencore-amrwb.so.0", "libopencore-amrwb0")
    library.D_IF_init.restype = ctypes.c_void_p
    decoder, at = ctypes.c_void_p(library.D_IF_init()), data.index(b"\n") + 1
    sound, buffer = list[bytes](), ctypes.create_string_buffer(2 * _WIDEBAND_SAMPLES)
    while at < len(data):
        size = _WIDEBAND_SIZES[data[at] >> 3 & 15]
        library.D_IF_decode(decoder, data[at : at + size], buffer, 0)
        sound.append(buffer.raw)
        at += size
    library.D_IF_exit(decoder)
    return wav(np.frombuffer(b"".join(sound), np.int16), 16_000)


def g729() -> bytes:
    """Return G.729 frames without any header, by libbcg729."""
    library = _bcg729()
    encoder, samples = ctypes.c_void_p(library.initBcg729EncoderChannel(0)), CALLER.pcm()
    frames, buffer, size = list[bytes](), ctypes.create_string_buffer(_G729_FRAME), ctypes.c_uint8()
    for begin in range(0, len(samples) - _G729_SAMPLES, _G729_SAMPLES):
        library.bcg729Encoder(encoder, samples[begin : begin + _G729_SAMPLES].tobytes(), buffer, ctypes.byref(size))
        frames.append(buffer.raw[: size.value])
    library.closeBcg729EncoderChannel(encoder)
    return b"".join(frames)


def g729_in_wav() -> bytes:
    """Return the same frames in WAV."""
    fmt = struct.pack("<HHIIHHH", _G729_IN_WAV, 1, 8_000, 1_000, _G729_FRAME, 0, 0)
    return riff(chunk(b"fmt ", fmt), chunk(b"data", g729()))


def by_bcg729(data: bytes, suffix: str) -> bytes:  # noqa: ARG001  # a decoder's
    """Decode the frames of `g729_in_wav` with libbcg729."""
    library = _bcg729()
    decoder, frames = ctypes.c_void_p(library.initBcg729DecoderChannel()), data[data.index(b"data") + 8 :]
    sound, buffer = list[bytes](), ctypes.create_string_buffer(2 * _G729_SAMPLES)
    for begin in range(0, len(frames), _G729_FRAME):
        library.bcg729Decoder(decoder, frames[begin : begin + _G729_FRAME], _G729_FRAME, 0, 0, 0, buffer)
        sound.append(buffer.raw)
    library.closeBcg729DecoderChannel(decoder)
    return wav(np.frombuffer(b"".join(sound), np.int16), 8_000)


def _bcg729() -> ctypes.CDLL:
    library = _library("libbcg729.so.0", "libbcg729-0")
    library.initBcg729EncoderChannel.restype = library.initBcg729DecoderChannel.restype = ctypes.c_void_p
    return library
