"""Each format is detected from the bytes, wherever it begins, and its words come out whatever the header says."""

import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.sounds import TELEPHONE_RATE, VOICES, encoded, voice, wav

from vm_mcp.audio import SAMPLE_RATE, Samples, decode, sniff
from vm_mcp.audio.formats import locate
from vm_mcp.errors import AudioDecodeError

SPEECH = voice("tr01_randevu")
MP3 = (VOICES / "en03_dentist.mp3").read_bytes()
JUNK = np.random.default_rng(1).integers(0, 256, 5_000, np.uint8).tobytes()
ID3 = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)


def mp3_frames(count: int) -> bytes:
    """Return silent MPEG 2 layer III frames, 32 kbit/s at 16 kHz: 144 bytes each."""
    return (b"\xff\xf3\x48\xc4" + bytes(140)) * count


def adts_frames(count: int) -> bytes:
    """Return ADTS frames of 16 bytes."""
    return (b"\xff\xf1\x60\x40\x02\x1f\xfc" + bytes(9)) * count


@pytest.mark.parametrize(
    ("head", "mime_type", "suffix"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav", ".wav"),
        (b"RIFX\0\0\0\x24WAVEfmt ", "audio/wav", ".wav"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav", ".wav"),
        (b"BW64\xff\xff\xff\xffWAVEds64", "audio/wav", ".wav"),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6", "audio/x-w64", ".w64"),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg", ".mp3"),
        (mp3_frames(2), "audio/mpeg", ".mp3"),
        (adts_frames(2), "audio/aac", ".aac"),
        (ID3 + adts_frames(3), "audio/aac", ".aac"),
        (ID3 + b"fLaC\0\0\0\x22", "audio/flac", ".flac"),
        (b"OggS\0\x02", "audio/ogg", ".ogg"),
        (b"fLaC\0\0\0\x22", "audio/flac", ".flac"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4", ".m4a"),
        (b"\0\0\0\x18ftyp3gp4", "audio/3gpp", ".3gp"),
        (b"#!AMR\n", "audio/amr", ".amr"),
        ((b"\xd8\x20\xa2\xe1\x5a" + bytes(28)) * 10, "audio/gsm", ".gsm"),
        (b".snd\0\0\0\x18", "audio/basic", ".au"),
        (b"FORM\0\0\0\x2eAIFFCOMM", "audio/aiff", ".aiff"),
        (b"FORM\0\0\0\x2eAIFCFVER", "audio/aiff", ".aiff"),
        (b"caff\0\1\0\0desc", "audio/x-caf", ".caf"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "audio/webm", ".webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", "audio/x-matroska", ".mka"),
    ],
)
def test_each_format_is_detected_from_its_first_bytes(head: bytes, mime_type: str, suffix: str) -> None:
    found = sniff(head)
    assert found
    assert (found.mime_type, found.suffix) == (mime_type, suffix)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>error</body></html>",
        b'{"error": "no"}',
        b"%PDF-1.7",
        b"RIFF\x24\0\0\0AVI LIST",
        b"FORM\0\0\0\x2eILBMBMHD",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"\xff\xfe<\0h\0t\0m\0l\0",
        mp3_frames(1) + bytes(144),
        bytes(200) + mp3_frames(1) + bytes(144),
        adts_frames(1) + bytes(144),
        b"ID3\x04\0\0\xff\0\0\0",
        JUNK,
        bytes(5_000),
        b"\xd5" * 8_000,
        b"\xff" * 90_000,
    ],
)
def test_bytes_that_are_not_audio_have_no_format(data: bytes) -> None:
    assert sniff(data) is None
    with pytest.raises(AudioDecodeError, match="web console"):
        decode(data)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mulaw", "pcm_mulaw"), ("alaw", "pcm_alaw"), ("s16le", "pcm_s16le"), ("g722", "g722"), ("g726", "g726")],
)
@pytest.mark.parametrize("name", ["tr01_randevu", "sil1_noise"])
def test_sound_without_a_header_is_refused_and_taken_for_nothing_else(name: str, container: str, codec: str) -> None:
    with pytest.raises(AudioDecodeError, match="not in an audio format"):
        decode(encoded(voice(name), container, codec))


