"""Real speech through the real worker with the real base weights."""

import asyncio
import json
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import ctranslate2
import jiwer
import pytest

from vm_mcp.asr import TranscribeOptions, faster_whisper, open_transcriber
from vm_mcp.asr.pypi_weights import join_base
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.config import Settings
from vm_mcp.models import Transcript
from vm_mcp.text import fold_words

pytestmark = [pytest.mark.anyio, pytest.mark.model]

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
MANIFEST = json.loads((VOICES / "voices.json").read_text(encoding="utf-8"))
TURKISH = ("tr01_randevu", "tr04_adres", "tr05_klinik")
ENGLISH = ("en01_callback", "en02_invoice", "en03_dentist")
NOBODY = ("sil1_noise", "music1_hold")
AFTER_MUSIC = "mix1_hold20s"


def voice(name: str) -> bytes:
    return (VOICES / str(MANIFEST[name]["file"])).read_bytes()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def worker(data_dir: Path) -> AsyncIterator[WorkerTranscriber]:
    settings = Settings(model="base", device="cpu", data_dir=data_dir)
    transcriber = open_transcriber(settings)
    assert isinstance(transcriber, WorkerTranscriber)
    yield transcriber
    await transcriber.aclose()


@pytest.fixture(scope="module")
async def transcripts(worker: WorkerTranscriber) -> dict[str, Transcript]:
    """Each voice as it comes: no language given, no name."""
    names = (*TURKISH, *ENGLISH, *NOBODY, AFTER_MUSIC)
    heard = await asyncio.gather(*(worker.transcribe(voice(name), TranscribeOptions()) for name in names))
    return dict(zip(names, heard, strict=True))


def word_error_rate(transcripts: dict[str, Transcript], names: tuple[str, ...]) -> float:
    """Over all the names' words; numbers count as wrong where one has digits and the other words."""
    rate = jiwer.wer(
        [fold_words(MANIFEST[name]["text"]) for name in names], [fold_words(transcripts[name].text) for name in names]
    )
    return float(rate)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tr01_randevu", ("merhaba", "yarin saat", "randevumu", "tesekkurler")),
        ("tr04_adres", ("adresi bulamadim", "kirk iki numara", "kapiyi kimse acmadi")),
        (
            "tr05_klinik",
            ("dis kliniginden ariyorum", "bize haber verin", "telefon numaramiz", "altmis yedi seksen dokuz"),
        ),
        ("en01_callback", ("sarah mitchell", "please call me back", "thank you")),
        ("en02_invoice", ("david turner", "logistics", "invoice", "monday", "thanks")),
        ("en03_dentist", ("dental clinic", "confirm your appointment", "thursday", "before wednesday")),
    ],
)
async def test_what_was_said_is_read(transcripts: dict[str, Transcript], name: str, said: tuple[str, ...]) -> None:
    text = fold_words(transcripts[name].text)
    assert [phrase for phrase in said if phrase not in text] == []


async def test_few_words_are_wrong(transcripts: dict[str, Transcript]) -> None:
    assert word_error_rate(transcripts, ENGLISH) < 0.25
    assert word_error_rate(transcripts, TURKISH) < 0.40


async def test_the_language_is_found_among_the_accounts(transcripts: dict[str, Transcript]) -> None:
    assert {transcripts[name].language for name in TURKISH} == {"tr"}
    assert {transcripts[name].language for name in ENGLISH} == {"en"}


@pytest.mark.parametrize("name", NOBODY)
async def test_nothing_is_read_where_nobody_speaks(transcripts: dict[str, Transcript], name: str) -> None:
    transcript = transcripts[name]
    assert (transcript.text, transcript.language, transcript.speech_seconds) == ("", "", 0)
    assert transcript.duration_seconds == pytest.approx(MANIFEST[name]["seconds"], abs=0.5)


async def test_speech_after_music_is_found_where_it_is(transcripts: dict[str, Transcript]) -> None:
    transcript = transcripts[AFTER_MUSIC]
    assert "mehmet kaya" in fold_words(transcript.text)
    assert transcript.segments[0].start_seconds > 15
    assert transcript.speech_seconds < 15


