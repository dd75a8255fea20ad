"""What the hub is asked for apart from downloads, and that model names mean the same as in faster-whisper."""

import subprocess
import sys
from collections.abc import Iterator

import faster_whisper
import huggingface_hub
import pytest
from huggingface_hub import constants
from model_hub import FILES, HubServer, serving

from vm_mcp.asr import hub
from vm_mcp.errors import EngineUnavailableError


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that this process uses, and whose connections it closes."""
    with serving(HubServer()) as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        yield running
        huggingface_hub.close_session()


def test_every_name_stands_for_the_files_that_the_library_itself_would_download(
    server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    patterns_by_repository: dict[str, list[str]] = {}

    def note(repository: str, *, allow_patterns: list[str], **_: object) -> str:
        patterns_by_repository[repository] = allow_patterns
        return ""

    names = faster_whisper.available_models()
    with monkeypatch.context() as patched:
        patched.setattr(huggingface_hub, "snapshot_download", note)
        for name in names:
            faster_whisper.download_model(name)
    server.repositories = tuple(patterns_by_repository)
    for name in names:
        assert hub.download_bytes(name)
    assert len(names) > 15
    assert {request.path for request in server.requests} == {
        f"/api/models/{repository}?blobs=true" for repository in patterns_by_repository
    }
    assert all(patterns == hub._FILES for patterns in patterns_by_repository.values())


def test_the_size_of_a_download_takes_one_request_and_no_download(server: HubServer) -> None:
    assert hub.download_bytes("Org/Model") == sum(map(len, FILES.values()))
    assert [request.path for request in server.requests] == ["/api/models/Org/Model?blobs=true"]


def test_a_request_for_a_size_sends_no_token_and_no_name_of_a_program(server: HubServer) -> None:
    ask = "import sys; from vm_mcp.asr import hub; print(hub.download_bytes(sys.argv[1]))"
    environment = {"HF_ENDPOINT": server.url, "HF_TOKEN": "hf_secret", "AI_AGENT": "some-agent", "HF_HOME": "/nowhere"}
    subprocess.run([sys.executable, "-c", ask, "Org/Model"], env=environment, check=True, stdout=subprocess.DEVNULL)
    (request,) = server.requests
    assert request.path == "/api/models/Org/Model?blobs=true"
    assert "hf_secret" not in str(request)
    assert "agent" not in request.headers["user-agent"]


@pytest.mark.parametrize("trouble", ["gone", "silent", "unknown"])
def test_a_size_that_the_hub_does_not_give_is_an_error(
    server: HubServer, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(hub, "_TIMEOUT_SECONDS", 0.2)
    if trouble == "gone":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    if trouble == "silent":
        server.may_answer.clear()
    with pytest.raises(hub.HubError, match="can't be downloaded now"):
        hub.download_bytes("Org/Unknown" if trouble == "unknown" else "Org/Model")


def test_for_an_unknown_name_the_error_lists_the_names() -> None:
    with pytest.raises(EngineUnavailableError, match=r"no model `smal`.* distil-large-v3\.5, "):
        hub.download_bytes("smal")
