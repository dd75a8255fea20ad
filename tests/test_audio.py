"""Formats are detected from the bytes, and recordings in any state become samples or our error."""

import contextlib
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sounds import VOICES, flac_of_silence, wav

from vm_mcp.audio import SAMPLE_RATE, decode, sniff
from vm_mcp.errors import AudioDecodeError


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    return 10_000 * np.sin(2 * np.pi * 300 * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("file", sorted(VOICES.glob("*.[wm][ap][v3]")), ids=lambda file: file.stem)
def test_every_shipped_recording_has_a_format_and_decodes(file: Path) -> None:
    data = file.read_bytes()
    found = sniff(data)
    assert found
    assert found.suffix == file.suffix
    samples = decode(data)
    assert len(samples) > 5 * SAMPLE_RATE
    assert 0 < np.abs(samples).max() <= 1


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=3_000))
@settings(max_examples=25, deadline=None)
def test_samples_at_our_rate_are_not_changed(values: list[int]) -> None:
    samples = decode(wav(np.array(values)))
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, np.array(values) / 32_768, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000])
def test_any_rate_and_channels_keep_length_and_sound(rate: int, channels: int) -> None:
    samples = decode(wav(np.stack([tone(rate)] * channels, axis=1), rate))
    expected = tone(SAMPLE_RATE) / 32_768
    assert abs(len(samples) - SAMPLE_RATE) <= 16
    middle = slice(1_000, 15_000)
    np.testing.assert_allclose(samples[middle], expected[middle], atol=0.01)


def test_infinite_samples_and_nan_become_silence() -> None:
    values = np.array([0.5, np.nan, np.inf, -np.inf, 9.0] * 400, dtype="<f4").tobytes()
    header = struct.pack("<IHHIIHH", 16, 3, 1, SAMPLE_RATE, SAMPLE_RATE * 4, 4, 32)
    body = b"WAVEfmt " + header + b"data" + struct.pack("<I", len(values)) + values
    samples = decode(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert set(np.unique(samples)) == {0.0, 0.5, 1.0}


def test_of_a_recording_longer_than_allowed_the_beginning_is_decoded() -> None:
    whole = wav(tone(8_000, 31), 8_000)
    np.testing.assert_array_equal(decode(whole, max_seconds=30), decode(whole)[: 30 * SAMPLE_RATE])


def test_a_small_file_with_an_absurd_rate_is_refused() -> None:
    with pytest.raises(AudioDecodeError):
        decode(wav(np.ones(100_000), rate=1))


def test_a_recording_that_was_cut_off_is_decoded_up_to_there() -> None:
    whole = (VOICES / "en03_dentist.mp3").read_bytes()
    assert len(decode(whole[: len(whole) // 2])) > 4 * SAMPLE_RATE


def test_the_rest_of_a_damaged_recording_is_decoded() -> None:
    data = bytearray((VOICES / "en03_dentist.mp3").read_bytes())
    data[8_000:9_000] = bytes(1_000)
    assert len(decode(bytes(data))) > 9 * SAMPLE_RATE


HEADS = st.sampled_from(
    [
        b"",
        b"OggS\0",
        b"fLaC\0\0\0\x22",
        b"#!AMR\n",
        b".snd",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypM4A ",
        b"ID3\3\0\0\0\0\0\0",
        b"RIFX\0\0\0\0WAVEfmt \0\0\0\x10\0\1\0\2\0\0\x1f\x40\0\0\x7d\0\0\4\0\x10data",
        b"RF64\xff\xff\xff\xffWAVEds64",
        b"FORM\0\0\0\0AIFFCOMM\0\0\0\x12\0\1\0\0\0\0\0\x10\x40\x0b\xfa\0\0\0\0\0\0\0SSND",
        b"caff\0\1\0\0desc",
        b"\xff\xf1\x60\x40",
    ]
)


@given(HEADS, st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_arbitrary_bytes_decode_or_raise_our_error(head: bytes, data: bytes) -> None:
    with contextlib.suppress(AudioDecodeError):
        assert decode(head + data).ndim == 1


def test_damaged_audio_prints_nothing() -> None:
    code = "from vm_mcp.audio import decode; print(len(decode(open(0, 'rb').read())))"
    damaged = bytearray((VOICES / "en03_dentist.mp3").read_bytes())
    damaged[2_000:2_500] = b"\xff\xfb\x90\0" * 125
    done = subprocess.run([sys.executable, "-c", code], input=bytes(damaged), capture_output=True, check=True)
    assert int(done.stdout) > SAMPLE_RATE
    assert done.stderr == b""


def test_detecting_the_format_imports_no_decoder() -> None:
    code = "import sys; from vm_mcp.audio import sniff; sniff(b'OggS'); print({'av', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"


def test_of_a_small_file_that_holds_hours_only_the_beginning_fills_memory() -> None:
    small = flac_of_silence(minutes=30)
    assert len(small) < 500_000
    tracemalloc.start()
    try:
        assert len(decode(small, max_seconds=300)) == 300 * SAMPLE_RATE
        assert tracemalloc.get_traced_memory()[1] < 3 * 300 * SAMPLE_RATE * 4
    finally:
        tracemalloc.stop()