def is_speech(data: bytes, speech: Samples = SPEECH) -> bool:
    """Return whether a recording, decoded, is the speech, up to what a codec loses and at most 0.2 s later."""
    decoded = decode(data)
    length = max(len(decoded), len(speech))
    spectra = [np.fft.rfft(each, 2 * length) for each in (decoded, speech)]
    matched = np.fft.irfft(spectra[0] * spectra[1].conj())[: SAMPLE_RATE // 5].max()
    is_whole = abs(len(decoded) - len(speech)) < SAMPLE_RATE / 4
    return bool(is_whole and matched > 0.9 * np.linalg.norm(decoded) * np.linalg.norm(speech))


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("adts", "aac", 16_000),
        ("aiff", "pcm_s16be", 8_000),
        ("aiff", "pcm_alaw", 8_000),
        ("caf", "pcm_s16le", 8_000),
        ("caf", "pcm_mulaw", 8_000),
        ("w64", "pcm_s16le", 8_000),
        ("wav", "pcm_alaw", 8_000),
        ("wav", "adpcm_ima_wav", 8_000),
        ("mp3", "libmp3lame", 8_000),
        ("ogg", "libopus", 16_000),
        ("au", "pcm_alaw", 8_000),
    ],
)
def test_speech_comes_out_of_every_format(container: str, codec: str, rate: int) -> None:
    assert is_speech(encoded(SPEECH, container, codec, rate))


@pytest.mark.parametrize(
    "junk",
    [bytes(731), bytes(60_000), MP3[300:500], JUNK, b"\r\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n"],
    ids=["zeros", "many zeros", "half a frame", "junk", "line feed", "byte order mark", "text"],
)
@pytest.mark.parametrize(("container", "codec", "rate"), [("mp3", "libmp3lame", 8_000), ("adts", "aac", 16_000)])
def test_frames_are_found_behind_anything(junk: bytes, container: str, codec: str, rate: int) -> None:
    assert is_speech(junk + encoded(SPEECH, container, codec, rate))


@pytest.mark.parametrize("junk", [bytes(731), b"\r\n", b"\xef\xbb\xbf", b"\0\r\n \t"])
def test_a_file_is_found_behind_zeros_and_blanks(junk: bytes) -> None:
    assert is_speech(junk + wav(SPEECH * 32_767))


def test_zeros_before_a_file_whose_format_begins_with_zeros_are_told_apart() -> None:
    located = locate(b"\0\0\0\x20ftypM4A ")
    assert located
    assert located.offset == 0


@given(st.binary(max_size=300), st.sampled_from([mp3_frames(4), adts_frames(4), b"caff\0\1\0\0"]))
@example(b"\0\n", b"caff\0\1\0\0")
def test_what_is_found_begins_where_it_is_said_to(junk: bytes, recording: bytes) -> None:
    located = locate(junk + recording)
    if located:
        again = locate((junk + recording)[located.offset :])
        assert again == (located.audio_format, 0)


def big_endian_wav(sound: Samples, code: int, width: int) -> bytes:
    """Return a RIFX file, as PCM (code 1), float (3) or extensible (0xFFFE)."""
    block = struct.pack(">HHIIHH", code, 1, SAMPLE_RATE, SAMPLE_RATE * width, width, 8 * width)
    if code == 0xFFFE:
        guid = bytes.fromhex("0000000100001000800000aa00389b71")
        block += struct.pack(">HHI", 22, 8 * width, 4) + guid
    if code == 3:
        samples = sound.astype(">f4").tobytes()
    else:
        scaled = (sound * (2 ** (8 * width - 1) - 1)).astype(">i4")
        samples = scaled.view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
    body = b"WAVEfmt " + struct.pack(">I", len(block)) + block + b"data" + struct.pack(">I", len(samples)) + samples
    return b"RIFX" + struct.pack(">I", len(body)) + body


@pytest.mark.parametrize(("code", "width"), [(1, 2), (1, 3), (1, 4), (3, 4), (0xFFFE, 2)])
def test_a_big_endian_wav_is_no_noise(code: int, width: int) -> None:
    np.testing.assert_allclose(decode(big_endian_wav(SPEECH, code, width)), SPEECH, atol=1e-3)


def with_lengths(data: bytes, order: str, of_file: int, of_sound: int, name: bytes = b"data") -> bytes:
    """Return a file with other lengths in its header."""
    patched = bytearray(data)
    struct.pack_into(order + "I", patched, 4, of_file)
    struct.pack_into(order + "I", patched, data.index(name) + 4, of_sound)
    return bytes(patched)


LENGTHS = [(0, 0), (36, 0), (2**32 - 1, 2**32 - 1), (2**31 - 1, 2**31 - 37), (2**31, 2**31), (40_036, 40_000)]


@pytest.mark.parametrize(("of_file", "of_sound"), LENGTHS)
@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_alaw", "adpcm_ima_wav"])
def test_a_wav_whose_recorder_was_killed_is_decoded_to_its_end(codec: str, of_file: int, of_sound: int) -> None:
    assert is_speech(with_lengths(encoded(SPEECH, "wav", codec), "<", of_file, of_sound))


