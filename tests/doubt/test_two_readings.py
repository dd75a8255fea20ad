"""Numbers that two readings don't agree on, and whatever an engine or an old archive says of its words."""

import math
import time
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.doubt import Shown, show
from vm_mcp.models import OtherReading, Segment, Transcript, Word

NUMBER = "numaram sıfır beş yüz otuz iki, dört yüz on yedi, yirmi sekiz, doksan üç"


@dataclass(frozen=True)
class Heard:
    """What the engine says of a word."""

    probability: float = 0.95
    least_probability: float | None = 0.9
    logprob: float | None = -0.1
    tokens: int = 2
    is_confirmed: bool | None = True


def words(text: str, heard: Heard | None = None, *, differing: str = "") -> tuple[Word, ...]:
    """Return words of half a second each; the ``differing`` ones are not confirmed by the second reading."""
    heard = heard or Heard()
    return tuple(
        Word(
            text=word,
            start_seconds=at / 2,
            end_seconds=(at + 1) / 2,
            probability=heard.probability,
            least_probability=heard.least_probability,
            logprob=heard.logprob,
            tokens=heard.tokens,
            is_confirmed=False if word in differing.split() else heard.is_confirmed,
        )
        for at, word in enumerate(text.split())
    )


def segment(text: str, said: tuple[Word, ...] | None = None, *others: OtherReading) -> Segment:
    return Segment(
        text=text,
        start_seconds=0,
        end_seconds=9,
        avg_logprob=-0.3,
        no_speech_prob=0.1,
        words=words(text) if said is None else said,
        other_readings=others,
    )


def shown(*segments: Segment, caller_name: str = "") -> Shown:
    whole = Transcript(language="tr", segments=segments, duration_seconds=9, engine="scripted", model="none")
    return show(whole, caller_name=caller_name)


def instead_of(word: str, text: str) -> OtherReading:
    [place] = [each for each in words(NUMBER) if each.text == word]
    return OtherReading(text=text, start_seconds=place.start_seconds, end_seconds=place.end_seconds)


def test_a_number_that_both_readings_have_is_valid() -> None:
    [number] = shown(segment(NUMBER)).phone_numbers
    assert (number.is_valid, number.verdict) == (True, "")


def test_a_number_spelled_in_two_ways_is_the_same_number() -> None:
    [number] = shown(segment(NUMBER, words(NUMBER, differing="üç"), instead_of("üç", "3"))).phone_numbers
    assert number.is_valid


def test_a_number_that_the_other_reading_has_otherwise_is_told_with_both() -> None:
    [number] = shown(segment(NUMBER, words(NUMBER, differing="sekiz,"), instead_of("sekiz,", "dokuz,"))).phone_numbers
    assert not number.is_valid
    assert number.verdict == "may also be 0532 417 29 93: check by listening"


def test_a_number_is_not_valid_if_what_the_other_reading_has_is_not_known_any_more() -> None:
    # Hidden with a card number in the same segment, or no number at all.
    [number] = shown(segment(NUMBER, words(NUMBER, differing="sekiz,"))).phone_numbers
    assert not number.is_valid
    assert not number.e164


def test_a_number_is_not_valid_if_the_other_reading_has_digits_inside_it() -> None:
    after_seven = OtherReading(text="bir", start_seconds=4.5, end_seconds=4.5)
    [number] = shown(segment(NUMBER, None, after_seven)).phone_numbers
    assert not number.is_valid


def test_a_number_is_not_valid_if_its_end_was_read_once() -> None:
    end = "doksan üç"
    first = segment(NUMBER.removesuffix(f" {end}"))
    once = segment(end, words(end, Heard(is_confirmed=None)))
    [number] = shown(first, once).phone_numbers
    assert (number.number, number.is_valid) == ("0532 417 28 93", False)
    assert shown(segment(NUMBER, words(NUMBER, Heard(is_confirmed=None)))).phone_numbers[0].is_valid


