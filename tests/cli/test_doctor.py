"""The doctor: a good set-up, and broken ones by what is wrong with them."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.scripted_transcriber import ScriptedTranscriber

from vm_mcp.asr import hub
from vm_mcp.asr.machine import Machine as Computer
from vm_mcp.cli import main
from vm_mcp.cli.doctor import Check, check_pbx, check_speech, examine, run_doctor
from vm_mcp.cli.hosts import Machine
from vm_mcp.errors import AudioDecodeError, EngineUnavailableError, TranscriptionError
from vm_mcp.pbx import PbxClient
from vm_mcp.simulator import Simulator, load_voices

Flags = dict[str, Any]
Examine = Callable[..., dict[str, list[Check]]]


@pytest.fixture(autouse=True)
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / ".env"
    path.parent.mkdir()
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: path)
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.of("linux", tmp_path / "home")


@pytest.fixture
def flags(simulator: Simulator, tmp_path: Path) -> Flags:
    """A set-up that works, without speech."""
    return {
        "base_url": simulator.base_url,
        "api_key": simulator.api_key,
        "data_dir": tmp_path / "data",
        "engine": "none",
    }


@pytest.fixture
def examined(flags: Flags, machine: Machine) -> Examine:
    """Examine a set-up that differs in some settings: the checks by name."""

    def run(**changes: object) -> dict[str, list[Check]]:
        async def collect() -> list[Check]:
            given = {name: value for name, value in (flags | changes).items() if value is not None}
            return [check async for check in examine(given, machine)]

        found: dict[str, list[Check]] = {}
        for check in asyncio.run(collect()):
            found.setdefault(check.name, []).append(check)
        return found

    return run


class SpokenTranscriber(ScriptedTranscriber):
    """Takes the sample for what it is, unless told otherwise, and noise for no audio."""

    engine = "faster-whisper"

    def __init__(self, text: str = load_voices()["tr01_randevu"].text) -> None:
        super().__init__()
        self.texts = {load_voices()["tr01_randevu"].read(): text}
        self.noise: Exception | None = None

    async def transcribe(self, audio: bytes, options: Any, on_progress: Any = None, demand: Any = None) -> Any:  # noqa: ANN401 - its base's
        if audio == b"no audio":
            raise self.noise or AudioDecodeError("No audio.")
        return await super().transcribe(audio, options, on_progress, demand)


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> SpokenTranscriber:
    """An engine whose model is on this computer."""
    transcriber = SpokenTranscriber()
    monkeypatch.setattr(check_speech, "open_transcriber", lambda _: transcriber)
    monkeypatch.setattr("vm_mcp.asr.weights.look_up", lambda model, _: model)
    return transcriber


@pytest.mark.model
def test_a_good_set_up_passes_every_check_and_marks_nothing_as_read(
    simulator: Simulator, flags: Flags, machine: Machine, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unread = [message.uuid for message in simulator.scenario.messages if message.read_at is None]
    status = run_doctor(flags | {"engine": "auto", "model": "base", "data_dir": data_dir}, machine=machine)
    report = capsys.readouterr().out
    assert status == 0, report
    for name in ("Python", "Settings", "PBX", "Clock", "Data folder", "Archive", "Engine", "Model", "Worker", "Sample"):
        assert f"✓ {name}" in report
    assert "10.5 s of speech transcribed by `base`" in report
    assert "No problems found." in report
    assert simulator.api_key not in report
    assert f"…{simulator.api_key[-4:]} (command line)" in report
    assert [message.uuid for message in simulator.scenario.messages if message.read_at is None] == unread
    assert [record.path for record in simulator.requests] == ["/voicemail_messages"]


def test_without_a_key_it_says_where_one_is_found(examined: Examine) -> None:
    (check,) = examined(api_key=None)["PBX"]
    assert check.status == "failed"
    assert "VM_MCP_API_KEY" in check.advice


def test_a_refused_key_is_told_from_a_dead_line(examined: Examine, simulator: Simulator) -> None:
    found = examined(api_key="K99999999-1234-5678-4321-123456789012")
    assert found["PBX"][0].status == "failed"
    assert "refuses the API key" in found["PBX"][0].advice
    assert found["Clock"][0].status == "ok"
    assert "123456789012" not in str(found)
    simulator.stop()


def test_a_pbx_that_does_not_answer_is_not_waited_for(
    examined: Examine, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_pbx, "PATIENCE_SECONDS", 0.2)
    simulator.faults.set("slow")
    (check,) = examined()["PBX"]
    assert check.status == "failed"
    assert "VM_MCP_BASE_URL" in check.advice


@pytest.mark.parametrize(("offset_seconds", "words"), [(7200.2, "7200 s behind"), (-300.0, "300 s ahead of")])
def test_a_wrong_clock_is_told_and_which_way(
    examined: Examine, monkeypatch: pytest.MonkeyPatch, offset_seconds: float, words: str
) -> None:
    monkeypatch.setattr(PbxClient, "clock_offset_seconds", offset_seconds)
    (check,) = examined()["Clock"]
    assert check.status == "failed"
    assert words in check.detail


def test_a_data_folder_that_can_not_be_written_fails_with_its_archive(examined: Examine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = examined(data_dir=tmp_path / "file" / "data", download_dir=tmp_path / "file")
    for name, setting in (
        ("Data folder", "VM_MCP_DATA_DIR"),
        ("Archive", "VM_MCP_DATA_DIR"),
        ("Download folder", "VM_MCP_DOWNLOAD_DIR"),
    ):
        assert found[name][0].status == "failed"
        assert setting in found[name][0].advice


def test_a_damaged_archive_is_told_of(examined: Examine, flags: Flags) -> None:
    examined()
    (archive,) = flags["data_dir"].glob("*.sqlite3")
    archive.write_bytes(b"no database" * 1000)
    (check,) = examined()["Archive"]
    assert check.status == "note"
    assert "damaged" in check.detail


def test_unusable_settings_are_named_and_the_hosts_are_looked_at_all_the_same(examined: Examine) -> None:
    found = examined(timezone="Mars/Olympus")
    assert "VM_MCP_TIMEZONE" in found["Settings"][0].detail
    assert "PBX" not in found
    assert "Hosts" in found


def test_settings_show_where_they_came_from_and_a_misspelled_one_is_named(
    examined: Examine, settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "VM_MCP_TIMEZONE=UTC\nVM_MCP_LOG_LEVEL=INFO\nVM_MCP_QQQ=1\n"
    settings_file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("VM_MCP_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("VM_MCP_APIKEY", "K99999999-1234-5678-4321-123456789012")
    monkeypatch.setenv("VM_MCP_OAUTH_ISSUER", "https://login.example.com")  # a team's is one
    known, *notes = examined()["Settings"]
    misspelled, nothing_like_it = (note for note in notes if "is not a setting" in note.detail)
    assert "timezone UTC (settings file)" in known.detail
    assert "log_level ERROR (environment)" in known.detail
    assert "engine none (command line)" in known.detail
    assert misspelled.detail.startswith("VM_MCP_APIKEY is set")
    assert misspelled.advice == "Did you mean VM_MCP_API_KEY?"
    assert nothing_like_it.detail.startswith("VM_MCP_QQQ is set")
    assert "K9999" not in str((known, notes))


def test_a_key_that_only_this_terminal_has_is_pointed_out(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VM_MCP_API_KEY", "K99999999-1234-5678-4321-123456789012")
    assert any("hosts have their own" in check.detail for check in examined(api_key=None)["Settings"])


def test_a_password_in_an_address_is_not_shown(examined: Examine) -> None:
    (check, *_) = examined(remote_url="https://me:secret@gpu.lan/v1")["Settings"]
    assert "https://…@gpu.lan/v1" in check.detail
    assert "secret" not in check.detail


def test_a_missing_engine_names_the_extra(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (check,) = examined(engine="auto")["Engine"]
    assert check.status == "failed"
    assert "vm-mcp[whisper]" in check.advice


def test_an_engine_that_was_switched_off_is_no_fault(examined: Examine) -> None:
    assert examined(read_only=True, engine="auto")["Engine"][0].status == "note"
    assert examined()["Engine"][0].status == "note"


def test_a_speech_server_that_is_not_there_fails_the_sample(examined: Examine) -> None:
    found = examined(engine="auto", remote_url="http://127.0.0.1:9")
    assert found["Engine"][0].status == "ok"
    assert found["Sample"][0].status == "failed"
    assert "VM_MCP_REMOTE_URL" in found["Sample"][0].advice
    assert examined(engine="remote")["Engine"][0].status == "failed"


def test_a_model_that_is_not_here_is_no_fault_where_its_download_can_be_had(
    examined: Examine, spoken: SpokenTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.asr.weights.look_up", lambda *_: None)
    monkeypatch.setattr(hub, "download_bytes", lambda _: 486_000_000)
    found = examined(engine="auto")
    assert found["Model"][0].status == "note"
    assert "486 MB" in found["Model"][0].detail
    assert found["Worker"][0].status == "ok"
    assert found["Sample"][0].status == "note"
    assert [audio for audio, _ in spoken.heard] == []


@pytest.mark.parametrize(("here", "status"), [("base", "note"), ("", "failed")])
def test_without_the_hub_a_model_is_missing_unless_another_stands_in(
    examined: Examine, spoken: SpokenTranscriber, monkeypatch: pytest.MonkeyPatch, here: str, status: str
) -> None:
    def unreachable(_: str) -> int:
        raise hub.HubError("The model `small` can't be downloaded now.")

    monkeypatch.setattr("vm_mcp.asr.weights.look_up", lambda model, _: model == here)
    monkeypatch.setattr(hub, "download_bytes", unreachable)
    found = examined(engine="auto")
    assert found["Model"][0].status == status
    assert bool(spoken.heard) is (here == "base")


@pytest.mark.usefixtures("spoken")
def test_a_model_that_was_chosen_is_told_with_the_reason_and_is_the_one_that_is_tried(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.asr.model_choice.this_machine", lambda _: Computer(4, 8 << 30))
    found = examined(engine="auto", model="auto")
    (choice,) = found["Model choice"]
    assert choice.status == "ok"
    assert choice.detail.startswith("`auto` is `small`. This computer has 4 cores, 8.0 GB of memory and no GPU to use.")
    assert "`small` is on this computer" in found["Model"][0].detail
    assert "by `small`" in found["Sample"][0].detail
    assert "Model choice" not in examined(engine="auto", model="small")


@pytest.mark.usefixtures("spoken")
def test_a_model_that_nobody_knows_fails(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vm_mcp.asr.weights.look_up", lambda *_: None)
    (check,) = examined(engine="auto", model="smal")["Model"]
    assert check.status == "failed"
    assert "no model `smal`" in check.advice


@pytest.mark.usefixtures("spoken")
def test_an_engine_whose_libraries_do_not_load_fails_the_model_and_the_other_checks_go_on(
    examined: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    found = examined(engine="auto")
    assert found["Model"][0].status == "failed"
    assert "vm-mcp[whisper]" in found["Model"][0].advice
    assert found["Worker"][0].status == "ok"


@pytest.fixture
def openai_whisper(spoken: SpokenTranscriber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What of openai-whisper the doctor asks, where PyTorch need not be installed; gives the folder of its cache."""
    spoken.engine = "openai-whisper"
    models = {"large": "https://models.example/0123/large-v3.pt", "tiny": "https://models.example/4567/tiny.pt"}
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    monkeypatch.setitem(sys.modules, "whisper", ModuleType("whisper"))
    monkeypatch.setattr(sys.modules["whisper"], "_MODELS", models, raising=False)
    monkeypatch.setattr(check_speech, "version", lambda _: "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = tmp_path / "whisper"
    cache.mkdir()
    return cache


def test_a_model_of_openai_whisper_is_looked_for_where_that_keeps_it(examined: Examine, openai_whisper: Path) -> None:
    assert examined(engine="openai-whisper", model="large")["Model"][0].status == "note"
    (openai_whisper / "large-v3.pt").touch()
    assert examined(engine="openai-whisper", model="large")["Model"][0].status == "ok"
    own = openai_whisper / "own.pt"
    own.touch()
    assert examined(engine="openai-whisper", model=str(own))["Model"][0].status == "ok"


@pytest.mark.usefixtures("openai_whisper")
def test_a_model_that_openai_whisper_does_not_know_fails_and_is_told_those_it_knows(examined: Examine) -> None:
    (check,) = examined(engine="openai-whisper", model="distil-large-v3")["Model"]
    assert check.status == "failed"
    assert "one of: large, tiny." in check.advice


def test_a_sample_that_is_misheard_fails_and_says_what_was_said(examined: Examine, spoken: SpokenTranscriber) -> None:
    spoken.texts = dict.fromkeys(spoken.texts, "Altyazı M.K.")
    (check,) = examined(engine="auto")["Sample"]
    assert check.status == "failed"
    assert "Altyazı M.K." in check.detail
    assert "Merhaba, ben Ayşe Yılmaz" in check.advice


def test_an_engine_that_fails_says_so_at_the_check_that_found_it(examined: Examine, spoken: SpokenTranscriber) -> None:
    assert examined(engine="auto")["Sample"][0].status == "ok"
    spoken.noise = TranscriptionError("The speech engine stopped twice. Free some memory.")
    spoken.unavailable = EngineUnavailableError("VM_MCP_DEVICE is cuda, but no CUDA device is found.")
    found = examined(engine="auto")
    assert found["Worker"][0].advice == str(spoken.noise)
    assert found["Sample"][0].advice == str(spoken.unavailable)
    assert spoken.closed


@pytest.mark.parametrize(
    ("configuration", "status", "words"),
    [
        ('{"mcpServers": {"other": {"command": "node"}}}', "note", "vm-mcp install cursor"),
        ('{"mcpServers": {"voicemail": {"command": "/gone/vm-mcp"}}}', "failed", "does not exist"),
        ("{// a comment\n}", "failed", "not plain JSON"),
        ('{"mcpServers": {"x": {"command": "python3", "args": ["-m", "vm_mcp"]}}}', "ok", "starts vm-mcp as `x`"),
        (
            '{"mcpServers": {"x": {"command": "python3", "args": ["-m", "vm_mcp"], "env": {"VM_MCP_API_KEY": "K1"}}}}',
            "note",
            "in plain text",
        ),
    ],
)
def test_each_host_is_told_apart_by_what_it_knows(
    examined: Examine, machine: Machine, configuration: str, status: str, words: str
) -> None:
    path = machine.home / ".cursor" / "mcp.json"
    path.parent.mkdir(parents=True)
    path.write_text(configuration, encoding="utf-8")
    (check,) = examined()["Cursor"]
    assert check.status == status
    assert words in check.detail + check.advice


def test_each_account_that_a_host_serves_is_checked(examined: Examine, machine: Machine) -> None:
    path = machine.home / ".cursor" / "mcp.json"
    path.parent.mkdir(parents=True)
    good = {"command": "python3", "args": ["-m", "vm_mcp"]}
    servers = {
        "a": good,
        "b": {**good, "env": {"VM_MCP_API_KEY": "K1", "VM_MCP_ACCOUNT": "klinik"}},
        "c": {"command": "/gone/vm-mcp", "env": {"VM_MCP_ACCOUNT": "atolye"}},
    }
    path.write_text(json.dumps({"mcpServers": servers}), encoding="utf-8")
    first, second, third = examined()["Cursor"]
    assert first.status == "ok"
    assert "vm-mcp login --account klinik, then vm-mcp install cursor --account klinik" in second.advice
    assert third.status == "failed"
    assert "vm-mcp install cursor --account atolye" in third.advice


def test_the_report_is_json_on_request_and_the_status_tells_a_program(
    flags: Flags, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_doctor(flags, as_json=True, machine=machine) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert {check["status"] for check in report["checks"]} == {"ok", "note"}
    assert run_doctor(flags | {"api_key": "K1"}, machine=machine) == 1
    assert capsys.readouterr().out.endswith("1 problem found; each line says how to fix it.\n")


def test_a_terminal_without_the_marks_gets_plain_ones(
    flags: Flags, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="cp1254"))
    run_doctor(flags, machine=machine)
    assert written.getvalue().startswith(b"+ Python")


def test_the_command_takes_settings_as_flags(
    flags: Flags, machine: Machine, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "this", lambda: machine)
    monkeypatch.setenv("VM_MCP_API_KEY", flags["api_key"])
    command = ["doctor", "--base-url", flags["base_url"], "--data-dir", str(flags["data_dir"]), "--engine", "none"]
    assert main(command) == 0
    assert "(environment)" in capsys.readouterr().out
