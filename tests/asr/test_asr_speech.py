"""Real speech through the real worker with the real base weights."""

import asyncio
import json
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import jiwer
import numpy as np
import pytest
from support.variations import missing_in_half, variations, wav
from telephone.lines import Line, delays
from telephone.sounds import with_tones

from vm_mcp import audio, doubt
from vm_mcp.asr import TranscribeOptions, open_transcriber
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


Transcripts = dict[str, list[Transcript]]
"""Of a recording's variations, by its name."""


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
async def transcripts(worker: WorkerTranscriber) -> Transcripts:
    """Transcripts of each voice without language and name: of all variations in Turkish, of one in English.

    The English texts are the same in all variations.
    """
    names = (*TURKISH, *ENGLISH, *NOBODY, AFTER_MUSIC)
    sounds = [
        (name, sound) for name in names for sound in ([voice(name)] if name in ENGLISH else variations(voice(name)))
    ]
    heard = await asyncio.gather(*(worker.transcribe(sound, TranscribeOptions()) for _, sound in sounds))
    by_name: Transcripts = {name: [] for name in names}
    for (name, _), transcript in zip(sounds, heard, strict=True):
        by_name[name].append(transcript)
    return by_name


def spoken(transcripts: Transcripts) -> list[Transcript]:
    return [transcript for name in (*TURKISH, *ENGLISH) for transcript in transcripts[name]]


def word_error_rate(transcripts: Transcripts, names: tuple[str, ...]) -> float:
    """Return the word error rate over all transcripts. A number in digits counts as wrong if it was said in words."""
    pairs = [(MANIFEST[name]["text"], transcript.text) for name in names for transcript in transcripts[name]]
    said, heard = ([fold_words(text) for text in texts] for texts in zip(*pairs, strict=True))
    return float(jiwer.wer(said, heard))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tr01_randevu", ("merhaba ben", "yilmaz yarin", "randevumu", "tesekkurler")),
        ("tr04_adres", ("getirdim ama adresi bulamadim", "kirk iki numara ucuncu kat diye", "subeye birakiyorum")),
        ("tr05_klinik", ("dis kliniginden ariyorum", "lutfen bize haber", "kirk bes altmis yedi", "gunler")),
        ("en01_callback", ("sarah mitchell", "please call me back", "thank you")),
        ("en02_invoice", ("david turner", "logistics", "invoice", "monday", "thanks")),
        ("en03_dentist", ("dental clinic", "confirm your appointment", "thursday", "before wednesday")),
    ],
)
async def test_speech_is_recognised(transcripts: Transcripts, name: str, said: tuple[str, ...]) -> None:
    assert missing_in_half(said, transcripts[name]) == []


async def test_few_words_are_wrong(transcripts: Transcripts) -> None:
    assert word_error_rate(transcripts, ENGLISH) < 0.25
    assert word_error_rate(transcripts, TURKISH) < 0.40


async def test_the_language_is_detected_among_the_accounts(transcripts: Transcripts) -> None:
    assert {transcript.language for name in TURKISH for transcript in transcripts[name]} == {"tr"}
    assert {transcript.language for name in ENGLISH for transcript in transcripts[name]} == {"en"}


@pytest.mark.parametrize("name", NOBODY)
async def test_no_text_without_speech(transcripts: Transcripts, name: str) -> None:
    for transcript in transcripts[name]:
        assert (transcript.text, transcript.language) == ("", "")
        assert transcript.duration_seconds == pytest.approx(MANIFEST[name]["seconds"], abs=0.5)


@pytest.mark.parametrize(("name", "kinds"), [("sil1_noise", []), ("music1_hold", ["sound"])])
async def test_silence_and_music_are_told_apart(transcripts: Transcripts, name: str, kinds: list[str]) -> None:
    for transcript in transcripts[name]:
        assert [stretch.kind for stretch in transcript.untranscribed or ()] == kinds


@pytest.mark.parametrize(("first", "second"), [("en01_callback", "tr01_randevu"), ("tr01_randevu", "en01_callback")])
async def test_a_message_in_two_languages_keeps_both_halves(worker: WorkerTranscriber, first: str, second: str) -> None:
    parts = [
        audio.decode(voice(first)),
        np.zeros(round(3.5 * audio.SAMPLE_RATE), np.float32),
        audio.decode(voice(second)),
    ]
    transcript = await worker.transcribe(wav(np.concatenate(parts)), TranscribeOptions())
    assert [part.language for part in transcript.by_language()] == [first[:2], second[:2]]
    for part, language in zip(transcript.by_language(), (first[:2], second[:2]), strict=True):
        assert ("sarah mitchell" if language == "en" else "merhaba ben") in fold_words(part.text)


async def test_a_number_that_is_keyed_after_turkish_words_is_told_and_no_word_is_invented_of_it(
    worker: WorkerTranscriber,
) -> None:
    said = audio.decode(voice("tr01_randevu"))
    seconds = len(said) / audio.SAMPLE_RATE
    keyed = with_tones(said, tuple((seconds + 0.24 * index, key) for index, key in enumerate("05324172893")))
    alone, transcript = await asyncio.gather(
        *(worker.transcribe(wav(sound), TranscribeOptions()) for sound in (said, keyed))
    )
    assert (transcript.languages, alone.languages) == (("tr",), ("tr",))
    assert fold_words(transcript.text).split()[-1] == fold_words(alone.text).split()[-1] == "tesekkurler"
    [pressed] = transcript.keys
    assert (pressed.keys, alone.keys) == ("05324172893", ())
    assert pressed.start_seconds == pytest.approx(seconds, abs=0.05)
    assert pressed.end_seconds == pytest.approx(seconds + 2.52, abs=0.05)


