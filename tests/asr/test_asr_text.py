"""What is kept of what the model says: the guard, and the windows it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.hallucination import REPETITIVE, compression_ratio, is_invented
from vm_mcp.asr.speech_windows import LARGEST_GAP, LONGEST, SpeechWindow, join_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Segment

SURE = {"avg_logprob": -0.2, "no_speech_prob": 0.05}
DOUBTFUL = {"avg_logprob": -0.8, "no_speech_prob": 0.5}
SILENT = {"avg_logprob": -1.2, "no_speech_prob": 0.7}


def segment(text: str, avg_logprob: float, no_speech_prob: float) -> Segment:
    return Segment(text=text, start_seconds=0, end_seconds=2, avg_logprob=avg_logprob, no_speech_prob=no_speech_prob)


@pytest.mark.parametrize("text", ["Altyazı M.K.", "ALTYAZI M.K.", "Subtitles by the Amara.org community", "...", "♪♪"])
def test_subtitle_credits_are_never_kept(text: str) -> None:
    assert is_invented(segment(text, **SURE))


@pytest.mark.parametrize(
    "text",
    [
        "İzlediğiniz için teşekkür ederim.",
        "İzlediğiniz için teşekkürler!",
        "Abone olmayı, beğenmeyi unutmayın.",
        "Thanks for watching!",
        "Thank you for watching.",
    ],
)
def test_farewells_of_videos_go_where_the_model_doubts(text: str) -> None:
    assert is_invented(segment(text, **DOUBTFUL))


@pytest.mark.parametrize("text", ["Teşekkür ederim.", "Çok teşekkürler, iyi günler.", "Thank you.", "Thanks, bye."])
def test_real_thanks_stay_even_where_the_model_doubts(text: str) -> None:
    assert not is_invented(segment(text, **SURE))
    assert not is_invented(segment(text, **DOUBTFUL))


def test_a_credit_inside_a_longer_message_stays() -> None:
    text = "Merhaba, altyazı çevirisi için aramıştım, beni geri arar mısınız?"
    assert not is_invented(segment(text, **SURE))


def test_anything_said_over_what_the_model_takes_for_silence_goes() -> None:
    assert is_invented(segment("Bir şeyler", **SILENT))


def test_what_the_model_only_guessed_goes() -> None:
    assert is_invented(segment("I don't know.", avg_logprob=-1.5, no_speech_prob=0.4))
    assert not is_invented(segment("I don't know.", avg_logprob=-1.3, no_speech_prob=0.4))
    assert not is_invented(segment("I don't know.", avg_logprob=-1.5, no_speech_prob=0.1))


@pytest.mark.parametrize("text", ["Oooooooh", "Hmmmmmm. Mmmmm.", "aaaaaaaaaa", "Eee eee eee"])
def test_hums_are_no_words(text: str) -> None:
    assert is_invented(segment(text, **SURE))


@pytest.mark.parametrize("text", ["Hmm, tamam.", "Alo? Alo? Alo?", "Eee, ben Ayşe.", "5555", "a" * 60 + " merhaba"])
def test_words_among_hums_stay(text: str) -> None:
    assert not is_invented(segment(text, **SURE))


def test_a_loop_compresses_and_a_message_does_not() -> None:
    assert compression_ratio("I'll call you. " * 20) > REPETITIVE
    assert compression_ratio("Merhaba, randevumu yarın saat ondan on dörde almak istiyorum.") < REPETITIVE
    assert compression_ratio("") == 0


spans = st.lists(st.tuples(st.floats(0.1, LONGEST), st.floats(0.1, 6)), max_size=20)


@given(spans)
def test_windows_hold_all_speech_and_nothing_too_long(lengths: list[tuple[float, float]]) -> None:
    speech, position = [], 0
    for seconds, gap in lengths:
        start = position + int(gap * SAMPLE_RATE)
        position = start + int(seconds * SAMPLE_RATE)
        speech.append(SpeechWindow(start, position))
    windows = join_speech(speech)
    assert all(window.seconds <= LONGEST for window in windows)
    assert all(any(window.start <= part.start and part.end <= window.end for window in windows) for part in speech)
    cut = sum(window.seconds for window in windows) - sum(part.seconds for part in speech)
    assert 0 <= cut <= LARGEST_GAP * len(speech)


def test_a_short_pause_stays_in_and_a_long_one_is_cut_out() -> None:
    first, near = SpeechWindow(0, 16_000), SpeechWindow(40_000, 50_000)
    far = SpeechWindow(50_000 + 33_000, 100_000)
    assert join_speech([first, near, far]) == [SpeechWindow(0, 50_000), far]