async def test_segments_lie_within_the_recording(transcripts: dict[str, Transcript]) -> None:
    for name in (*TURKISH, *ENGLISH):
        transcript = transcripts[name]
        assert (transcript.engine, transcript.model, transcript.notice) == ("faster-whisper", "base", "")
        for segment in transcript.segments:
            assert 0 <= segment.start_seconds < segment.end_seconds <= transcript.duration_seconds + 0.01
            assert segment.avg_logprob < 0 <= segment.no_speech_prob <= 1


async def test_words_spell_the_text_and_follow_each_other(transcripts: dict[str, Transcript]) -> None:
    for name in (*TURKISH, *ENGLISH):
        for segment in transcripts[name].segments:
            words = segment.words
            assert " ".join(word.text for word in words) == segment.text
            assert all(0 < word.probability <= 1 for word in words)
            starts = [word.start_seconds for word in words]
            assert starts == sorted(starts)
            assert all(word.start_seconds <= word.end_seconds for word in words)
            assert segment.start_seconds <= starts[0]
            assert words[-1].end_seconds <= segment.end_seconds + 0.5


async def test_words_that_were_said_are_surer_than_misheard_ones(transcripts: dict[str, Transcript]) -> None:
    sure: dict[bool, list[float]] = {True: [], False: []}
    for name in TURKISH:
        said = set(fold_words(MANIFEST[name]["text"]).split())
        for segment in transcripts[name].segments:
            for word in segment.words:
                sure[fold_words(word.text) in said].append(word.probability)
    assert statistics.median(sure[True]) > statistics.median(sure[False]) + 0.1


@pytest.mark.parametrize("name", ["tr04_adres", "en01_callback"])
async def test_a_recording_read_alone_gives_the_transcript_that_it_gave_among_others(
    worker: WorkerTranscriber, transcripts: dict[str, Transcript], name: str
) -> None:
    assert await worker.transcribe(voice(name), TranscribeOptions()) == transcripts[name]


@pytest.mark.parametrize("name", ["Robert Johnson", "Ayhan Yıldız"])
async def test_a_wrong_name_changes_nothing(
    worker: WorkerTranscriber, transcripts: dict[str, Transcript], name: str
) -> None:
    heard = await worker.transcribe(voice("tr01_randevu"), TranscribeOptions(language="tr", caller_name=name))
    assert heard.text == transcripts["tr01_randevu"].text


async def test_the_right_name_is_spelled_right(worker: WorkerTranscriber, transcripts: dict[str, Transcript]) -> None:
    name = "tr05_klinik"
    heard = await worker.transcribe(voice(name), TranscribeOptions(language="tr", caller_name="FATMA ÖZTÜRK"))
    assert "fatma ozturk" in fold_words(heard.text)
    others = set(fold_words(heard.text).split()) - set(fold_words(transcripts[name].text).split())
    assert others <= {"fatma", "ozturk"}, "no other word changes"
    for segment in heard.segments:
        assert " ".join(word.text for word in segment.words) == segment.text


@pytest.mark.parametrize(
    ("lanes", "largest", "threads"), [(2, 1 << 40, [(2, 1), (1, 2)]), (2, 0, [(2, 1)]), (1, 1 << 40, [(1, 1)])]
)
def test_a_model_is_in_memory_twice_where_that_is_quicker_and_small(
    lanes: int, largest: int, threads: list[tuple[int, int]], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    join_base(data_dir / "models")
    opened = list[tuple[int, int]]()

    def open_model(*given: str, inter_threads: int, intra_threads: int, **more: str) -> ctranslate2.models.Whisper:
        opened.append((inter_threads, intra_threads))
        return whisper(*given, inter_threads=inter_threads, intra_threads=intra_threads, **more)

    whisper = ctranslate2.models.Whisper
    monkeypatch.setattr(ctranslate2.models, "Whisper", open_model)
    monkeypatch.setattr(faster_whisper, "_LARGEST_TWICE", largest)
    settings = EngineSettings(model="base", languages=("tr",), device="cpu", data_dir=data_dir, lanes=lanes)
    faster_whisper.load(settings, lambda *_: None)
    assert opened == threads
