"""What comes of a message on each kind of speech server, whatever that does silently."""

import io
import struct
import wave
from collections.abc import Callable
from functools import partial
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.speech_api import MakeRemote, SpeechApi, voice
from support.speech_servers import Answer, WhisperCpp, message, said, speaches, transformers_serve, vllm

from vm_mcp import audio
from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote.conversation import better_language
from vm_mcp.asr.remote.recording_parts import cut, length_seconds, readable, to_pcm, write_wav
from vm_mcp.asr.remote.transcription_response import ServerTranscript
from vm_mcp.errors import AudioDecodeError, EngineFailedError, EngineUnavailableError, TranscriptionError

pytestmark = [pytest.mark.anyio, pytest.mark.thorough]
pytest_plugins = ["support.engine_fixtures"]

ANY = TranscribeOptions()
TURKISH = ("tr01_randevu", "tr02_geri_ara", "tr05_klinik")
KINDS: list[Callable[[], Callable[[bytes, dict[str, str]], Answer]]] = [
    WhisperCpp,
    lambda: transformers_serve,
    lambda: speaches,
    lambda: vllm,
]


def adpcm_wav(recording: bytes) -> bytes:
    """Return a recording as WAV at 8 kHz in an encoding that, as GSM, not every server can read."""
    buffer = io.BytesIO()
    samples = np.round(audio.decode(recording)[::2] * 32767).astype("<i2")
    with av.open(buffer, "w", format="wav") as container:
        stream = container.add_stream("adpcm_ms", rate=8_000)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate = 8_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", KINDS, ids=["whisper.cpp", "transformers", "speaches", "vllm"])
@pytest.mark.parametrize("name", [*TURKISH, "en01_callback"])
async def test_the_first_message_on_every_kind_of_server_is_what_was_said(
    make_remote: MakeRemote,
    speech_api: SpeechApi,
    kind: Callable[[], Callable[[bytes, dict[str, str]], Answer]],
    name: str,
) -> None:
    speech_api.behaves_as = kind()
    remote = make_remote()
    await remote.prepare()
    assert (await remote.transcribe(voice(name), ANY)).text == said(name)


async def test_whisper_cpp_answers_every_message_of_a_day(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    speech_api.behaves_as, speech_api.lists_models = WhisperCpp(), False
    remote = make_remote()
    await remote.prepare()
    silence = write_wav(np.zeros(32_000, np.float32))
    day = (voice("tr01_randevu"), silence, voice("tr05_klinik"), silence, silence, voice("en01_callback"))
    texts = [(await remote.transcribe(recording, ANY)).text for recording in day]
    assert texts == [said("tr01_randevu"), "", said("tr05_klinik"), "", "", said("en01_callback")]


async def test_a_server_that_contradicts_itself_is_asked_again_as_what_it_detected(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.behaves_as = WhisperCpp()
    transcript = await make_remote().transcribe(voice("tr05_klinik"), ANY)
    assert (transcript.text, transcript.language) == (said("tr05_klinik"), "tr")
    assert [fields.get("language") for fields in speech_api.asked] == [None, "tr"]
    english = await make_remote().transcribe(voice("en01_callback"), ANY)
    assert (english.text, english.language) == (said("en01_callback"), "en")


async def test_what_a_server_hardly_detected_counts_less_than_the_accounts_first_language(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.behaves_as = WhisperCpp(probability=0.23, detects="nn")
    assert (await make_remote().transcribe(voice("tr05_klinik"), ANY)).text == said("tr05_klinik")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"language": "turkish"}, ""),
        ({"language": "tr-TR"}, ""),
        ({"language": "nynorsk"}, "tr"),
        ({}, ""),
        ({"language": "english", "detected_language": "turkish"}, "tr"),
        ({"language": "english", "detected_language": "turkish", "detected_language_probability": 0.77}, "tr"),
        ({"language": "english", "detected_language": "english", "detected_language_probability": 0.3}, ""),
        ({"language": "turkish", "detected_language": "english", "detected_language_probability": 0.9}, "en"),
        ({"language": "turkish", "detected_language": "english", "detected_language_probability": 0.3}, ""),
        ({"language": "english", "detected_language": "german", "detected_language_probability": 0.9}, "tr"),
        ({"language": "english", "detected_language": "klingon"}, ""),
        ({"detected_language": "en"}, "en"),
        ({"language": "unknown", "text": "مرحبا Gillian"}, ""),
        ({"language": "unknown", "text": "مرحبا"}, "tr"),
        ({"segments": [{"text": "مرحبا"}]}, "tr"),
        ({"text": "12 34"}, ""),
    ],
)
def test_the_language_to_ask_for_in_place_of_the_one_decoded(answer: dict[str, Any], expected: str) -> None:
    assert better_language(ServerTranscript.model_validate(answer), ("tr", "en")) == expected


