"""The decoding of one window, step by step."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray
from vm_mcp.asr.packed.beam_search import BeamSearch, Ended
from vm_mcp.asr.packed.decoder_step import Memory, NextTokens, Slot
from vm_mcp.asr.packed.graph_sizes import BEST
from vm_mcp.asr.packed.model import PackedModel
from vm_mcp.asr.packed.token_tree import TokenTree

_LOGITS: Final = ("logits", "suppressed_logits")


class Decoding:
    """Texts of one window, each after a prompt of its own, all of one length.

    Args:
        model: The model.
        memory: What it attends to of the sound.
        prompts: Tokens before each text.
        searches: One for each text.
        no_repeat_ngram_size: Number of tokens in the shortest phrase that may not occur twice; 0: all may.
    """

    def __init__(
        self,
        model: PackedModel,
        memory: Memory,
        prompts: Sequence[list[int]],
        searches: Sequence[BeamSearch],
        no_repeat_ngram_size: int = 0,
    ) -> None:
        self._model = model
        self._memory = memory
        self._searches = searches
        self._going_on = list(searches)
        self._ngram_size = no_repeat_ngram_size
        self._next: list[int] = []
        self._tree = TokenTree(model.shape, len(prompts), len(prompts[0]))
        self.no_speech_prob = self._begin(prompts)
        """Probability that nobody speaks, as the first prompt's start says it."""

    @property
    def is_done(self) -> bool:
        """Whether all texts have ended."""
        return not self._going_on

    @property
    def results(self) -> list[Ended]:
        """The best text after each prompt."""
        return [search.result for search in self._searches]

    @property
    def slot(self) -> Slot:
        """Its part of the next step."""
        return Slot(self._tree, self._memory, len(self._next))

    @property
    def outputs(self) -> Sequence[str]:
        """What it needs of a step beside the likeliest tokens."""
        return _LOGITS if self._ngram_size else ()

    def fill(self, rows: FloatArray) -> None:
        """Write the vectors of its new tokens, (rows, width)."""
        rows[:] = self._model.row_vectors(self._next, self._tree.length)

    def take(self, found: NextTokens, rows: slice) -> None:
        """Take its rows of a step, and choose what to decode in the next one."""
        self._tree.add(found.new[:, rows])
        scores, ids = found.scores[rows], self._model.unsuppressed[found.ids[rows]]
        if self._ngram_size:
            scores, ids = self._without_repeats(found.others["logits"][rows])
        self._advance(scores, ids)

    def _begin(self, prompts: Sequence[list[int]]) -> float:
        """Decode the prompts, which are known, in one step."""
        texts, length = len(prompts), len(prompts[0])
        start = prompts[0].index(self._model.shape.start)
        lasts = [text * length + length - 1 for text in range(texts)]
        step = self._model.bind([Slot(self._tree, self._memory, texts * length)], [start, *lasts], _LOGITS)
        for text, prompt in enumerate(prompts):
            step.rows[0, text * length : (text + 1) * length] = self._model.vectors(prompt, 0)
        found = step.run()
        self._tree.add(found.new[:, : texts * length])
        logits = self._model.all_logits(found)
        self._advance(*_best(np.array([self._first_scores(each) for each in logits[1:]])))
        return float(np.exp(_log_softmax(logits[0])[self._model.shape.no_speech]))

    def _first_scores(self, logits: FloatArray) -> FloatArray:
        allowed = logits.copy()
        allowed[[*self._model.shape.suppressed, *self._model.shape.suppressed_first]] = -np.inf
        return _log_softmax(allowed)

    def _advance(self, scores: FloatArray, ids: IntArray) -> None:
        """Let each search go on with its rows."""
        origins: list[int] = []
        self._next = []
        row, going_on = 0, []
        for search in self._going_on:
            rows = len(search.texts)
            continuation = search.advance(scores[row : row + rows], ids[row : row + rows])
            if continuation:
                origins += [row + origin for origin in continuation.origins]
                self._next += continuation.tokens
                going_on.append(search)
            row += rows
        self._going_on = going_on
        if going_on:
            self._tree.branch(origins)

    def _without_repeats(self, logits: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return the likeliest tokens that repeat no phrase, and their log probabilities."""
        allowed = logits.copy()
        for row, text in enumerate(text for search in self._going_on for text in search.texts):
            allowed[row, self._model.places_of(_repeating(text, self._ngram_size))] = -np.inf
        scores, places = _best(np.array([_log_softmax(row) for row in allowed]))
        return scores, self._model.unsuppressed[places]


def _repeating(text: Sequence[int], size: int) -> list[int]:
    """Return the tokens after which the last ones of a text would be a phrase that it already holds."""
    last = tuple(text[len(text) - size + 1 :])
    return [text[at + size - 1] for at in range(len(text) - size + 1) if tuple(text[at : at + size - 1]) == last]


def _best(scores: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the BEST highest scores of each row, the highest first, and their places."""
    places = np.argpartition(-scores, BEST, axis=1)[:, :BEST]
    places.sort(axis=1)  # so that equal ones are in the order of their places
    found = np.take_along_axis(scores, places, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(places, order, axis=1)


def _log_softmax(logits: FloatArray) -> FloatArray:
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), np.float32)
