"""What the hallucination filter drops, and the windows that speech is joined into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.hallucination import (
    REPETITIVE,
    compression_ratio,
    is_hallucination,
    is_loop,
    without_credits,
    without_hallucinations,
    without_loop,
)
from vm_mcp.asr.speech_windows import MAX_GAP_SECONDS, MAX_WINDOW_SECONDS, SpeechWindow, join_speech
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Segment, Word

SURE = {"avg_logprob": -0.2, "no_speech_prob": 0.05}
DOUBTFUL = {"avg_logprob": -0.8, "no_speech_prob": 0.5}
SILENT = {"avg_logprob": -1.2, "no_speech_prob": 0.7}


def segment(text: str, avg_logprob: float, no_speech_prob: float) -> Segment:
    return Segment(text=text, start_seconds=0, end_seconds=2, avg_logprob=avg_logprob, no_speech_prob=no_speech_prob)


@pytest.mark.parametrize("text", ["Altyazı M.K.", "ALTYAZI M.K.", "Subtitles by the Amara.org community", "...", "♪♪"])
def test_subtitle_credits_are_never_kept(text: str) -> None:
    assert is_hallucination(segment(text, **SURE))


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
def test_farewells_of_videos_are_dropped_if_the_model_doubts(text: str) -> None:
    assert is_hallucination(segment(text, **DOUBTFUL))


@pytest.mark.parametrize("text", ["Teşekkür ederim.", "Çok teşekkürler, iyi günler.", "Thank you.", "Thanks, bye."])
def test_real_thanks_are_kept_even_if_the_model_doubts(text: str) -> None:
    assert not is_hallucination(segment(text, **SURE))
    assert not is_hallucination(segment(text, **DOUBTFUL))


def test_a_credit_in_a_longer_message_is_kept() -> None:
    text = "Merhaba, altyazı çevirisi için aramıştım, beni geri arar mısınız?"
    assert not is_hallucination(segment(text, **SURE))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Beni arayın. Altyazı M.K.", "Beni arayın."),
        ("Beni arayın altyazı m.k", "Beni arayın"),
        ("Beni arayın. ALTYAZI M.K. Altyazı M.K.", "Beni arayın."),
        ("Beni arayın. Alt yazı: M. K.", "Beni arayın."),
        ("Beni arayın. Çeviri ve Altyazı M.K.", "Beni arayın."),
        ("Beni arayın. Altyazı M.K. Bir de faturayı gönderin.", "Beni arayın. Bir de faturayı gönderin."),
        ("Please call me back. Subtitles by the Amara.org community", "Please call me back."),
        ("Please call me back. Transcription by CastingWords", "Please call me back."),
        ("Beni arayın. Bu dizinin betimlemesi TRT tarafından yapılmıştır.", "Beni arayın."),
    ],
)
def test_a_credit_within_speech_is_cut_out(text: str, spoken: str) -> None:
    [kept] = without_hallucinations([segment(text, **SURE)])
    assert kept.text == spoken


@pytest.mark.parametrize(
    "text",
    [
        "Altyazı için aramıştım, M. K. Bey beni arasın.",
        "Filmin altyazısı m.k.v. dosyasında yok.",
        "Altyazı çevirisi. Altyazı için arıyorum.",
        "The subtitles by Friday, please.",
        "Selam. Bu dizinin betimlemesini soracaktım. Beni arayın.",
        "Thanks for watching the kids, call me back.",
    ],
)
def test_what_a_caller_says_about_subtitles_is_kept(text: str) -> None:
    assert [kept.text for kept in without_hallucinations([segment(text, **SURE)])] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "[BLANK_AUDIO]",
        "[...müzik çalıyor...]",
        "[ Müzik ]",
        "*Müzik*",
        "(telefon çalıyor)",
        "(upbeat music).",
        "♪ [Music] ♪",
    ],
)
def test_a_sound_that_is_only_described_was_not_said(text: str) -> None:
    assert is_hallucination(segment(text, **SURE))
    assert without_hallucinations([segment(text, **SURE)]) == ()


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Merhaba. [Müzik] Beni arayın.", "Merhaba. Beni arayın."),
        ("♪ Merhaba ♪ beni arayın *iç çeker*", "Merhaba beni arayın"),
        ("Numaram (0532) 417 28 93 [dahili 12]", "Numaram (0532) 417 28 93 [dahili 12]"),
        ("(0532) 417 28 93", "(0532) 417 28 93"),
        ("Beni arayın (acil)", "Beni arayın (acil)"),
        ("Kodum 12*34*56", "Kodum 12*34*56"),
        ("(Merhaba, ben Ayşe, yarınki randevum için beni geri arayın lütfen)",) * 2,
    ],
)
def test_the_description_of_a_sound_is_cut_out_of_speech_and_numbers_stay(text: str, spoken: str) -> None:
    [kept] = without_hallucinations([segment(text, **SURE)])
    assert kept.text == spoken


def test_the_words_of_a_credit_go_with_it_and_the_others_stay() -> None:
    texts = ("Beni", "arayın.", "Altyazı", "M.K.", "Bugün.")
    words = tuple(Word(text=text, start_seconds=0, end_seconds=1, probability=0.9) for text in texts)
    [kept] = without_hallucinations([segment(" ".join(texts), **SURE).model_copy(update={"words": words})])
    assert [word.text for word in kept.words] == ["Beni", "arayın.", "Bugün."]


def test_you_alone_is_what_whisper_hears_in_silence() -> None:
    assert is_hallucination(segment(" you", avg_logprob=-1.0, no_speech_prob=0))
    assert is_hallucination(segment("You.", **DOUBTFUL))
    assert not is_hallucination(segment("You", **SURE))
    assert not is_hallucination(segment("Thank you.", **DOUBTFUL))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi, this is" + " are" * 440, "Hi, this is are are are are"),
        ("Thank you very much. " * 40, "Thank you very much. " * 4),
        ("Bir iki " + "beni ara " * 30 + "tamam", "Bir iki " + "beni ara " * 4 + "tamam"),
        ("beş beş beş beş beş beş", "beş beş beş beş beş beş"),
        ("", ""),
    ],
)
def test_a_loop_is_shown_a_few_times_and_what_is_no_loop_stays(text: str, shown: str) -> None:
    assert without_loop(text) == shown.strip()


said_texts = st.text("abcçdefgğhıiİnoörsşuüvyz ,.?!", max_size=60)


@given(said_texts, said_texts)
def test_only_the_credit_is_cut_out_of_any_text(before: str, after: str) -> None:
    cut = without_credits(segment(f"{before} Altyazı M.K. {after}", **SURE))
    assert cut.text.split() == [*before.split(), *after.split()]
    assert without_credits(segment(before, **SURE)).text.split() == before.split()


def test_any_text_over_silence_is_dropped() -> None:
    assert is_hallucination(segment("Bir şeyler", **SILENT))


def test_a_guess_is_dropped() -> None:
    assert is_hallucination(segment("I don't know.", avg_logprob=-1.5, no_speech_prob=0.4))
    assert not is_hallucination(segment("I don't know.", avg_logprob=-1.3, no_speech_prob=0.4))
    assert not is_hallucination(segment("I don't know.", avg_logprob=-1.5, no_speech_prob=0.1))


@pytest.mark.parametrize("text", ["Oooooooh", "Hmmmmmm. Mmmmm.", "aaaaaaaaaa", "Eee eee eee"])
def test_hums_are_dropped(text: str) -> None:
    assert is_hallucination(segment(text, **SURE))


@pytest.mark.parametrize("text", ["Hmm, tamam.", "Alo? Alo? Alo?", "Eee, ben Ayşe.", "5555", "a" * 60 + " merhaba"])
def test_words_among_hums_are_kept(text: str) -> None:
    assert not is_hallucination(segment(text, **SURE))


def test_a_loop_compresses_more_than_a_message() -> None:
    assert compression_ratio("I'll call you. " * 20) > REPETITIVE
    assert compression_ratio("Merhaba, randevumu yarın saat ondan on dörde almak istiyorum.") < REPETITIVE
    assert compression_ratio("") == 0


spans = st.lists(st.tuples(st.floats(0.1, MAX_WINDOW_SECONDS), st.floats(0.1, 6)), max_size=20)


@given(spans)
def test_windows_hold_all_speech_and_none_is_too_long(lengths: list[tuple[float, float]]) -> None:
    speech, position = [], 0
    for seconds, gap in lengths:
        start = position + int(gap * SAMPLE_RATE)
        position = start + int(seconds * SAMPLE_RATE)
        speech.append(SpeechWindow(start, position))
    windows = join_speech(speech)
    assert all(window.seconds <= MAX_WINDOW_SECONDS for window in windows)
    assert all(any(window.start <= part.start and part.end <= window.end for window in windows) for part in speech)
    cut = sum(window.seconds for window in windows) - sum(part.seconds for part in speech)
    assert 0 <= cut <= MAX_GAP_SECONDS * len(speech)


def test_a_short_pause_is_kept_and_a_long_one_cut_out() -> None:
    first, near = SpeechWindow(0, 16_000), SpeechWindow(40_000, 50_000)
    far = SpeechWindow(50_000 + 33_000, 100_000)
    assert join_speech([first, near, far]) == [SpeechWindow(0, 50_000), far]


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("İyi günler, son ödeme günü on soku, soku, soku, soku, soku, soku, soku.", True),
        ("Beni sıfır beş yüz otuz iki, dört yüz, yedi, yedi, yedi, yedi, yedi, yedi, yedi numaradan arayın.", True),
        ("Numaram beş beş beş beş, sıfır bir üç dört.", False),
        ("Hayır, hayır, hayır, gelmeyin.", False),
        ("", False),
    ],
)
def test_a_word_that_nobody_says_so_often_in_a_row_makes_a_loop(text: str, *, loops: bool) -> None:
    assert is_loop(text) is loops