async def test_a_message_longer_than_a_server_hears_is_sent_in_parts_and_loses_no_word(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    names = ("tr01_randevu", "tr05_klinik", "en01_callback", "tr02_geri_ara")
    speech_api.behaves_as, recording = transformers_serve, message(*names)
    remote = make_remote()
    transcript = await remote.transcribe(recording, ANY)
    seconds = len(audio.decode(recording)) / audio.SAMPLE_RATE
    assert seconds > 45
    assert transcript.text == said(*names)
    assert not transcript.notice
    assert transcript.duration_seconds == pytest.approx(seconds)
    ends = [moment for segment in transcript.segments for moment in (segment.start_seconds, segment.end_seconds)]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(seconds, abs=0.01)
    asked = len(speech_api.asked)
    await remote.transcribe(recording, ANY)
    assert len(speech_api.asked) - asked == asked - 1, "the second time it is not sent whole"


@pytest.mark.parametrize("kind", [WhisperCpp("tr"), speaches, vllm], ids=["whisper.cpp", "speaches", "vllm"])
async def test_a_long_message_is_sent_whole_to_a_server_that_hears_all_of_it(
    make_remote: MakeRemote, speech_api: SpeechApi, kind: Callable[[bytes, dict[str, str]], Answer]
) -> None:
    speech_api.behaves_as = kind
    transcript = await make_remote().transcribe(message(*TURKISH), ANY)
    assert (transcript.text, len(speech_api.asked)) == (said(*TURKISH), 1)


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "Alo", "duration": 30.0},
        {"text": "Alo", "duration": 43.0, "segments": [{"text": "Alo", "start": 0, "end": 29.98}]},
        {"text": "Alo", "segments": [{"text": "Alo", "start": 0, "end": 12.0}]},
    ],
    ids=["duration", "segment", "nothing after"],
)
async def test_a_server_that_stops_at_30_seconds_is_known_by_what_it_reports(
    make_remote: MakeRemote, speech_api: SpeechApi, answer: dict[str, Any]
) -> None:
    speech_api.answer = answer
    transcript = await make_remote().transcribe(message(*TURKISH), ANY)
    assert len(speech_api.asked) > 2
    assert transcript.text == " ".join(["Alo"] * (len(speech_api.asked) - 1))