@pytest.mark.parametrize(("of_file", "of_sound"), LENGTHS)
def test_a_big_endian_wav_whose_recorder_was_killed_is_decoded_to_its_end(of_file: int, of_sound: int) -> None:
    assert is_speech(with_lengths(big_endian_wav(SPEECH, 1, 2), ">", of_file, of_sound))


@pytest.mark.parametrize(("of_file", "of_sound"), [*LENGTHS, (46, 8)])
def test_an_aiff_whose_recorder_was_killed_is_decoded_to_its_end(of_file: int, of_sound: int) -> None:
    data = with_lengths(encoded(SPEECH, "aiff", "pcm_s16be"), ">", of_file, of_sound, b"SSND")
    frames = data.index(b"COMM") + 10
    assert is_speech(data[:frames] + struct.pack(">I", of_sound // 2) + data[frames + 4 :])


@pytest.mark.parametrize("length", [0, 2 * len(SPEECH)])
def test_a_large_wav_is_decoded_whether_its_lengths_were_written_or_not(length: int) -> None:
    plain = wav(SPEECH * 32_767)
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, length, length, 0, 0)
    data = b"RF64" + b"\xff" * 4 + b"WAVE" + ds64 + plain[12:40] + b"\xff" * 4 + plain[44:]
    assert is_speech(data)


def test_other_chunks_after_the_sound_are_not_decoded() -> None:
    plain = wav(SPEECH * 32_767)
    for rest in (b"LIST" + struct.pack("<I", 4_000) + JUNK[:4_000], b"TAG" + JUNK[:125]):
        np.testing.assert_array_equal(decode(plain + rest), decode(plain))


def with_chunks(before: bytes = b"", after: bytes = b"", speech: Samples = SPEECH) -> bytes:
    """Return a WAV file with chunks before and after its sound."""
    plain = wav(speech * 32_767)
    return plain[:36] + before + plain[36:] + after


@pytest.mark.parametrize("padding", [b"\0", b"", b"x"])
@pytest.mark.parametrize("name", [b"LIST", b"odd "])
def test_a_chunk_of_odd_length_may_lack_its_padding(name: bytes, padding: bytes) -> None:
    odd = name + struct.pack("<I", 15) + b"INFOISFT\3\0\0\0abc" + padding
    np.testing.assert_array_equal(decode(with_chunks(before=odd)), decode(with_chunks()))


def test_a_chunk_after_sound_of_odd_length_may_lack_its_padding() -> None:
    mulaw = encoded(SPEECH, "wav", "pcm_mulaw")
    [begin, length] = [mulaw.index(b"data") + 8, int.from_bytes(mulaw[mulaw.index(b"data") + 4 :][:4], "little")]
    odd = with_lengths(mulaw[: begin + length - 1 - length % 2], "<", 0, length - 1 - length % 2)
    np.testing.assert_array_equal(decode(odd + b"LIST" + struct.pack("<I", 4_000) + JUNK[:4_000]), decode(odd))


def test_wav_files_put_one_behind_the_other_are_one_message() -> None:
    other, speech = voice("tr02_geri_ara"), with_chunks(after=b"LIST\4\0\0\0INFO")
    parts = speech + encoded(other, "wav", "pcm_alaw") + big_endian_wav(SPEECH, 1, 2)
    assert is_speech(parts, np.concatenate([SPEECH, decode(encoded(other, "wav", "pcm_alaw")), SPEECH]))


def test_of_files_put_one_behind_the_other_those_are_decoded_that_can_be() -> None:
    unknown = bytearray(wav(SPEECH * 32_767))
    unknown[20:22] = b"\x34\x12"
    assert is_speech(wav(SPEECH * 32_767) + bytes(unknown) + b"RIFF\4\0\0\0WAVE")


def test_of_files_put_one_behind_the_other_no_more_is_decoded_than_allowed() -> None:
    twice = decode(wav(SPEECH * 32_767) * 2, max_seconds=15)
    assert len(twice) == 15 * SAMPLE_RATE
    assert is_speech(wav(twice * 32_767), np.concatenate([SPEECH, SPEECH])[: len(twice)])


@pytest.mark.parametrize("size", [0, 24, 2**40])
def test_a_wave64_whose_recorder_was_killed_is_decoded_to_its_end(size: int) -> None:
    data = bytearray(encoded(SPEECH, "w64", "pcm_s16le"))
    struct.pack_into("<Q", data, 16, size)
    struct.pack_into("<Q", data, data.index(b"data\xf3\xac") + 16, size)
    assert is_speech(bytes(data))


@pytest.mark.parametrize(
    ("container", "codec", "place", "size"),
    [
        ("au", "pcm_s16be", 8, bytes(4)),
        ("au", "pcm_s16be", 8, b"\xff" * 4),
        ("caf", "pcm_s16le", None, bytes(8)),
        ("caf", "pcm_s16le", None, b"\xff" * 8),
    ],
)
def test_other_files_without_a_length_are_decoded_to_their_end(
    container: str, codec: str, place: int | None, size: bytes
) -> None:
    data = encoded(SPEECH, container, codec)
    begin = data.index(b"data") + 4 if place is None else place
    assert is_speech(data[:begin] + size + data[begin + len(size) :])


@pytest.mark.parametrize(("code", "bits"), [(0x1234, 8), (0x38, 4), (0x38, 2)])
def test_a_codec_without_a_decoder_is_told_from_damage(code: int, bits: int) -> None:
    facts = struct.pack("<IHHIIHH", 16, code, 1, TELEPHONE_RATE, 4_000, 42, bits)
    with pytest.raises(AudioDecodeError, match="not in an audio format"):
        decode(b"RIFF\0\0\0\0WAVEfmt " + facts + b"data" + struct.pack("<I", len(JUNK)) + JUNK)


def test_g721_is_read_from_the_half_of_a_byte_that_its_writer_began_with() -> None:
    g726 = bytearray(encoded(SPEECH, "wav", "g726"))
    begin = g726.index(b"data") + 8
    g726[20:22] = b"\x40\0"
    swapped = bytes((byte & 0xF) << 4 | byte >> 4 for byte in g726[begin:])
    assert is_speech(bytes(g726[:begin]) + swapped)


@pytest.mark.parametrize("data", [b"RIFF\0\0\0\0WAVEdata\4\0\0\0\1\0\1\0fmt \x10\0\0\0\1\0",
                                  b"FORM\0\0\0\0AIFFSSND\0\0\0\0COMM\0\0\0\x12\0\1"])  # fmt: skip
def test_a_header_that_is_cut_off_is_damage(data: bytes) -> None:
    with pytest.raises(AudioDecodeError):
        decode(data)


def gsm_frames() -> bytes:
    """Return a second of GSM frames with arbitrary content."""
    return b"".join(b"\xd8" + JUNK[begin : begin + 32] for begin in range(0, 1_600, 32))


@pytest.mark.parametrize("length", [0, 1_650])
def test_gsm_frames_of_the_telephone_network_in_a_wav_are_decoded_as_such(length: int) -> None:
    facts = struct.pack("<HHIIHHHH", 0x31, 1, TELEPHONE_RATE, 1_625, 65, 0, 2, 320)
    body = b"WAVEfmt " + struct.pack("<I", 20) + facts + b"data" + struct.pack("<I", length) + gsm_frames()
    in_wav = b"RIFF" + struct.pack("<I", len(body)) + body
    np.testing.assert_array_equal(decode(in_wav), decode(gsm_frames()))
    assert len(decode(in_wav)) == SAMPLE_RATE


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("aiff", "pcm_s16be"),
        ("caf", "pcm_s16le"),
        ("au", "pcm_alaw"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("ipod", "aac"),
    ],
)
def test_a_file_without_sound_is_empty(container: str, codec: str) -> None:
    assert len(decode(encoded(SPEECH[:0], container, codec))) == 0


