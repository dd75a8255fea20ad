"""What is kept of what the model says: the guard, the caller's name, and the windows it reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr import names
from vm_mcp.asr.hallucination import REPETITIVE, compression_ratio, is_invented
from vm_mcp.asr.speech_windows import LARGEST_GAP, LONGEST, Window, join_speech
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


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("  AYŞE\n\tYILMAZ\x00 ", "AYŞE YILMAZ"),
        ("05321234567", ""),
        ("<|startoftranscript|> Ali", "startoftranscript Ali"),
        ("\u202eilA\u202c", "ilA"),
        ("Dr. Ali O'Neill", "Dr. Ali O'Neill"),
        ("", ""),
    ],
)
def test_a_name_becomes_one_plain_line(name: str, clean: str) -> None:
    assert names.clean_name(name) == clean


@given(st.text())
def test_a_clean_name_is_short_and_holds_no_markup(name: str) -> None:
    clean = names.clean_name(name)
    assert len(clean) <= 48
    assert clean.isprintable()
    assert not set("<|>\n[]{}") & set(clean)


def test_only_a_name_that_was_nearly_heard_asks_for_another_look() -> None:
    assert names.is_nearly_heard("Ayşe Yılmaz", "Merhaba, ben Ayşe Yılmas.")
    assert not names.is_nearly_heard("Ayşe Yılmaz", "Merhaba, ben Ayşe Yılmaz.")
    assert not names.is_nearly_heard("Robert Johnson", "Merhaba, ben Ayşe Yılmaz.")
    assert not names.is_nearly_heard("", "Merhaba.")


@pytest.mark.parametrize(
    ("text", "named", "name", "corrected"),
    [
        ("Fatma'da stürk için.", "FATMA ÖZTÜRK için.", "FATMA ÖZTÜRK", "FATMA ÖZTÜRK için."),
        ("Ben Bayşehir Yılmaz.", "Ben Ayşe Yılmaz.", "Ayşe Yılmaz", "Ben Ayşe Yılmaz."),
        ("Yılmas'a söyleyin", "Yılmaz'a söyleyin", "Ayşe Yılmaz", "Yılmaz'a söyleyin"),
        ("Gülümse diş kliniği, Fatmada stürk", "Gülümse bir kliniği, Fatma Öztürk", "Fatma Öztürk",
         "Gülümse diş kliniği, Fatma Öztürk"),
        ("Ben Ayşe Yılmas, beni arayın", "Ben Ayşe Yılmaz, seni arasın", "Ayşe Yılmaz",
         "Ben Ayşe Yılmaz, beni arayın"),
        ("Beni geri ara", "Ayşe Yılmaz geri ara", "Ayşe Yılmaz", "Beni geri ara"),
        ("Beni arayın", "Beni arayın Ayşe Yılmaz", "Ayşe Yılmaz", "Beni arayın"),
        ("", "Ayşe Yılmaz", "Ayşe Yılmaz", ""),
    ],
)  # fmt: skip
def test_of_a_reading_with_the_name_only_the_name_is_taken_and_only_where_something_like_it_was_heard(
    text: str, named: str, name: str, corrected: str
) -> None:
    assert names.correct(text, named, name) == corrected


sayings = st.lists(st.sampled_from(["Ayse", "Yılmas,", "ben", "Yıl", "maz", "arayın"]), max_size=8).map(" ".join)
readings = st.lists(st.sampled_from(["Ayşe", "Yılmaz,", "sen", "YILMAZ'a", "arasın"]), max_size=8).map(" ".join)


@given(sayings, readings)
def test_no_word_but_the_name_comes_from_the_other_reading(text: str, named: str) -> None:
    corrected = names.correct(text, named, "Ayşe Yılmaz").split()
    assert set(corrected) <= set(text.split()) | {"Ayşe", "Yılmaz,", "YILMAZ'a"}


spans = st.lists(st.tuples(st.floats(0.1, LONGEST), st.floats(0.1, 6)), max_size=20)


@given(spans)
def test_windows_hold_all_speech_and_nothing_too_long(lengths: list[tuple[float, float]]) -> None:
    speech, position = [], 0
    for seconds, gap in lengths:
        start = position + int(gap * SAMPLE_RATE)
        position = start + int(seconds * SAMPLE_RATE)
        speech.append(Window(start, position))
    windows = join_speech(speech)
    assert all(window.seconds <= LONGEST for window in windows)
    assert all(any(window.start <= part.start and part.end <= window.end for window in windows) for part in speech)
    cut = sum(window.seconds for window in windows) - sum(part.seconds for part in speech)
    assert 0 <= cut <= LARGEST_GAP * len(speech)


def test_a_short_pause_stays_in_and_a_long_one_is_cut_out() -> None:
    first, near = Window(0, 16_000), Window(40_000, 50_000)
    far = Window(50_000 + 33_000, 100_000)
    assert join_speech([first, near, far]) == [Window(0, 50_000), far]
