"""Beam search finds what CTranslate2's rules say, and ends texts early only if they repeat themselves over and over."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_mcp.asr.packed.arrays import FloatArray
from vm_mcp.asr.packed.beam_search import BeamSearch, Ended, repeats_itself
from vm_mcp.asr.packed.graph_sizes import BEST
from vm_mcp.asr.whisper_runtime import WordPrior

Tokens = tuple[int, ...]
Model = Callable[[Tokens], FloatArray]
"""Returns the log probability of each token after a text."""

VOCABULARY, END = 24, 7


def random_model(seed: int, end: float) -> Model:
    """Return a model that likes to end texts more or less."""

    def scores(text: Tokens) -> FloatArray:
        logits = np.random.default_rng([seed, *text]).normal(size=VOCABULARY)
        logits[END] += end
        return np.asarray(logits - np.log(np.exp(logits).sum()), np.float32)

    return scores


def likes(text: Tokens) -> Model:
    """Return a model that has one text in mind."""

    def scores(said: Tokens) -> FloatArray:
        found = np.linspace(-9, -8, VOCABULARY, dtype=np.float32)
        found[END] = -20
        if said == text[: len(said)]:
            found[(*text, END)[len(said)]] = -0.01
        return found

    return scores


class ScriptedPrior:
    """Even tokens begin words, as does the end; each word has the term of its first token."""

    def __init__(self, terms: dict[int, float]) -> None:
        self.begins_word = np.array([token % 2 == 0 or token == END for token in range(VOCABULARY)], np.float32)
        self._terms = terms

    def of_last_word(self, tokens: Sequence[int]) -> float:
        return self._terms.get(next((token for token in reversed(tokens) if token % 2 == 0), -1), 0.0)


def search(model: Model, beam_size: int, most_tokens: int, prior: WordPrior | None = None) -> Ended:
    beam = BeamSearch(beam_size, most_tokens, END, prior)
    while True:
        texts = beam.texts
        rows = np.array([model(text) for text in texts])
        ids = np.argsort(-rows, axis=1, kind="stable")[:, :BEST]
        going_on = beam.advance(np.take_along_axis(rows, ids, axis=1), ids)
        if not going_on:
            return beam.result
        pairs = zip(going_on.origins, going_on.tokens, strict=True)
        assert beam.texts == [(*texts[origin], token) for origin, token in pairs]
        assert len(beam.texts) == beam_size


def reference(model: Model, beam_size: int, most_tokens: int) -> tuple[Tokens, float, bool]:
    """Search as CTranslate2's `BeamSearch::search` does, with patience 1 and a length penalty of 1."""
    alive: list[tuple[Tokens, np.float32]] = [((), np.float32(0))]
    ended: list[tuple[Tokens, float, bool]] = []
    for length in range(1, most_tokens + 1):
        every = [
            ((*text, token), score + total)
            for text, total in alive
            for token, score in enumerate(model(text))
        ]  # fmt: skip
        best = sorted(every, key=lambda each: -each[1])[: 2 * beam_size]
        spare = best[beam_size:]
        alive = []
        for text, total in best[:beam_size]:
            is_end = text[-1] == END
            if is_end or length == most_tokens:
                said = text[:-1] if is_end else text
                ended.append((said, float(total) / max(1, len(said)), not is_end))
            if not is_end:
                alive.append((text, total))
                continue
            while spare and spare[0][0][-1] == END:
                spare.pop(0)
            alive.append(spare.pop(0))
        if len(ended) >= beam_size:
            break
    return max(ended, key=lambda each: each[1])


