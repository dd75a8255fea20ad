"""An engine computes once before it is used; a GPU that can't is left out or reported while nothing has been opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
from support.speech_api import voice

from vm_mcp import audio
from vm_mcp.asr import faster_whisper
from vm_mcp.asr.devices import Device, GpuChoice, open_where_able
from vm_mcp.asr.packed import exactness
from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
from vm_mcp.errors import EngineFailedError, EngineUnavailableError
from vm_mcp.text import fold_words

CUDA_FAULTS = [
    RuntimeError("Library libcublas.so.12 is not found or cannot be loaded"),
    RuntimeError("CUDA failed with error out of memory"),
    ValueError("This CTranslate2 package was not compiled with CUDA support"),
    OSError("libcudnn_ops.so.9: cannot open shared object file"),
    MemoryError(),
]


def opener(*faulty: Device, fault: Exception) -> tuple[list[Device], Callable[[Device], str]]:
    """Return a way to open a model that fails on some devices, and the list of devices that it was asked for."""
    tried: list[Device] = []

    def open_on(device: Device) -> str:
        tried.append(device)
        if device in faulty:
            raise fault
        return f"model on {device}"

    return tried, open_on


@pytest.mark.parametrize(
    ("device", "is_present", "expected"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_the_gpu_is_used_where_it_is_found_and_not_ruled_out(device: Any, is_present: bool, expected: Device) -> None:  # noqa: ANN401, FBT001 - one of the setting's, a case
    tried, open_on = opener(fault=RuntimeError())
    assert open_where_able(GpuChoice(device, is_present), open_on) == (f"model on {expected}", "")
    assert tried == [expected]


@pytest.mark.parametrize("fault", CUDA_FAULTS, ids=str)
def test_on_auto_a_gpu_that_cannot_compute_is_replaced_by_the_cpu_with_a_notice(fault: Exception) -> None:
    tried, open_on = opener("cuda", fault=fault)
    model, notice = open_where_able(GpuChoice("auto", is_present=True), open_on)
    assert (model, tried) == ("model on cpu", ["cuda", "cpu"])
    assert "slower CPU" in notice
    assert "VM_MCP_DEVICE" in notice


@pytest.mark.parametrize("fault", CUDA_FAULTS, ids=str)
def test_a_gpu_that_is_required_and_cannot_compute_is_an_error_that_says_what_to_do(fault: Exception) -> None:
    tried, open_on = opener("cuda", fault=fault)
    with pytest.raises(EngineUnavailableError, match="VM_MCP_DEVICE") as caught:
        open_where_able(GpuChoice("cuda", is_present=True), open_on)
    assert tried == ["cuda"]
    assert "cuBLAS" in str(caught.value)
    assert str(fault) not in str(caught.value) or not str(fault)


def test_a_gpu_that_took_down_a_worker_is_not_tried_again_unless_it_is_required() -> None:
    tried, open_on = opener(fault=RuntimeError())
    assert "slower CPU" in open_where_able(GpuChoice("auto", is_present=True, has_failed=True), open_on)[1]
    assert open_where_able(GpuChoice("auto", is_present=False, has_failed=True), open_on)[1] == ""
    assert open_where_able(GpuChoice("cuda", is_present=True, has_failed=True), open_on)[1] == ""
    assert tried == ["cpu", "cpu", "cuda"]


def test_a_cpu_that_cannot_compute_either_is_an_error() -> None:
    _, open_on = opener("cuda", "cpu", fault=RuntimeError())
    with pytest.raises(RuntimeError):
        open_where_able(GpuChoice("auto", is_present=True), open_on)


@pytest.fixture
def base(data_dir: Path) -> EngineSettings:
    return EngineSettings(model="base", languages=("tr", "en"), device="auto", data_dir=data_dir)


@pytest.fixture
def unusable_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have CTranslate2 find a GPU that it can't compute on: that of a computer without CUDA."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)


@pytest.mark.model
@pytest.mark.usefixtures("unusable_gpu")
def test_faster_whisper_transcribes_on_the_cpu_where_the_gpu_cannot_compute(base: EngineSettings) -> None:
    engine = faster_whisper.load(base, lambda *_: None)
    transcript = engine.transcribe(audio.decode(voice("en01_callback")), TranscribeOptions(), lambda _: None)
    assert "please call me back" in fold_words(transcript.text)
    assert "slower CPU" in transcript.notice


@pytest.mark.model
@pytest.mark.usefixtures("unusable_gpu")
def test_faster_whisper_on_a_required_gpu_that_cannot_compute_is_unavailable(base: EngineSettings) -> None:
    with pytest.raises(EngineUnavailableError, match="VM_MCP_DEVICE"):
        faster_whisper.load(base.model_copy(update={"device": "cuda"}), lambda *_: None)


class _Numb:
    """A model of CTranslate2 that loads but can't compute."""

    def __init__(self, *_: object, **__: object) -> None:
        self.n_mels, self.is_multilingual = 80, True

    def encode(self, *_: object, **__: object) -> object:
        raise RuntimeError("CUBLAS_STATUS_NOT_SUPPORTED")


@pytest.mark.model
def test_a_model_of_ctranslate2_that_loads_but_cannot_compute_is_found_out_when_it_is_loaded(
    base: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exactness, "is_exact", lambda _: False)
    monkeypatch.setattr("ctranslate2.models.Whisper", _Numb)
    with pytest.raises(EngineUnavailableError, match="VM_MCP_MODEL"):
        faster_whisper.load(base, lambda *_: None)


@pytest.mark.model
def test_a_failure_of_the_native_library_is_one_of_the_engine(
    base: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = faster_whisper.load(base, lambda *_: None)
    monkeypatch.setattr(engine._decoder, "encode", _Numb().encode)
    with pytest.raises(EngineFailedError, match="VM_MCP_DEVICE"):
        engine.transcribe(audio.decode(voice("en01_callback")), TranscribeOptions(), lambda _: None)
