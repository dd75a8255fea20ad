"""What the hub is asked for beside a download, and that names lead where the library's own do."""

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
    """A hub that this process asks, and whose answers it doesn't keep."""
    with serving(HubServer()) as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        yield running
        huggingface_hub.close_session()


def test_every_name_that_the_library_knows_leads_to_the_files_that_it_would_download_itself(
    server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: dict[str, list[str]] = {}

    def note(repository: str, *, allow_patterns: list[str], **_: object) -> str:
        wanted[repository] = allow_patterns
        return ""

    names = faster_whisper.available_models()
    with monkeypatch.context() as patched:
        patched.setattr(huggingface_hub, "snapshot_download", note)
        for name in names:
            faster_whisper.download_model(name)
    server.repositories = tuple(wanted)
    for name in names:
        assert hub.download_bytes(name)
    assert len(names) > 15
    assert {request.path for request in server.requests} == {f"/api/models/{name}?blobs=true" for name in wanted}
    assert all(patterns == hub._FILES for patterns in wanted.values())


def test_the_hub_is_asked_once_for_the_size_of_a_download_and_downloads_nothing(server: HubServer) -> None:
    assert hub.download_bytes("Org/Model") == sum(map(len, FILES.values()))
    assert [request.path for request in server.requests] == ["/api/models/Org/Model?blobs=true"]


def test_asking_for_a_size_shows_no_token_and_reports_nothing(server: HubServer) -> None:
    ask = "import sys; from vm_mcp.asr import hub; print(hub.download_bytes(sys.argv[1]))"
    told = {"HF_ENDPOINT": server.url, "HF_TOKEN": "hf_secret", "AI_AGENT": "some-agent", "HF_HOME": "/nowhere"}
    subprocess.run([sys.executable, "-c", ask, "Org/Model"], env=told, check=True, stdout=subprocess.DEVNULL)
    (request,) = server.requests
    assert request.path == "/api/models/Org/Model?blobs=true"
    assert "hf_secret" not in str(request)
    assert "agent" not in request.headers["user-agent"]


@pytest.mark.parametrize("trouble", ["gone", "silent", "unknown"])
def test_a_size_that_nobody_tells_is_an_error_of_the_hub(
    server: HubServer, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(hub, "_PATIENCE", 0.2)
    if trouble == "gone":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    if trouble == "silent":
        server.may_answer.clear()
    with pytest.raises(hub.HubError, match="can't be downloaded now"):
        hub.download_bytes("Org/Unknown" if trouble == "unknown" else "Org/Model")


def test_a_name_that_nobody_knows_is_told_the_names_there_are() -> None:
    with pytest.raises(EngineUnavailableError, match=r"no model `smal`.* distil-large-v3\.5, "):
        hub.download_bytes("smal")