@pytest.mark.parametrize("data", [b"", wav(np.array([])), with_lengths(wav(np.zeros(0)), "<", 0, 0), ID3, b"#!AMR\n"])
def test_a_recording_of_nothing_is_empty(data: bytes) -> None:
    assert len(decode(data)) == 0


@pytest.mark.parametrize(
    "head",
    [
        b"OggS\0\2",
        b"fLaC\0\0\0\x22",
        b".snd\0\0\0\x18",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypM4A ",
        ID3,
        b"caff\0\1\0\0",
    ],
)
def test_damage_is_not_taken_for_an_empty_recording(head: bytes) -> None:
    with pytest.raises(AudioDecodeError, match="damaged"):
        decode(head + JUNK[:3_000])


@pytest.mark.parametrize("length", [1, 23, 300, 4_000])
def test_a_moment_of_sound_is_decoded(length: int) -> None:
    for shape in ((length,), (length, 2)):
        assert len(decode(wav(np.linspace(-9_000, 9_000, int(np.prod(shape))).reshape(shape)))) == length


@pytest.mark.parametrize("samples", [1, 5, 20])
def test_a_recording_of_two_milliseconds_is_empty_and_not_damaged(samples: int) -> None:
    assert len(decode(wav(np.full(samples, 8_000.0), 8_000))) == 0