async def test_where_nothing_can_be_cut_the_reader_is_told_that_words_may_be_missing(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.asr.remote.recording_parts._decode", lambda _: None)  # as without the extra
    speech_api.answer = {"text": "Alo"}
    assert "first 30 seconds" in (await make_remote().transcribe(message(*TURKISH), ANY)).notice
    assert "first 30 seconds" in (await make_remote().transcribe(voice("en03_dentist"), ANY)).notice, (
        "of unknown length"
    )
    assert not (await make_remote().transcribe(voice("tr01_randevu"), ANY)).notice


async def test_of_a_message_over_half_an_hour_in_parts_the_beginning_is_sent_and_the_reader_told(
    make_remote: MakeRemote, speech_api: SpeechApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "MAX_SECONDS", 40)
    monkeypatch.setattr("vm_mcp.asr.length_notices.MAX_SECONDS", 40)
    speech_api.answer = {"text": "Alo"}
    transcript = await make_remote().transcribe(message(*TURKISH), ANY)
    assert transcript.duration_seconds == 40
    assert "were transcribed" in transcript.notice


async def test_a_text_that_a_server_leaves_out_of_its_details_is_asked_for_without_them(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.behaves_as = partial(vllm, is_closed=False)
    transcript = await make_remote().transcribe(voice("tr05_klinik"), ANY)
    assert transcript.text == said("tr05_klinik")
    assert transcript.duration_seconds == pytest.approx(24.4, abs=0.1)


def test_letters_say_nothing_of_a_language_where_callers_use_several_scripts() -> None:
    assert better_language(ServerTranscript(text="مرحبا"), ("tr", "ar")) == ""


async def test_a_server_that_fails_to_give_details_is_asked_for_the_text_alone_from_then_on(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    """vLLM 0.32 did on a processor, with weights converted by `benchmarks/speech`: `tuple index out of range`."""
    speech_api.behaves_as = lambda data, fields: 500 if fields["response_format"] != "json" else vllm(data, fields)
    remote = make_remote()
    assert (await remote.transcribe(voice("tr05_klinik"), ANY)).text == said("tr05_klinik")
    asked = len(speech_api.asked)
    assert (await remote.transcribe(voice("tr01_randevu"), ANY)).text == said("tr01_randevu")
    assert len(speech_api.asked) == asked + 1


async def test_an_encoding_that_a_server_fails_on_is_sent_as_pcm_from_then_on(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    def fails_on_all_but_pcm(data: bytes, _: dict[str, str]) -> Answer:
        return {"text": "Alo", "duration": 5.0} if data[20:22] == b"\x01\x00" else 500

    speech_api.behaves_as = fails_on_all_but_pcm
    remote = make_remote()
    assert (await remote.transcribe(adpcm_wav(voice("tr01_randevu")), ANY)).text == "Alo"
    asked = len(speech_api.asked)
    assert (await remote.transcribe(voice("en03_dentist"), ANY)).text == "Alo"
    assert len(speech_api.asked) == asked + 1


def plainly_read(data: bytes) -> float:
    """Return the seconds that a server hears whose reader, as FFmpeg's, takes a WAV file's header at its word."""
    with wave.open(io.BytesIO(data)) as file:
        return float(file.getnframes() / file.getframerate())


@pytest.mark.parametrize("kind", ["joined", "killed", "big-endian"])
async def test_a_recording_that_servers_would_misread_is_sent_as_pcm(
    make_remote: MakeRemote, speech_api: SpeechApi, kind: str
) -> None:
    spoken = write_wav(audio.decode(voice("tr01_randevu")))
    samples = np.frombuffer(spoken[44:], "<i2")
    facts = b"WAVEfmt " + struct.pack(">IHHIIHH", 16, 1, 1, audio.SAMPLE_RATE, 2 * audio.SAMPLE_RATE, 2, 16)
    misread = {
        "joined": spoken + spoken,
        "killed": spoken[:40] + struct.pack("<I", 32_000) + spoken[44:],
        "big-endian": b"RIFX" + struct.pack(">I", len(spoken) - 8) + facts + b"data"
        + struct.pack(">I", len(spoken) - 44) + samples.astype(">i2").tobytes(),
    }[kind]  # fmt: skip
    seconds = len(audio.decode(misread)) / audio.SAMPLE_RATE
    heard = list[bytes]()

    def hears(data: bytes, _: dict[str, str]) -> Answer:
        heard.append(data)
        return {"text": "Alo"}

    speech_api.behaves_as = hears
    transcript = await make_remote().transcribe(misread, ANY)
    assert transcript.duration_seconds == pytest.approx(seconds)
    assert [plainly_read(data) for data in heard] == [pytest.approx(seconds)]


def test_a_recording_that_servers_read_is_sent_as_it_is() -> None:
    pcm = write_wav(audio.decode(voice("tr01_randevu")))
    listed = pcm[:36] + b"LIST\4\0\0\0INFO" + pcm[36:]
    cut_off = pcm[:-2_000]
    for recording in (pcm, listed, cut_off, adpcm_wav(pcm), voice("tr01_randevu"), voice("en03_dentist")):
        assert readable(recording) is recording


async def test_a_codec_that_servers_take_for_another_is_not_sent(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    """NMS ADPCM; FFmpeg knows AMR under its code."""
    facts = struct.pack("<IHHIIHH", 16, 0x38, 1, 8_000, 4_000, 42, 4)
    recording = b"RIFF\0\0\0\0WAVEfmt " + facts + b"data" + struct.pack("<I", 5_000) + bytes(range(250)) * 20
    with pytest.raises(AudioDecodeError, match="not in an audio format"):
        await make_remote().transcribe(recording, ANY)
    assert speech_api.asked == []


@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_model_that_a_server_does_not_have_is_reported_before_a_recording_is_retrieved(
    make_remote: MakeRemote, speech_api: SpeechApi, status: int
) -> None:
    """agent-cli 0.112 and faster-whisper-server 0.0.3 answer 400, `transformers serve` 500."""
    speech_api.behaves_as = lambda _, fields: {"text": "Alo"} if fields["model"] == "base" else status
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):
        await make_remote(model="whisper-9").prepare()
    await make_remote(model="base").prepare()


@pytest.mark.parametrize("status", [400, 500])
async def test_a_server_that_fails_where_nobody_speaks_works_on_the_other_messages(
    make_remote: MakeRemote, speech_api: SpeechApi, status: int
) -> None:
    """Speaches did in January 2026, and servers around WhisperX do; see speaches-ai/speaches#608."""
    speech_api.behaves_as = lambda data, fields: speaches(data, fields) if np.any(audio.decode(data)) else status
    remote = make_remote()
    await remote.prepare()
    with pytest.raises(TranscriptionError, match="Perhaps nobody speaks") as caught:
        await remote.transcribe(write_wav(np.zeros(48_000, np.float32)), ANY)
    assert not isinstance(caught.value, (EngineFailedError, EngineUnavailableError)), "others may still be opened"
    assert (await remote.transcribe(voice("tr05_klinik"), ANY)).text == said("tr05_klinik")


async def test_what_servers_answer_to_silence_is_no_speech(make_remote: MakeRemote, speech_api: SpeechApi) -> None:
    silence = write_wav(np.zeros(48_000, np.float32))
    for kind in (transformers_serve, speaches, vllm, WhisperCpp()):
        speech_api.behaves_as = kind
        transcript = await make_remote().transcribe(silence, ANY)
        assert (transcript.segments, transcript.language) == ((), "")


@pytest.mark.parametrize("unit", [1_000, 1_000_000_000], ids=["milliseconds", "nanoseconds"])
async def test_times_in_another_unit_are_not_taken_for_seconds(
    make_remote: MakeRemote, speech_api: SpeechApi, unit: int
) -> None:
    """LocalAI states nanoseconds (`core/schema/transcription.go`, read in 2026-11)."""
    speech_api.answer = {"text": "Alo", "segments": [{"text": "Alo", "start": unit, "end": 12 * unit}]}
    short = await make_remote().transcribe(voice("tr01_randevu"), ANY)
    assert short.duration_seconds == pytest.approx(10.4975)
    assert [(each.start_seconds, each.end_seconds) for each in short.segments] == [(0, 10.5)]
    long = await make_remote().transcribe(message(*TURKISH), ANY)
    assert long.text.split() == ["Alo"] * (len(speech_api.asked) - 2), "sent in parts, since it may have been cut"


async def test_times_past_the_end_of_a_recording_are_set_to_its_end(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.answer = {"text": "Alo", "segments": [{"text": "Alo", "start": 9.0, "end": 29.98}]}
    transcript = await make_remote().transcribe(voice("tr01_randevu"), ANY)
    assert (transcript.duration_seconds, transcript.segments[0].end_seconds) == (10.4975, 10.5)


@pytest.mark.parametrize("text", [" — — —" * 100, "Thank you very much. " * 20], ids=["dashes", "phrase"])
async def test_a_text_that_repeats_itself_is_told_as_not_made_out(
    make_remote: MakeRemote, speech_api: SpeechApi, text: str
) -> None:
    speech_api.answer = {"text": text}
    assert "Listen to the message" in (await make_remote().transcribe(voice("tr01_randevu"), ANY)).notice
    assert "Listen to the message" in (await make_remote().transcribe(message(*TURKISH), ANY)).notice


async def test_a_credit_after_speech_in_the_only_segment_is_taken_off(
    make_remote: MakeRemote, speech_api: SpeechApi
) -> None:
    speech_api.answer = {"text": " Merhaba, ben Ayşe. Beni arayın. Altyazı M.K."}
    assert (await make_remote().transcribe(voice("tr01_randevu"), ANY)).text == "Merhaba, ben Ayşe. Beni arayın."


@given(st.floats(0.5, 100), st.integers(0, 2**32 - 1))
@settings(max_examples=20)  # of up to 100 seconds, each decoded twice
def test_parts_are_short_and_hold_the_whole_recording(seconds: float, seed: int) -> None:
    sound = np.random.default_rng(seed).uniform(-0.5, 0.5, round(seconds * audio.SAMPLE_RATE)).astype("f4")
    recording = write_wav(sound)
    parts = cut(recording)
    joined = np.concatenate([audio.decode(part.data) for part in parts])
    assert np.array_equal(joined, audio.decode(recording))
    assert all(part.seconds < 30 for part in parts)
    assert length_seconds(recording) == pytest.approx(sum(part.seconds for part in parts))
    assert to_pcm(recording) is None