def over(line: Line, sound: audio.Samples) -> bytes:
    """Return what arrives over a line, as a mailbox that hides no loss records it: silence for lost and late packets.

    A packet that is late by more than the mailbox waits, 60 ms, takes the place of the one that is due then.
    """
    packets = sound[: len(sound) // 320 * 320].reshape(-1, 320)
    arrived = np.zeros_like(packets)
    for index, (packet, late) in enumerate(zip(packets, delays(line, "seed"), strict=False)):
        slot = index + (0 if late is None else round(max(0.0, late - 0.06) / 0.02))
        if late is not None and slot < len(arrived):
            arrived[slot] = packet
    return wav(arrived.ravel())


@pytest.mark.parametrize("line", [Line(loss=0.1), Line(loss=0.1, burst=4)], ids=["evenly", "in bursts"])
@pytest.mark.thorough
async def test_of_a_number_with_lost_packets_nothing_wrong_looks_sure(worker: WorkerTranscriber, line: Line) -> None:
    transcript = await worker.transcribe(over(line, audio.decode(voice("tr02_geri_ara"))), TranscribeOptions())
    assert transcript.languages == ("tr",)
    assert {phone.e164 for phone in doubt.show(transcript).phone_numbers if phone.is_valid} <= {"+905324172893"}


async def test_of_words_that_came_in_the_wrong_order_none_is_invented(worker: WorkerTranscriber) -> None:
    shuffled = over(Line(jitter_seconds=0.2), audio.decode(voice("tr01_randevu")))
    transcript = await worker.transcribe(shuffled, TranscribeOptions())
    assert transcript.speech_not_understood or doubt.show(transcript).is_hardly_understood


async def test_the_first_seconds_of_a_turkish_message_are_turkish(worker: WorkerTranscriber) -> None:
    starts = [wav(audio.decode(voice(name))[: 2 * audio.SAMPLE_RATE]) for name in TURKISH]
    transcripts = await asyncio.gather(*(worker.transcribe(start, TranscribeOptions()) for start in starts))
    # Cut off in the middle of a word, one of them may not be understood at all.
    assert {transcript.languages for transcript in transcripts} <= {("tr",), ()}
    assert [transcript.languages for transcript in transcripts].count(()) <= 1


async def test_of_speech_played_backwards_no_word_is_invented(worker: WorkerTranscriber) -> None:
    backwards = np.stack([audio.decode(voice(name))[::-1][: 6 * audio.SAMPLE_RATE] for name in TURKISH])
    transcript = await worker.transcribe(wav(backwards.mean(axis=0)), TranscribeOptions())
    assert transcript.text == ""
    assert [stretch.kind for stretch in transcript.speech_not_understood] == ["speech"]


async def test_speech_after_music_is_found_at_its_place(transcripts: Transcripts) -> None:
    assert missing_in_half(["mehmet kaya"], transcripts[AFTER_MUSIC]) == []
    for transcript in transcripts[AFTER_MUSIC]:
        assert all(segment.start_seconds > 15 for segment in transcript.segments)
        assert 0 < sum(segment.end_seconds - segment.start_seconds for segment in transcript.segments) < 15


async def test_segments_lie_within_the_recording(transcripts: Transcripts) -> None:
    for transcript in spoken(transcripts):
        assert (transcript.engine, transcript.model, transcript.notice) == ("faster-whisper", "base", "")
        for segment in transcript.segments:
            assert 0 <= segment.start_seconds < segment.end_seconds <= transcript.duration_seconds + 0.01
            assert segment.avg_logprob < 0 <= segment.no_speech_prob <= 1


async def test_words_spell_the_text_and_follow_each_other(transcripts: Transcripts) -> None:
    for transcript in spoken(transcripts):
        for segment in transcript.segments:
            words = segment.words
            assert " ".join(word.text for word in words) == segment.text
            assert all(0 < word.probability <= 1 for word in words)
            starts = [word.start_seconds for word in words]
            assert starts == sorted(starts)
            assert all(word.start_seconds <= word.end_seconds for word in words)
            assert segment.start_seconds <= starts[0]
            assert words[-1].end_seconds <= segment.end_seconds + 0.5


async def test_right_words_have_higher_probabilities_than_wrong_ones(transcripts: Transcripts) -> None:
    probabilities: dict[bool, list[float]] = {True: [], False: []}
    for name in TURKISH:
        said = set(fold_words(MANIFEST[name]["text"]).split())
        for segment in (segment for transcript in transcripts[name] for segment in transcript.segments):
            for word in segment.words:
                probabilities[fold_words(word.text) in said].append(word.probability)
    assert statistics.median(probabilities[True]) > statistics.median(probabilities[False]) + 0.1


@pytest.mark.parametrize("name", ["tr04_adres", "en01_callback"])
async def test_a_recording_alone_has_the_same_transcript_as_among_others(
    worker: WorkerTranscriber, transcripts: Transcripts, name: str
) -> None:
    assert await worker.transcribe(voice(name), TranscribeOptions()) == transcripts[name][0]


async def test_a_wrong_name_changes_nothing(worker: WorkerTranscriber, transcripts: Transcripts) -> None:
    options = TranscribeOptions(caller_name="Ayhan Yıldız")
    sounds = variations(voice("tr01_randevu"))
    assert await asyncio.gather(*(worker.transcribe(sound, options) for sound in sounds)) == transcripts["tr01_randevu"]
