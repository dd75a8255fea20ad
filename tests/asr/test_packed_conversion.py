"""A model is converted once, what is damaged is repaired, and what can't be converted runs on CTranslate2."""

import json
import logging
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from support.tiny_whisper import PROMPT, features, write_model

from vm_mcp.asr import faster_whisper
from vm_mcp.asr.ctranslate2_runtime import CTranslate2Runtime
from vm_mcp.asr.packed import conversion, exactness
from vm_mcp.asr.packed.conversion import converted
from vm_mcp.asr.packed.opening import open_packed
from vm_mcp.asr.packed.runtime import PackedRuntime
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.weights import Weights
from vm_mcp.asr.whisper_runtime import DecodeRequest, WhisperRuntime

pytest_plugins = ["support.packed_fixtures"]

CONVERTING = "Converting the speech model; this happens once."


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path, exact_processor: None) -> Path:  # noqa: ARG001  # only asks
    """Return a model's folder, which a test may change."""
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "packed"


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(model="tiny", languages=("tr",), device="cpu", data_dir=tmp_path / "data")


def text(runtime: WhisperRuntime) -> list[int]:
    states = runtime.encode(Turn(), features(1, 300))
    return runtime.decode(Turn(), states, DecodeRequest(PROMPT, 5, 20)).tokens


def opened_runtime(model: Path, settings: EngineSettings) -> WhisperRuntime:
    """Return what the engine opens on the CPU."""
    return faster_whisper._open_on_cpu(Weights(model, "tiny"), settings)._runtime


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_model_is_converted_once(model: Path, folder: Path) -> None:
    target = converted(model, folder)
    inodes = {file.name: file.stat().st_ino for file in target.iterdir()}
    assert converted(model, folder) == target
    assert {file.name: file.stat().st_ino for file in target.iterdir()} == inodes
    assert {path.name for path in folder.iterdir()} - {".lock"} == {target.name}