def test_a_word_beside_a_difference_is_not_taken_for_a_part_of_it() -> None:
    said = [*words(NUMBER, differing="sekiz,")]
    at = [word.text for word in said].index("doksan")
    said[at] = said[at].model_copy(update={"end_seconds": said[at].start_seconds})
    [number] = shown(segment(NUMBER, tuple(said), instead_of("sekiz,", "sekiz"))).phone_numbers
    assert number.is_valid


@pytest.mark.parametrize("rest", [(), ("merhaba",), ("merhaba", NUMBER)])
def test_a_segment_without_words_may_have_other_readings(rest: tuple[str, ...]) -> None:
    empty = segment("", (), OtherReading(text=NUMBER, start_seconds=0, end_seconds=3))
    assert shown(empty, *map(segment, rest)).segments == ("", *rest)
    assert shown(*map(segment, rest), empty).segments == (*rest, "")


def test_brackets_of_another_reading_are_round_like_all_others() -> None:
    other = OtherReading(text=f"[?{NUMBER}]", start_seconds=0, end_seconds=3)
    assert not any({"[", "]"} & set(number.heard) for number in shown(segment("merhaba", None, other)).phone_numbers)


odd_floats = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1e308, -1e308, 0.0, 1000.0])


odd_words = st.builds(Heard, odd_floats, odd_floats, odd_floats, st.integers()) | st.builds(
    Heard, odd_floats, st.none() | odd_floats, st.none(), st.integers(), st.none()
)
WORD_COUNT = len(NUMBER.split())


@given(
    st.lists(odd_words, min_size=WORD_COUNT, max_size=WORD_COUNT) | odd_words.map(lambda heard: [heard] * WORD_COUNT),
    odd_floats,
)
def test_whatever_the_engine_says_of_its_words_is_shown(said: list[Heard], at: float) -> None:
    every = tuple(
        words(text, heard)[0].model_copy(update={"start_seconds": at})
        for text, heard in zip(NUMBER.split(), said, strict=True)
    )
    result = shown(segment(NUMBER, every, OtherReading(text="iki", start_seconds=at, end_seconds=-at)))
    assert result.text.replace("[?", "").replace("]", "") == NUMBER
    assert all(number.confidence is None or 0 <= number.confidence <= 1 for number in result.phone_numbers)


def test_a_probability_that_is_no_number_makes_no_number_sure() -> None:
    unsure = Heard(math.nan, math.nan, math.nan)
    assert not any(number.is_valid for number in shown(segment(NUMBER, words(NUMBER, unsure))).phone_numbers)


def test_a_caller_whose_name_is_a_number_vouches_for_no_number() -> None:
    doubtful = segment(NUMBER, words(NUMBER, Heard(0.3, 0.05, -5.0, is_confirmed=False)))
    assert shown(doubtful, caller_name=NUMBER.removeprefix("numaram ")).text == shown(doubtful).text


def test_words_without_tokens_leave_the_doubts_of_the_others() -> None:
    text = "merhaba ben Mehmet Arzlan kartım (card hidden) iyi günler"
    said = words(text, Heard(0.3, 0.05, -5.0))
    joined = said[5].model_copy(
        update={"text": "(card hidden)", "least_probability": None, "logprob": None, "tokens": 0, "is_confirmed": None}
    )
    result = shown(segment(text, (*said[:5], joined, *said[7:])))
    assert "Arzlan kartım] (card hidden)" in result.text


@pytest.mark.parametrize(
    "text",
    [
        " ".join(["bir", "iki", "üç", "elli", "yüz"] * 1000),
        " ".join(
            f"{first}{second}{third}rsk" for first in "aeiou" * 5 for second in "bcdfg" * 3 for third in "abcdefgh"
        ),
    ],
    ids=["numbers", "words"],
)
def test_thousands_of_words_are_shown_in_time(text: str) -> None:
    others = [OtherReading(text="üç", start_seconds=at / 2, end_seconds=(at + 1) / 2) for at in range(5000)]
    began = time.process_time()
    shown(segment(text, words(text, Heard(is_confirmed=False)), *others))
    assert time.process_time() - began < 3
