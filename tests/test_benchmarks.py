import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gpu
import numpy as np
import pytest
import search_recall
import team_chaos
import transcription
from shapes.estimates import backlog_speed, lone_seconds
from shapes.forced_runtime import ForcedRuntime
from shapes.messages import expected, messages
from shapes.one_run import RUNTIMES, Spent
from shapes.one_run import Outcome as ShapeOutcome
from shapes.random_whisper import SHAPES, Shape, write_random
from speech import contenders, figures, wording
from speech.contenders import Contender, ContenderError
from speech.jobs import Heard, Outcome
from speech.recordings import Recording, percent_kept

from vm_mcp.simulator import load_voices

pytestmark = pytest.mark.benchmarks


@pytest.mark.parametrize(
    ("said", "heard", "language"),
    [
        ("Tutar on iki bin beş yüz lira.", "tutar 12.500 lira", "tr"),
        ("sıfır beş üç iki", "0532", "tr"),
        ("IĞDIR'DAN İPEK", "ığdırdan ipek", "tr"),
        ("Yarın görüşürüz.", "[müzik] Yarın görüşürüz. (alkış)", "tr"),
        ("five five five zero one three four", "555-0134", "en"),
        ("I'm calling about Mr. Turner", "i am calling about mister turner", "en"),
    ],
)
def test_words_count_as_right_in_any_spelling(said: str, heard: str, language: str) -> None:
    assert wording.rates([wording.pair(said, heard, language)]).wer == 0


def test_no_text_for_a_spoken_message_counts_every_word_as_wrong() -> None:
    assert wording.rates([wording.pair("beni geri arayın", "", "tr")]).wer == 100


def test_a_remark_in_brackets_is_no_invented_word() -> None:
    assert wording.invented_words(["[MÜZİK]", " (sessizlik) ", "", "Altyazı M.K."]) == 3


def recording(name: str) -> Recording:
    return Recording(name, Path(name), "tr", "evet", np.zeros(16_000, np.float32))


def run(number: int, contender: str, seconds: float) -> figures.Run:
    voice = load_voices()["sil1_noise"]
    silent = Recording(voice.name, voice.path, "", "", np.zeros(16_000, np.float32))
    outcome = Outcome(1.0, seconds, 100.0, [Heard(voice.name, "two words", "en", seconds, seconds)])
    return figures.Run(number, contender, outcome, figures.of_outcome(outcome, [silent]))


def test_ratios_are_taken_within_a_round_so_a_slow_round_does_not_matter() -> None:
    runs = [run(1, "ours", 1), run(1, "peer", 4), run(2, "ours", 10), run(2, "peer", 40), run(3, "ours", 2)]
    assert figures.speed_ratios(runs, "ours") == {"peer": pytest.approx(4)}


def test_a_run_has_its_speed_its_seconds_and_its_invented_words() -> None:
    found = run(1, "peer", 0.5).figures
    assert found["speed"] == pytest.approx(2)
    assert found["p50_seconds"] == found["p95_seconds"] == pytest.approx(0.5)
    assert found["invented_words"] == 2
    assert "wer_all" not in found


def test_somebody_who_asks_for_all_messages_waits_for_the_first_text_and_on_average() -> None:
    heard = [
        Heard(name, text, "tr", None, ended) for name, text, ended in (("a", "", 1), ("b", "evet", 9), ("c", "x", 2))
    ]
    found = figures.of_outcome(Outcome(1.0, 9.0, 100.0, heard), [recording(name) for name in "abc"])
    assert (found["first_text_seconds"], found["mean_completion_seconds"]) == (2, 4)
    assert "p50_seconds" not in found


def test_who_reads_nothing_has_no_first_text() -> None:
    outcome = Outcome(1.0, 1.0, 100.0, [Heard("a", "", "", 1.0, 1.0)])
    assert "first_text_seconds" not in figures.of_outcome(outcome, [recording("a")])