@given(st.integers(0, 2**32), st.floats(-2, 3), st.integers(1, 5), st.integers(1, 24))
def test_the_text_is_the_one_that_ctranslate2s_rules_find(seed: int, end: float, beam: int, most: int) -> None:
    model = random_model(seed, end)
    found = search(model, beam, most)
    tokens, avg_logprob, is_cut_off = reference(model, beam, most)
    assert (found.tokens, found.is_cut_off) == (tokens, is_cut_off)
    assert found.avg_logprob == pytest.approx(avg_logprob, rel=1e-6)


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 24))
def test_the_scores_are_those_of_the_text_up_to_each_token(seed: int, beam: int, most: int) -> None:
    model = random_model(seed, 0)
    found = search(model, beam, most)
    each = [float(model(found.tokens[:at])[token]) for at, token in enumerate(found.tokens)]
    assert found.scores == pytest.approx(tuple(np.cumsum(each)), rel=1e-5)


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 12))
def test_a_text_that_does_not_end_is_cut_off_at_the_limit(seed: int, beam: int, most: int) -> None:
    found = search(random_model(seed, -50), beam, most)
    assert (len(found.tokens), found.is_cut_off) == (most, True)


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=40), st.lists(st.integers(0, 2), min_size=1, max_size=24))
@settings(max_examples=200)
def test_a_phrase_repeats_itself_from_32_tokens_and_five_times_on(before: list[int], phrase: list[int]) -> None:
    for times in range(40):
        text = (*before, *phrase * times)
        assert repeats_itself(text) == is_repeated(text)
    assert repeats_itself((*before, *phrase * max(5, -(-32 // len(phrase)))))


def is_repeated(text: Sequence[int]) -> bool:
    """Return whether there is a phrase of which the end of a text is made up."""
    for length in range(1, 25):
        end = max(32, 5 * length)
        if len(text) >= end and all(text[-1 - at] == text[-1 - at % length] for at in range(end)):
            return True
    return False


@pytest.mark.parametrize(
    ("phrase", "times"),
    [
        ([3], 31),  # "alo", or a digit of one token
        ([3, 4], 4),  # "sıfır sıfır sıfır sıfır"
        ([3, 4, 5], 10),
        ([3, 4, 5, 6, 8, 9], 5),  # "lütfen beni arayın"
        ([*range(8, 24)], 4),  # a sentence
    ],
)
@pytest.mark.parametrize("beam", [1, 2, 5])
def test_what_callers_repeat_is_written_to_its_end(phrase: list[int], times: int, beam: int) -> None:
    said = (1, 2, *phrase * times)
    for text in (said, (*said, 0, 2)):
        found = search(likes(text), beam, 200)
        assert (found.tokens, found.is_cut_off) == (text, False)


@pytest.mark.parametrize("phrase", [[3], [3, 4], [3, 4, 5, 6, 8, 9, 10], [*range(8, 24)]])
@pytest.mark.parametrize("beam", [1, 2, 5])
def test_a_text_that_only_repeats_itself_is_ended_early(phrase: list[int], beam: int) -> None:
    found = search(likes((1, 2, *phrase * 100)), beam, 200)
    assert found.is_cut_off
    assert len(found.tokens) < max(32, 5 * len(phrase)) + 2 + len(phrase)


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_scores_that_are_no_numbers_end_a_text_at_the_limit(seed: int, beam: int) -> None:
    ids = np.random.default_rng(seed).integers(8, VOCABULARY, (1, BEST))
    search = BeamSearch(beam, 3, END)
    for _ in range(2):
        assert search.advance(np.full((len(search.texts), BEST), np.nan, np.float32), ids.repeat(len(search.texts), 0))
    assert search.advance(np.full((beam, BEST), np.nan, np.float32), ids.repeat(beam, 0)) is None
    assert len(search.result.tokens) == 3


@given(st.integers(0, 2**32), st.floats(-2, 4), st.integers(1, 5), st.integers(1, 8))
def test_a_prior_without_terms_changes_nothing(seed: int, end: float, beam: int, most: int) -> None:
    model = random_model(seed, end)
    assert search(model, beam, most, ScriptedPrior({})) == search(model, beam, most)


def between(one: Tokens, other: Tokens, lead: float) -> Model:
    """Return a model that hears one of two texts, and finds the first one likelier by a log probability."""

    def scores(said: Tokens) -> FloatArray:
        found = np.linspace(-30, -29, VOCABULARY, dtype=np.float32)
        for text, score in ((one, lead), (other, 0.0)):
            if said == text[: len(said)]:
                found[(*text, END)[len(said)]] = score - 1 if not said else -0.01
        return found

    return scores


@pytest.mark.parametrize(("term", "wins"), [(-0.5, (2, 3, 10)), (-2.0, (4, 5, 10))])
def test_a_word_that_is_none_loses_where_another_is_heard_nearly_as_well(term: float, wins: Tokens) -> None:
    found = search(between((2, 3, 10), (4, 5, 10), 1.0), 3, 8, ScriptedPrior({2: term}))
    assert found.tokens == wins
    # What the text is told to be worth is what the model says, without the terms.
    assert found.scores[0] == pytest.approx(0.0 if wins[0] == 2 else -1.0)


def test_the_last_word_counts_once_the_text_ends() -> None:
    assert search(between((2, 3), (4, 5), 1.0), 3, 8, ScriptedPrior({2: -2.0})).tokens == (4, 5)


def test_more_commas_do_not_make_a_text_better() -> None:
    """Both texts have one word with a term; the longer one spreads it over more tokens."""
    short, long = (2, 3), (2, 9, 9, 9, 9, 9)

    def model(said: Tokens) -> FloatArray:
        found = np.linspace(-30, -29, VOCABULARY, dtype=np.float32)
        for text, score in ((short, -0.1), (long, -3.0)):
            if said == text[: len(said)]:
                found[(*text, END)[len(said)]] = score if len(said) == 1 else -0.01
        return found

    assert search(model, 5, 10).tokens == search(model, 5, 10, ScriptedPrior({2: -8.0})).tokens == short


def test_a_token_beyond_the_tokenizers_is_none_of_a_word() -> None:
    beam = BeamSearch(1, 3, END, ScriptedPrior({2: -1.0}))
    assert beam.advance(np.full((1, BEST), -1.0, np.float32), np.arange(100, 100 + BEST)[np.newaxis]) is not None