def test_two_processes_convert_it_once(model: Path, folder: Path) -> None:
    program = (
        "import logging, pathlib, sys; from vm_mcp.asr.packed.conversion import converted\n"
        "logging.basicConfig(level=logging.INFO, format='%(message)s')\n"
        "print(converted(*map(pathlib.Path, sys.argv[1:])), flush=True)\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(model), str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert {output for output, _ in outputs} == {f"{converted(model, folder)}\n"}
    assert sum(errors.count(CONVERTING) for _, errors in outputs) == 1


def overwrite(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def shorten(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


@pytest.mark.parametrize("damage", [overwrite, shorten, Path.unlink])
@pytest.mark.parametrize("name", ["decoder.weights", "embeddings.npy", "shape.json", "files.json"])
def test_what_is_damaged_is_converted_again(
    model: Path, folder: Path, name: str, damage: Callable[[Path], None]
) -> None:
    target = converted(model, folder)
    before = contents(target)
    damage(target / name)
    assert converted(model, folder) == target
    assert contents(target) == before
    assert {path.name for path in folder.iterdir()} - {".lock"} == {target.name}


def test_a_folder_that_was_not_finished_is_converted_again(model: Path, folder: Path) -> None:
    target = converted(model, folder)
    before = contents(target)
    for file in target.iterdir():
        if file.name not in {"encoder.onnx", "encoder.weights"}:
            file.unlink()
    assert contents(converted(model, folder)) == before


def test_what_a_killed_process_left_is_removed(model: Path, folder: Path) -> None:
    program = (
        "import os, pathlib, sys; from vm_mcp.asr.packed import conversion\n"
        "conversion._digest = lambda _: os._exit(9)\n"
        "conversion.converted(*map(pathlib.Path, sys.argv[1:]))\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(model), str(folder)]).returncode == 9
    assert list(folder.rglob("*.weights"))
    target = converted(model, folder)
    assert {path.name for path in folder.iterdir()} - {".lock"} == {target.name}


def test_a_model_that_was_replaced_is_converted_again_and_the_older_result_removed(
    model: Path, folder: Path, tmp_path: Path
) -> None:
    older = converted(model, folder)
    first = text(PackedRuntime(older, 1))
    shutil.rmtree(model)
    write_model(model, seed=1)
    newer = converted(model, folder)
    assert newer != older
    assert text(PackedRuntime(newer, 1)) != first
    other = converted(write_model(tmp_path / "other", seed=2), folder)
    assert {path.name for path in folder.iterdir()} - {".lock"} == {newer.name, other.name}


def test_what_was_converted_from_a_model_that_is_gone_is_removed(model: Path, folder: Path, tmp_path: Path) -> None:
    gone = converted(write_model(tmp_path / "other", seed=2), folder)
    shutil.rmtree(tmp_path / "other")
    target = converted(model, folder)
    assert not gone.exists()
    assert target.exists()


def test_the_engine_uses_what_was_converted(model: Path, settings: EngineSettings) -> None:
    runtime = opened_runtime(model, settings)
    assert isinstance(runtime, PackedRuntime)
    assert text(runtime)


def write(offset: int, form: str, value: int) -> Callable[[Path], None]:
    """Return what writes a number into the middle of a file."""

    def change(model: Path) -> None:
        with (model / "model.bin").open("r+b") as file:
            file.seek(offset)
            file.write(struct.pack(form, value))

    return change


def truncate(model: Path) -> None:
    shorten(model / "model.bin")


def empty(model: Path) -> None:
    os.truncate(model / "model.bin", 0)


def quantise(model: Path) -> None:
    shutil.rmtree(model)
    write_model(model, quantization="int8")


def without_heads(model: Path) -> None:
    config = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps(config | {"alignment_heads": []}))


def without_suppressed(model: Path) -> None:
    config = json.loads((model / "config.json").read_bytes())
    (model / "config.json").write_text(json.dumps(config | {"suppress_ids": None}))


def without_config(model: Path) -> None:
    (model / "config.json").write_text("{")


def with_foreign_tokens(model: Path) -> None:
    vocabulary = (model / "tokenizer.json").read_text(encoding="utf-8")
    (model / "tokenizer.json").write_text(vocabulary.replace("<|startoftranscript|>", "<|start|>"), encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        write(0, "<I", 5),
        write(0, "<I", 7),
        write(6 + len("WhisperSpec") + 1 + 4, "<I", 2**31),  # the number of variables
        truncate,
        empty,
        quantise,
        without_heads,
        without_suppressed,
        without_config,
        with_foreign_tokens,
    ],
)
def test_a_model_that_is_not_understood_is_left_to_ctranslate2(
    model: Path, settings: EngineSettings, change: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    change(model)
    assert open_packed(model, settings) is None
    assert warned_once(caplog)
    assert {path.name for path in (settings.data_dir / "packed").iterdir()} <= {".lock"}


def warned_once(caplog: pytest.LogCaptureFixture) -> bool:
    """Return whether there is one warning, which names no path."""
    [warning] = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    return warning.startswith("The speech model runs on CTranslate2, which is slower: ") and "/" not in warning


def test_weights_in_8_bits_run_on_ctranslate2(
    model: Path, settings: EngineSettings, caplog: pytest.LogCaptureFixture
) -> None:
    quantise(model)
    runtime = opened_runtime(model, settings)
    assert isinstance(runtime, CTranslate2Runtime)
    assert text(runtime)
    assert warned_once(caplog)


def test_without_onnx_ctranslate2_is_used(
    model: Path, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert warned_once(caplog)


def test_without_onnx_what_was_converted_before_still_runs(
    model: Path, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted(model, settings.data_dir / "packed")
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert isinstance(opened_runtime(model, settings), PackedRuntime)


def test_a_folder_that_cannot_be_written_leaves_it_to_ctranslate2(
    model: Path, settings: EngineSettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "packed").write_text("not a folder")
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert warned_once(caplog)


@pytest.fixture
def full_disk(model: Path) -> Iterator[None]:  # noqa: ARG001  # is written before
    """Let no file grow beyond 64 KiB, which fails as a full disk does."""
    resource = pytest.importorskip("resource", reason="only POSIX limits the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
def test_without_space_it_is_left_to_ctranslate2_and_nothing_stays_behind(
    model: Path, settings: EngineSettings, caplog: pytest.LogCaptureFixture
) -> None:
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert warned_once(caplog)
    assert [path.name for path in (settings.data_dir / "packed").iterdir()] == [".lock"]


def replace_file(target: Path, name: str, content: bytes) -> None:
    """Replace a file of a converted model, as if it had been converted to this."""
    (target / name).write_bytes(content)
    listed = json.loads((target / "files.json").read_bytes())
    listed["files"][name] = conversion._digest(target / name)
    (target / "files.json").write_text(json.dumps(listed))


@pytest.mark.parametrize("content", ["memory", ""], ids=["does not compute", "does not load"])
def test_a_graph_that_onnxruntime_refuses_is_left_to_ctranslate2(
    model: Path, settings: EngineSettings, caplog: pytest.LogCaptureFixture, content: str
) -> None:
    target = converted(model, settings.data_dir / "packed")
    replace_file(target, "decoder.onnx", (target / f"{content}.onnx").read_bytes() if content else b"")
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert warned_once(caplog)


def test_a_processor_that_is_not_exact_uses_ctranslate2_without_a_warning(
    model: Path, settings: EngineSettings, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a home folder that moves between computers: the graph that is tried returns less than it should."""
    target = converted(model, settings.data_dir / "packed")
    graph = onnx.load(target / exactness.FILE)
    right = next(each for each in graph.graph.initializer if each.name == "right")
    right.CopyFrom(numpy_helper.from_array(np.full((64, 64), 126, np.int8), "right"))
    replace_file(target, exactness.FILE, graph.SerializeToString())
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert caplog.records == []


def test_on_a_processor_that_is_not_exact_nothing_is_converted(
    model: Path, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(exactness, "is_exact", lambda _: False)
    assert isinstance(opened_runtime(model, settings), CTranslate2Runtime)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert {path.name for path in (settings.data_dir / "packed").iterdir()} <= {".lock"}
