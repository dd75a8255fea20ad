"""`auto` chooses the best model that a computer reads a message with in time, and says why."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_hub import put_model

from vm_mcp.asr import hub, model_choice, open_transcriber
from vm_mcp.asr.engines import LOCAL_ENGINES
from vm_mcp.asr.machine import Machine
from vm_mcp.asr.model_choice import _MODELS, MOST_SECONDS, Choice, choose_model, resolve_model
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.weights import find_weights
from vm_mcp.asr.worker_client import WorkerTranscriber
from vm_mcp.config import Settings

GIB = 1 << 30
FASTER_WHISPER = LOCAL_ENGINES["faster-whisper"]
NAMES = [each.name for each in _MODELS]

machines = st.builds(
    Machine,
    cores=st.integers(1, 64),
    memory_bytes=st.integers(0, 64 * GIB),
    gpu_memory_bytes=st.sampled_from([0, 0, GIB // 2, 2 * GIB, 8 * GIB]),
)
computers = st.builds(
    Machine, cores=st.integers(1, 64), memory_bytes=st.integers(1, 64 * GIB), gpu_memory_bytes=st.just(0)
)


@given(machines)
def test_the_choice_is_a_model_that_fits_and_the_others_may_stand_in(machine: Machine) -> None:
    choice = choose_model(machine)
    assert choice == choose_model(machine)
    assert choice.model not in choice.stand_ins
    assert {choice.model, *choice.stand_ins} <= set(NAMES)
    assert f"`{choice.model}`" in choice.reason


@given(computers, st.integers(0, 8), st.integers(0, 8 * GIB))
def test_more_cores_or_memory_never_bring_a_worse_model(machine: Machine, cores: int, memory: int) -> None:
    better = Machine(machine.cores + cores, machine.memory_bytes + memory)
    assert NAMES.index(choose_model(better).model) >= NAMES.index(choose_model(machine).model)


@given(computers)
def test_the_choice_reads_a_message_in_time_and_the_next_better_one_does_not_or_does_not_fit(machine: Machine) -> None:
    place = NAMES.index(choose_model(machine).model)
    if place or _MODELS[0].fits(machine):
        assert _MODELS[place].seconds_on(machine) <= MOST_SECONDS
    for better in _MODELS[place + 1 :]:
        assert not better.fits(machine) or better.seconds_on(machine) > MOST_SECONDS


@pytest.mark.parametrize(
    ("machine", "model", "words"),
    [
        (Machine(8, 16 * GIB), "small", "`large-v3-turbo`, would take about 15 s"),
        (Machine(4, 8 * GIB), "small", "4 cores, 8.0 GB of memory and no GPU to use"),
        (Machine(2, 2 * GIB), "base", "`small`, needs more memory"),
        (Machine(1, GIB // 4), "tiny", "too little for any model"),
        (Machine(4, 0), "small", "an unknown amount of memory"),
        (Machine(4, 16 * GIB, 8 * GIB), "large-v3-turbo", "The GPU has room for `large-v3-turbo`"),
        (Machine(4, 16 * GIB, 2 * GIB), "small", "`medium`, needs more memory"),
        (Machine(4, 16 * GIB, GIB // 4), "small", "no GPU to use"),
    ],
)
def test_a_computer_gets_a_model_and_the_reason(machine: Machine, model: str, words: str) -> None:
    choice = choose_model(machine)
    assert choice.model == model
    assert words in choice.reason


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[Machine], None]:
    """Have this computer be another one."""
    return lambda machine: monkeypatch.setattr(model_choice, "this_machine", lambda _: machine)


def test_transcripts_are_kept_under_the_model_that_was_chosen(on: Callable[[Machine], None], tmp_path: Path) -> None:
    automatic, fixed = Settings(model="auto", data_dir=tmp_path), Settings(model="small", data_dir=tmp_path)
    on(Machine(4, 8 * GIB))
    assert open_transcriber(automatic).model == open_transcriber(fixed).model == "small"
    on(Machine(4, 8 * GIB, 12 * GIB))
    assert open_transcriber(automatic).model == "large-v3-turbo"
    on(Machine(2, 2 * GIB))
    assert open_transcriber(automatic).model == "base"


def test_what_is_set_is_not_chosen(on: Callable[[Machine], None], tmp_path: Path) -> None:
    on(Machine(1, GIB))
    assert resolve_model(Settings(data_dir=tmp_path), FASTER_WHISPER) == Choice("small", "")
    assert resolve_model(Settings(model="auto.bin", data_dir=tmp_path), FASTER_WHISPER).model == "auto.bin"


def test_an_engine_that_was_not_measured_gets_the_default_and_a_server_its_own(
    on: Callable[[Machine], None], tmp_path: Path
) -> None:
    on(Machine(1, GIB))
    settings = Settings(model="auto", data_dir=tmp_path)
    choice = resolve_model(settings, LOCAL_ENGINES["openai-whisper"])
    assert choice.model == "small"
    assert "openai-whisper" in choice.reason
    remote = open_transcriber(settings.model_copy(update={"remote_url": "http://gpu.lan"}))
    assert isinstance(remote, RemoteTranscriber)
    assert remote.model == ""


def test_the_worker_learns_what_may_stand_in(on: Callable[[Machine], None], tmp_path: Path) -> None:
    on(Machine(4, 8 * GIB))
    transcriber = open_transcriber(Settings(model="auto", data_dir=tmp_path))
    assert isinstance(transcriber, WorkerTranscriber)
    assert transcriber._settings.stand_ins[:2] == ("base", "tiny")


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hub, no cache of it, and no weights from PyPI."""

    def fail(model: str, *_: object) -> Path:
        raise hub.HubError(f"The model `{model}` could not be downloaded.")

    monkeypatch.setattr(hub, "download", fail)
    monkeypatch.setattr(hub, "download_bytes", fail)
    monkeypatch.setattr(hub, "cached", lambda _: None)
    monkeypatch.setattr("vm_mcp.asr.pypi_weights._installed_parts", list)


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize(
    ("here", "used"),
    [
        (["base", "small", "medium"], "small"),
        (["base", "medium"], "base"),
        (["medium"], "medium"),
        (["large-v3-turbo", "base"], "large-v3-turbo"),
    ],
)
def test_without_the_hub_the_best_that_is_here_is_used_and_slower_ones_last(
    here: list[str], used: str, tmp_path: Path
) -> None:
    for name in here:
        put_model(tmp_path / "models" / name)
    choice = Choice("large-v3-turbo", "", ("small", "base", "tiny", "medium"))
    weights = find_weights(choice.model, tmp_path, stand_ins=choice.stand_ins)
    assert weights.name == used
    assert bool(weights.notice) is (used != choice.model)
    found = FASTER_WHISPER.find_model(choice.model, tmp_path, choice.stand_ins)
    assert (found.is_local, found.stand_in) == ((True, "") if used == choice.model else (False, used))
