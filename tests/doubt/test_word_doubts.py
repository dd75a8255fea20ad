"""Doubts of words follow from all that is known of them, and decide which are marked and how a message is told."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.doubt import show
from vm_mcp.doubt.number_words import vocabulary
from vm_mcp.doubt.said_words import SaidWord, said_words
from vm_mcp.doubt.word_doubts import FEATURES, features, with_doubts
from vm_mcp.doubt.word_frequencies import zipf_frequency
from vm_mcp.models import Segment, Transcript, Word

CLEAR, GUESSED = 0.97, 0.2


def spoken(*words: tuple[str, float], language: str = "tr", confirmed: bool | None = None) -> Transcript:
    """Return a transcript of words with the probability of each, as CTranslate2 reports them: two tokens a word."""
    made = tuple(
        Word(
            text=text,
            start_seconds=at / 2,
            end_seconds=at / 2 + 0.4,
            probability=probability,
            least_probability=probability,
            logprob=2 * math.log(probability),
            tokens=2,
            is_confirmed=confirmed,
        )
        for at, (text, probability) in enumerate(words)
    )
    segment = Segment(
        text=" ".join(text for text, _ in words),
        start_seconds=0,
        end_seconds=len(words) / 2,
        avg_logprob=-0.3,
        no_speech_prob=0.01,
        words=made,
    )
    return Transcript(
        language=language, segments=(segment,), duration_seconds=len(words) / 2, engine="faster-whisper", model="base"
    )


def doubts(transcript: Transcript) -> list[float | None]:
    said = said_words(transcript)
    known = vocabulary(transcript.language, [word.text for word in said])
    return [word.doubt for word in with_doubts(said, transcript.language, known)]


def test_a_word_that_the_engine_is_sure_of_and_everybody_knows_is_not_doubtful() -> None:
    shown = show(spoken(("Yarın", CLEAR), ("saat", CLEAR), ("üçte", CLEAR), ("gelirim.", CLEAR)))
    assert shown.text == "Yarın saat üçte gelirim."


def test_a_word_that_no_language_knows_is_doubted_more_than_a_common_one() -> None:
    common, unknown = (
        doubts(spoken(("Beni", CLEAR), (word, 0.6), ("ara", CLEAR)))[1] for word in ("akşam", "sufirbes")
    )
    assert common is not None
    assert unknown is not None
    assert unknown > common + 0.2


def test_doubtful_words_are_marked_whatever_kind_they_are() -> None:
    shown = show(spoken(("Yarın", CLEAR), ("halloşumalar", GUESSED), ("gelirim.", CLEAR)))
    assert shown.text == "Yarın [?halloşumalar] gelirim."


def test_a_second_reading_that_agrees_takes_doubt_away() -> None:
    words = [("beş", 0.7), ("yüz", 0.7), ("otuz", 0.7), ("iki", 0.7)]
    agreed, once, differing = (doubts(spoken(*words, confirmed=confirmed)) for confirmed in (True, None, False))
    assert sum(map(float, filter(None, agreed))) < sum(map(float, filter(None, once)))
    assert sum(map(float, filter(None, agreed))) < sum(map(float, filter(None, differing)))


def test_a_number_of_which_some_word_is_probably_wrong_has_its_most_doubtful_word_marked() -> None:
    words = [
        (word, 0.6) for word in ["sıfır", "beş", "yüz", "otuz", "iki", "dört", "yüz", "on", "yedi", "yirmi", "sekiz"]
    ]
    shown = show(spoken(*words, ("doksan", 0.45), ("üç", 0.6)))
    assert "[?doksan" in shown.text


def test_no_word_of_the_caller_s_name_is_marked() -> None:
    transcript = spoken(("Ben", CLEAR), ("Rüveyda", GUESSED), ("Karaağaç'tan", GUESSED), ("arıyorum.", CLEAR))
    assert "[?Rüveyda Karaağaç'tan]" in show(transcript).text
    assert "[?" not in show(transcript, caller_name="Rüveyda Karaağaç").text


def test_a_message_of_doubtful_words_is_told_as_hardly_understood() -> None:
    garbled = spoken(
        *((word, GUESSED) for word in ["gülünse", "kliniğin", "stürk", "pazarteti", "yeleneyecek", "bileriz"])
    )
    clear = spoken(*((word, CLEAR) for word in ["Merhaba", "yarın", "sabah", "erken", "geleceğim", "teşekkürler"]))
    assert show(garbled).is_hardly_understood
    assert not show(clear).is_hardly_understood


def test_engines_that_say_little_of_their_words_have_only_numbers_and_names_marked_and_no_verdict() -> None:
    transcript = spoken(("Yarın", 0.1), ("otuz", 0.1), ("gelirim", 0.1))
    plain = tuple(
        word.model_copy(update={"logprob": None, "least_probability": None, "tokens": 0})
        for word in transcript.segments[0].words
    )
    segment = transcript.segments[0].model_copy(update={"words": plain})
    shown = show(transcript.model_copy(update={"segments": (segment,)}))
    assert shown.text == "Yarın [?otuz] gelirim"
    assert not shown.is_hardly_understood


def test_words_of_a_language_without_a_table_are_not_all_taken_for_unknown() -> None:
    words = [(word, 0.6) for word in ["ich", "habe", "ein", "zimmer", "vom", "dritten", "gebucht"]]
    shown = show(spoken(*words, language="de"))
    assert shown.text == "ich habe ein zimmer vom dritten gebucht"
    assert not shown.is_hardly_understood


@pytest.mark.parametrize(
    ("word", "language", "is_known"),
    [("Işık", "tr", True), ("İyi", "tr", True), ("Ayşe'ye", "tr", True), ("Hello,", "en", True),
     ("sufirbes", "tr", False), ("merhaba", "de", False), ("", "tr", False)],
)  # fmt: skip
def test_words_are_known_by_their_language_s_own_rules_of_case(word: str, language: str, *, is_known: bool) -> None:
    assert (zipf_frequency(word, language) > 0) is is_known


probabilities = st.floats(0, 1)
said = st.lists(
    st.builds(
        SaidWord,
        text=st.text(min_size=1, max_size=8),
        probability=probabilities,
        segment=st.just(0),
        least_probability=probabilities,
        logprob=st.floats(-1e9, 0),
        tokens=st.integers(1, 9),
        start_seconds=st.none() | st.floats(0, 100),
        end_seconds=st.none() | st.floats(0, 100),
        is_confirmed=st.none() | st.booleans(),
    ),
    max_size=8,
)


@given(said, st.sampled_from(["tr", "en", "de", ""]))
def test_any_words_get_a_doubt_between_0_and_1(words: list[SaidWord], language: str) -> None:
    known = vocabulary(language, [word.text for word in words])
    assert all(set(row) == set(FEATURES) for row in features(words, language, known))
    for before, after in zip(words, with_doubts(words, language, known), strict=True):
        assert after.doubt is not None
        assert 0 <= after.doubt <= 1
        assert after.text == before.text
