"""Which language each window of a message is decoded as."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.language_detection import (
    LanguageGuess,
    choose_languages,
    guess_language,
    name_language,
    other_languages,
)
from vm_mcp.models import Segment

TURKISH_FIRST = ("tr", "en")
CLEAR_ENGLISH = {"en": 0.99, "tr": 0.001}
NYNORSK = {"tr": 0.15, "en": 0.02, "nn": 0.6}


def openings(**logprobs: float) -> "Openings":
    return Openings(logprobs)


class Openings:
    """A scripted decoder: knows the mean log probability of the first words, and which were asked for."""

    def __init__(self, logprobs: Mapping[str, float]) -> None:
        self._logprobs = logprobs
        self.asked: list[str] = []

    def __call__(self, languages: Sequence[str]) -> dict[str, float]:
        self.asked += languages
        return {language: self._logprobs[language] for language in languages}


def segment(text: str, language: str) -> Segment:
    return Segment(text=text, start_seconds=0, end_seconds=1, avg_logprob=-0.3, no_speech_prob=0.1, language=language)


@pytest.mark.parametrize(
    "probabilities",
    [
        pytest.param({"tr": 0.004, "en": 0.031, "es": 0.33}, id="Alo, beni ara."),
        pytest.param({"tr": 0.001, "en": 0.026, "la": 0.61}, id="Alo, orada mısınız?"),
        pytest.param({"tr": 0.003, "en": 0.125, "he": 0.12}, id="Benim, Ayşe. Acil."),
        pytest.param({"tr": 0.0, "en": 0.323, "ms": 0.15}, id="Efendim?"),
    ],
)
def test_short_turkish_that_is_given_to_other_languages_is_not_english(probabilities: dict[str, float]) -> None:
    assert guess_language(probabilities, TURKISH_FIRST, openings(tr=-1.2, en=-0.8)).likeliest == "tr"


def test_short_english_on_a_bad_line_is_english_if_its_first_words_are() -> None:
    probabilities = {"tr": 0.01, "en": 0.5, "ja": 0.1}
    assert guess_language(probabilities, TURKISH_FIRST, openings(tr=-2.0, en=-0.7)).likeliest == "en"


def test_keyed_digits_do_not_make_a_turkish_message_english() -> None:
    probabilities = {"tr": 0.141, "en": 0.025, "la": 0.52}
    assert guess_language(probabilities, TURKISH_FIRST, openings(tr=-1.89, en=-1.7)).likeliest == "tr"


@pytest.mark.parametrize(("probabilities", "language"), [(CLEAR_ENGLISH, "en"), (NYNORSK, "tr")])
def test_a_clear_window_costs_no_decoding(probabilities: dict[str, float], language: str) -> None:
    opening = openings(tr=-1.0, en=-1.0)
    assert guess_language(probabilities, TURKISH_FIRST, opening).likeliest == language
    assert opening.asked == []


def test_only_languages_in_doubt_are_decoded() -> None:
    opening = openings(tr=-0.5, de=-1.5)
    guess = guess_language({"tr": 0.3, "de": 0.3, "en": 0.0001}, ("tr", "de", "en"), opening)
    assert (guess.likeliest, sorted(opening.asked)) == ("tr", ["de", "tr"])


def test_the_first_language_of_the_account_is_ahead_where_nothing_else_decides() -> None:
    equal = {"tr": 0.5, "en": 0.5}
    assert guess_language(equal, ("tr", "en"), openings(tr=-1.0, en=-1.0)).likeliest == "tr"
    assert guess_language(equal, ("en", "tr"), openings(tr=-1.0, en=-1.0)).likeliest == "en"


def test_an_account_in_english_still_hears_turkish() -> None:
    assert guess_language(NYNORSK, ("en", "tr"), openings(tr=-0.6, en=-1.8)).likeliest == "tr"


@given(st.dictionaries(st.sampled_from(["tr", "en", "de", "nn"]), st.floats(0, 0.25)))
def test_one_of_the_languages_is_always_chosen(probabilities: dict[str, float]) -> None:
    guess = guess_language(probabilities, ("tr", "en", "de"), openings(tr=-1.0, en=-1.0, de=-1.0))
    assert guess.likeliest in {"tr", "en", "de"}


def test_a_short_unclear_window_follows_the_clear_ones_beside_it() -> None:
    turkish, unclear = LanguageGuess({"tr": 4.0, "en": 0.0}), LanguageGuess({"tr": 0.0, "en": 1.0})
    assert choose_languages([unclear]) == ["en"]
    assert choose_languages([turkish, unclear]) == ["tr", "tr"]
    assert choose_languages([unclear, turkish]) == ["tr", "tr"]


def test_a_clear_half_in_another_language_keeps_it() -> None:
    turkish, english = LanguageGuess({"tr": 9.0, "en": 0.0}), LanguageGuess({"tr": 0.0, "en": 4.0})
    assert choose_languages([turkish, english]) == ["tr", "en"]
    assert choose_languages([turkish, english, turkish]) == ["tr", "en", "tr"]


def test_a_message_without_windows_has_no_languages() -> None:
    assert choose_languages([]) == []
    assert name_language([]) == ("", ())


def test_another_language_is_considered_only_if_it_clearly_leads_for_some_seconds() -> None:
    german = {"de": 0.83, "en": 0.05, "tr": 0.0}
    assert other_languages([(11.6, german)], TURKISH_FIRST) == ["de"]
    assert other_languages([(2.0, german)], TURKISH_FIRST) == []
    assert other_languages([(15.0, {"ro": 0.73, "tr": 0.07})], TURKISH_FIRST) == []
    assert other_languages([(9.0, CLEAR_ENGLISH)], TURKISH_FIRST) == []
    assert other_languages([(9.0, CLEAR_ENGLISH)], ["tr"]) == ["en"]


def test_the_rest_of_a_message_may_be_in_the_other_language_too() -> None:
    probabilities = {"de": 0.5, "en": 0.1, "tr": 0.0}
    guess = guess_language(probabilities, ("tr", "en", "de"), openings(tr=-1.5, en=-1.5, de=-0.5))
    assert guess.likeliest == "de"


def test_the_language_of_most_words_is_the_messages() -> None:
    segments = [segment("Hello there", "en"), segment("Merhaba ben Ayşe Yılmaz", "tr"), segment("Thanks", "en")]
    language, named = name_language(segments)
    assert (language, [each.language for each in named]) == ("tr", ["en", "", "en"])
    assert [each.text for each in named] == [each.text for each in segments]
