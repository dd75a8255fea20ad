import asyncio

import numpy as np
import pytest
import search_recall
from speech import figures, wording
from speech.jobs import Heard, Outcome
from speech.recordings import Recording, percent_kept

from vm_mcp.simulator import load_voices


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


def run(number: int, contender: str, seconds: float) -> figures.Run:
    voice = load_voices()["sil1_noise"]
    recording = Recording(voice.name, voice.path, "", "", np.zeros(16_000, np.float32))
    outcome = Outcome(1.0, seconds, 100.0, [Heard(voice.name, "two words", "en", seconds)])
    return figures.Run(number, contender, outcome, figures.of_outcome(outcome, [recording]))


def test_ratios_are_taken_within_a_round_so_a_slow_round_does_not_matter() -> None:
    runs = [run(1, "ours", 1), run(1, "peer", 4), run(2, "ours", 10), run(2, "peer", 40), run(3, "ours", 2)]
    assert figures.speed_ratios(runs, "ours") == {"peer": pytest.approx(4)}


def test_a_run_has_its_speed_its_seconds_and_its_invented_words() -> None:
    found = run(1, "peer", 0.5).figures
    assert found["speed"] == pytest.approx(2)
    assert found["p50_seconds"] == found["p95_seconds"] == pytest.approx(0.5)
    assert found["invented_words"] == 2
    assert "wer_all" not in found


def test_a_detector_that_keeps_half_of_a_message_scores_about_half(monkeypatch: pytest.MonkeyPatch) -> None:
    from speech import recordings

    from vm_mcp.asr.speech_windows import SpeechWindow

    [recording] = recordings.load(None, ["tr01_randevu"])
    assert percent_kept([recording]) > 98
    half = len(recording.samples) // 2
    monkeypatch.setattr(recordings, "find_speech", lambda _: [SpeechWindow(0, half)])
    assert 30 < percent_kept([recording]) < 70


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
