"""OpenAI's Whisper in this process, with the real base weights where PyTorch is installed."""

import importlib.util
import io
import re
import shutil
import sys
import urllib.request
from email.message import Message
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.response import addinfourl

import jiwer
import pytest
from support.speech_api import MANIFEST, voice
from support.variations import missing_in_half, variations

from vm_mcp import audio
from vm_mcp.asr.checkpoints import look_up
from vm_mcp.asr.openai_whisper import OpenAIWhisper, load
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.models import Transcript
from vm_mcp.text import fold_words

pytest_plugins = ["support.engine_fixtures"]
pytestmark = [
    pytest.mark.timeout(900),  # the first test imports PyTorch and transcribes twelve recordings
    # whisper does not close a file of its tokenizer
    pytest.mark.filterwarnings("ignore:Exception ignored in.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]

TURKISH = ("tr01_randevu", "tr04_adres", "tr05_klinik")
ENGLISH = ("en01_callback", "en02_invoice", "en03_dentist")


def settings_for_model(model: Path | str, **changes: Any) -> EngineSettings:  # noqa: ANN401 - any setting
    defaults: dict[str, Any] = {"languages": ("tr", "en"), "device": "cpu", "data_dir": Path()}
    return EngineSettings(model=str(model), **(defaults | changes))


def transcribe(engine: OpenAIWhisper, recording: bytes, **options: str) -> Transcript:
    return engine.transcribe(audio.decode(recording), TranscribeOptions(**options), lambda _: None)


@pytest.fixture(scope="module")
def engine(checkpoint: Path) -> OpenAIWhisper:
    return load(settings_for_model(checkpoint), lambda *_: None)


@pytest.fixture(scope="module")
def transcripts(engine: OpenAIWhisper) -> dict[str, list[Transcript]]:
    """Transcripts of each voice: of all variations in Turkish, of one in English, where all are the same."""
    sounds = {name: variations(voice(name)) for name in TURKISH} | {name: [voice(name)] for name in ENGLISH}
    return {name: [transcribe(engine, sound) for sound in sounds[name]] for name in sounds}


@pytest.mark.model
def test_few_words_are_wrong_in_the_language_that_was_found(transcripts: dict[str, list[Transcript]]) -> None:
    for names, language, most in ((ENGLISH, "en", 0.25), (TURKISH, "tr", 0.40)):
        heard = [(name, transcript) for name in names for transcript in transcripts[name]]
        said = [fold_words(MANIFEST[name]["text"]) for name, _ in heard]
        assert jiwer.wer(said, [fold_words(transcript.text) for _, transcript in heard]) < most
        assert {transcript.language for _, transcript in heard} == {language}


@pytest.mark.model
def test_segments_have_times_and_probabilities(transcripts: dict[str, list[Transcript]]) -> None:
    for transcript in chain.from_iterable(transcripts.values()):
        assert (transcript.engine, transcript.model) == ("openai-whisper", "base")
        for segment in transcript.segments:
            assert 0 <= segment.start_seconds < segment.end_seconds <= transcript.duration_seconds + 0.01
            assert segment.avg_logprob < 0 <= segment.no_speech_prob <= 1


@pytest.mark.model
def test_the_same_recording_gives_the_same_transcript(
    engine: OpenAIWhisper, transcripts: dict[str, list[Transcript]]
) -> None:
    assert [transcribe(engine, voice("en01_callback"))] == transcripts["en01_callback"]


@pytest.mark.model
def test_whisper_finds_speech_after_music_at_its_place(engine: OpenAIWhisper) -> None:
    transcripts = [transcribe(engine, sound) for sound in variations(voice("mix1_hold20s"))]
    assert missing_in_half(["mehmet kaya"], transcripts) == []
    assert all(segment.start_seconds > 15 for transcript in transcripts for segment in transcript.segments)


@pytest.mark.model
def test_without_the_voice_detector_whisper_decides_what_is_silence(
    engine: OpenAIWhisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert "please call me back" in fold_words(transcribe(engine, voice("en01_callback")).text)
    silent = transcribe(engine, voice("sil1_noise"))
    assert (silent.segments, silent.language) == ((), "")


@pytest.mark.model
def test_an_unknown_language_is_refused(engine: OpenAIWhisper) -> None:
    with pytest.raises(TranscriptionError, match="VM_MCP_LANGUAGES"):
        transcribe(engine, voice("en01_callback"), language="xx")


@pytest.mark.model
def test_a_folder_with_one_checkpoint_can_be_loaded(checkpoint: Path) -> None:
    assert isinstance(load(settings_for_model(checkpoint.parent), lambda *_: None), OpenAIWhisper)


@pytest.mark.model
@pytest.mark.parametrize("content", [b"", b"not a checkpoint", None])
def test_for_a_file_that_is_not_a_checkpoint_the_error_says_what_to_do(
    checkpoint: Path, content: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / "mine.pt"
    if content is None:
        shutil.copyfile(checkpoint, file)
        with file.open("r+b") as cut:
            cut.truncate(1_000_000)
    else:
        file.write_bytes(content)
    with pytest.raises(EngineUnavailableError, match=r"`mine` could not be .* VM_MCP_MODEL"):
        load(settings_for_model(file), lambda *_: None)


def test_for_a_name_that_whisper_does_not_know_the_error_lists_its_names() -> None:
    pytest.importorskip("whisper", reason="openai-whisper is not installed; it needs PyTorch")
    with pytest.raises(EngineUnavailableError, match=r"VM_MCP_MODEL.*tiny.*base.*small"):
        load(settings_for_model("smal"), lambda *_: None)


# whisper does not close the file that it checks
@pytest.mark.filterwarnings("ignore:Exception ignored in.*[.]pt:pytest.PytestUnraisableExceptionWarning")
def test_every_model_that_whisper_knows_is_looked_up_where_whisper_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whisper = pytest.importorskip("whisper", reason="openai-whisper is not installed; it needs PyTorch")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    headers = Message()
    headers["Content-Length"] = "1"
    monkeypatch.setattr(urllib.request, "urlopen", lambda url: addinfourl(io.BytesIO(b"x"), headers, url))
    for name in whisper.available_models():
        assert look_up(name) is None
        with pytest.raises(RuntimeError, match="checksum"):
            whisper.load_model(name)
        (kept,) = (tmp_path / "whisper").iterdir()
        assert look_up(name) == kept
        kept.unlink()


def test_a_model_that_cannot_be_downloaded_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whisper = pytest.importorskip("whisper", reason="openai-whisper is not installed; it needs PyTorch")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(whisper._MODELS, "tiny", "http://127.0.0.1:9/0123/tiny.pt")
    with pytest.raises(EngineUnavailableError, match=re.escape("`tiny` could not be downloaded")):
        load(settings_for_model("tiny"), lambda *_: None)


def test_a_missing_gpu_is_an_error(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineUnavailableError, match="VM_MCP_DEVICE"):
        load(settings_for_model(checkpoint, device="cuda"), lambda *_: None)


@pytest.mark.model
def test_a_gpu_that_cannot_compute_is_replaced_by_the_cpu_unless_it_is_required(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # and yet PyTorch can't use one here
    transcript = transcribe(load(settings_for_model(checkpoint, device="auto"), lambda *_: None), voice("sil1_noise"))
    assert "slower CPU" in transcript.notice
    with pytest.raises(EngineUnavailableError, match="VM_MCP_DEVICE"):
        load(settings_for_model(checkpoint, device="cuda"), lambda *_: None)


@pytest.mark.model
def test_a_failure_of_pytorch_is_one_of_the_engine(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load(settings_for_model(checkpoint), lambda *_: None)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(engine._model, "transcribe", fail)
    with pytest.raises(EngineFailedError, match="VM_MCP_DEVICE"):
        transcribe(engine, voice("en01_callback"))


@pytest.mark.parametrize("missing", ["torch", "whisper"])
def test_without_the_package_the_error_names_the_extra(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(EngineUnavailableError, match=r"vm-mcp\[openai-whisper\]"):
        load(settings_for_model("base"), lambda *_: None)