def test_a_contender_lacks_what_any_of_its_modules_is_in() -> None:
    installed = Contender("a", "A", "speech.peers", ("json", "wave"), "none", "")
    assert installed.is_installed
    assert not replace(installed, needs=("json", "no_such_module")).is_installed


def test_every_name_of_the_command_line_is_a_contender() -> None:
    assert [contender.name for contender in contenders.CONTENDERS] == list(transcription.CONTENDERS)
    assert {contender.weights for contender in contenders.CONTENDERS} - {""} == set(contenders.WEIGHTS)


def test_a_conversion_that_fails_says_why(tmp_path: Path) -> None:
    openvino = next(contender for contender in contenders.CONTENDERS if contender.weights == "openvino")
    with pytest.raises(ContenderError, match=r"conversion\.py"):
        contenders.prepare_weights(openvino, tmp_path / "base", tmp_path)


def test_a_benchmark_reports_nothing_to_anybody(tmp_path: Path) -> None:
    """By default onnxruntime and OpenVINO keep an id of the device in the home folder, and send events."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "openvino_telemetry.py").touch()
    code = (
        "import sys, numpy as np, speech; from vm_mcp.asr.voice_activity import find_speech\n"
        "find_speech(np.zeros(16_000, 'f4'))\n"
        "try: import openvino_telemetry\n"
        "except ImportError: print('not found')"
    )
    home = tmp_path / "home"
    home.mkdir()
    homes = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"), str(home))
    path = os.pathsep.join([str(tmp_path / "modules"), str(contenders.BENCHMARKS)])
    inherited = {name: value for name, value in os.environ.items() if name not in {"ORT_DISABLE_TELEMETRY", "CI"}}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=inherited | homes | {"PYTHONPATH": path}, capture_output=True, check=True
    )
    assert ran.stdout.split() == [b"not", b"found"]
    assert [file for file in home.rglob("*") if file.is_file()] == []


def test_a_detector_that_keeps_half_of_a_message_scores_about_half(monkeypatch: pytest.MonkeyPatch) -> None:
    from speech import recordings

    from vm_mcp.asr.speech_windows import SpeechWindow

    [spoken] = recordings.load(None, ["tr01_randevu"])
    assert percent_kept([spoken]) > 98
    half = len(spoken.samples) // 2
    monkeypatch.setattr(recordings, "find_speech", lambda _: [SpeechWindow(0, half)])
    assert 30 < percent_kept([spoken]) < 70


def test_a_search_finds_words_that_were_misheard_in_real_transcripts() -> None:
    messages, misheard = search_recall.load()
    asked = [
        each for each in misheard if each.word in {"avukat", "hukuk", "kurye", "protokol", "rehber", "vekaletname"}
    ]
    names = {each.message for each in asked}
    few = [message for message in messages if message.name in names]
    tally = asyncio.run(search_recall.count(few, asked, alone=True))
    assert (len(asked), tally.exact, tally.found) == (8, 0, 7)  # "babukat" is farther from "avukat" than "pavukat"
    assert tally.right == tally.near
    assert sum(message.has("avukat") for message in messages) > sum(message.shows("avukat") for message in messages)


def shape_outcome(lone: float, backlog: float, windows: list[float]) -> ShapeOutcome:
    return ShapeOutcome(
        lone=[Spent(99, lone)], lone_windows=[windows], backlog=Spent(99, backlog), backlog_seconds=120.0
    )


def test_a_message_of_one_window_takes_as_long_on_any_number_of_cores_but_a_backlog_does_not() -> None:
    runs = {1: [shape_outcome(6.0, 12.0, [20.0])], 2: [shape_outcome(6.0, 12.0, [20.0])]}
    assert [lone_seconds(runs, cores) for cores in (1, 2, 8)] == [6.0, 6.0, 6.0]
    assert [backlog_speed(runs, cores) for cores in (1, 2, 4, 8)] == [10.0, 20.0, 40.0, 40.0]


def test_windows_go_side_by_side_and_what_a_second_core_costs_each_further_one_costs_too() -> None:
    runs = {1: [shape_outcome(6.0, 12.0, [10.0, 10.0, 10.0])], 2: [shape_outcome(6.6, 13.2, [10.0, 10.0, 10.0])]}
    assert lone_seconds(runs, 1) == pytest.approx(6.0)
    assert lone_seconds(runs, 2) == pytest.approx(4.0 * 1.1)
    assert lone_seconds(runs, 4) == pytest.approx(2.0 * 1.2)
    assert backlog_speed(runs, 4) == pytest.approx(40 / 1.3)


def test_the_shapes_have_as_many_weights_as_the_models_are_known_for() -> None:
    known = {"tiny": 39, "base": 74, "small": 244, "medium": 769, "large-v3-turbo": 809}
    assert {name: shape.parameters / 1e6 for name, shape in SHAPES.items()} == {
        name: pytest.approx(millions, rel=0.06) for name, millions in known.items()
    }


@pytest.mark.model
@pytest.mark.parametrize("runtime", ["packed", "ctranslate2"])
def test_random_weights_write_the_real_words_and_take_as_many_steps(
    runtime: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from speech.recordings import load

    from vm_mcp.asr.decoder import Decoder
    from vm_mcp.asr.faster_whisper import FasterWhisper
    from vm_mcp.asr.pypi_weights import join_base
    from vm_mcp.asr.transcriber import EngineSettings, TranscribeOptions
    from vm_mcp.asr.turns import Turn
    from vm_mcp.asr.weights import Weights
    from vm_mcp.asr.whisper_runtime import Decoded, DecodeRequest

    base = join_base(data_dir / "models")
    assert base
    write_random(Shape(128, 2, 1, 1, ((0, 0), (0, 1))), base, tmp_path / "random")
    weights = Weights(tmp_path / "random", "random")
    settings = EngineSettings(model="random", languages=("tr", "en"), device="cpu", data_dir=tmp_path)
    opened = RUNTIMES[runtime](weights, settings)
    decoded: list[tuple[DecodeRequest, Decoded]] = []

    def decode(turn: Turn, states: object, request: DecodeRequest) -> Decoded:
        decoded.append((request, type(opened).decode(opened, turn, states, request)))
        return decoded[-1][1]

    monkeypatch.setattr(opened, "decode", decode)
    forced = ForcedRuntime(opened)
    decoder, turn = Decoder(forced, weights.folder), Turn()
    [message] = messages(load(None, ["tr02_geri_ara"]), 13.0, 1)
    forced.expect(turn, message.language, expected(message, decoder, opened.frame_step))
    found = FasterWhisper(decoder, weights, ("tr", "en")).transcribe(
        message.samples, TranscribeOptions(), lambda _: None, turn
    )
    assert found.text == message.text
    assert found.language == "tr"
    first, second = decoded  # the message has a number, which is read twice
    assert (first[0].beam_size, second[0].beam_size) == (5, 2)
    for request, result in decoded:
        assert 30 < request.max_tokens < 60
        assert abs(len(result.tokens) - request.max_tokens) <= 1


def test_without_a_gpu_its_benchmark_says_so_and_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 0)
    with pytest.raises(SystemExit, match="No CUDA device is found: nothing was measured"):
        gpu.check_gpu()
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(gpu, "gpu_memory_bytes", lambda: 0)
    with pytest.raises(SystemExit, match="cuBLAS"):
        gpu.check_gpu()


def test_a_recording_may_be_asked_for_again_only_where_something_ended_in_between() -> None:
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    asked = {
        name: [noon + timedelta(seconds=second) for second in times]
        for name, times in {
            "once": (0,),
            "after an end": (10, 40),
            "as it ended": (31, 40),
            "needlessly": (40, 50),
            "twice after one end": (20, 40, 50),
        }.items()
    }
    assert team_chaos.needlessly_asked(asked, [noon + timedelta(seconds=30)]) == ["needlessly", "twice after one end"]
