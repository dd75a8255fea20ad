"""A `WhisperRuntime` on onnxruntime."""

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from vm_mcp.asr.packed.alignment import align
from vm_mcp.asr.packed.beam_search import BeamSearch
from vm_mcp.asr.packed.decoder_step import Memory, Slot
from vm_mcp.asr.packed.decoding import Decoding
from vm_mcp.asr.packed.lanes import Lanes
from vm_mcp.asr.packed.model import PackedModel
from vm_mcp.asr.packed.token_tree import TokenTree
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import Alignment, Decoded, DecodeRequest, mean_with_end

if TYPE_CHECKING:
    from vm_mcp.asr.packed.arrays import FloatArray

# What the decoder attends to is kept from one use of a window to the next. With `base` it takes 6 MB for 16 s of
# speech, and making it again takes a hundredth of the time of decoding it.
_MOST_MEMORY_BYTES: Final = 48 << 20
# Known tokens that are decoded in one step.
_KNOWN_TOKENS: Final = 32
# A second.
_FRAME_STEP: Final = 100
# Tokens of the vocabulary of a model that knows only English.
_ENGLISH_TOKENS: Final = 51864


T = TypeVar("T")


class PackedStates:
    """What the encoder made of some sound."""

    def __init__(self, states: "FloatArray") -> None:
        self.states = states
        """Shape (1, steps, width)."""
        self.memory: Memory | None = None
        """What the decoder attends to; None until it is needed, and after it was not needed for long."""


class _KnownPart(NamedTuple):
    attention: "FloatArray"
    """Of the heads that follow the sound: (heads, tokens, steps)."""
    probabilities: Sequence[float]
    """Of the token after each; empty if they are not wanted."""


class PackedRuntime:
    """The model on a few lanes.

    Args:
        folder: As `conversion` writes it.
        lanes: Number of threads that compute.
    """

    def __init__(self, folder: Path, lanes: int) -> None:
        self._model = PackedModel(folder)
        self._lanes = Lanes(self._model, lanes)
        # The last used one last. Weak, so that a message that is done leaves nothing behind.
        self._kept: list[weakref.ref[PackedStates]] = []
        self._keeping = threading.Lock()

    @property
    def mels(self) -> int:
        """Features per frame."""
        return self._model.shape.mels

    @property
    def frame_step(self) -> int:
        """See `WhisperRuntime`: windows of any lengths are decoded together."""
        return _FRAME_STEP

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return self._model.vocabulary_size > _ENGLISH_TOKENS

    def run(self, turn: Turn, work: Callable[[], T]) -> T:
        """Call a function in the order of the turns, see `WhisperRuntime`."""
        return self._lanes.run(turn, work)

    def encode(self, turn: Turn, features: "FloatArray") -> PackedStates:
        """Run the encoder, see `WhisperRuntime`."""
        return self._lanes.run(turn, lambda: PackedStates(self._model.encode(features)))

    def language_probabilities(self, turn: Turn, states: PackedStates) -> Mapping[str, float]:
        """Return the probability of each language, see `WhisperRuntime`."""
        return self._lanes.run(turn, lambda: self._language_probabilities(states))

    def opening_logprobs(
        self, turn: Turn, states: PackedStates, prompts: Sequence[list[int]], max_tokens: int
    ) -> list[float]:
        """Return how likely the first tokens after each prompt are, see `WhisperRuntime`."""
        searches = [BeamSearch(1, max_tokens, self._model.shape.end) for _ in prompts]
        decoding = self._lanes.decode(turn, lambda: Decoding(self._model, self._memory_of(states), prompts, searches))
        return [mean_with_end(ended.avg_logprob, len(ended.tokens)) for ended in decoding.results]

    def decode(self, turn: Turn, states: PackedStates, request: DecodeRequest) -> Decoded:
        """Return the likeliest text, see `WhisperRuntime`."""
        search = BeamSearch(request.beam_size, request.max_tokens, self._model.shape.end, request.word_prior)
        decoding = self._lanes.decode(
            turn,
            lambda: Decoding(
                self._model, self._memory_of(states), [request.prompt], [search], request.no_repeat_ngram_size
            ),
        )
        [ended] = decoding.results
        probabilities = np.exp(np.diff(ended.scores, prepend=0)).tolist()
        return Decoded(
            list(ended.tokens),
            mean_with_end(ended.avg_logprob, len(ended.tokens)),
            decoding.no_speech_prob,
            ended.is_cut_off,
            probabilities,
        )

    def align(  # noqa: PLR0913  # as the protocol has it
        self,
        turn: Turn,
        states: PackedStates,
        prompt: list[int],
        texts: Sequence[list[int]],
        steps: int,
        *,
        probabilities: bool = True,
    ) -> list[Alignment]:
        """Return where the tokens of each text are, see `WhisperRuntime`."""
        return self._lanes.run(
            turn, lambda: [self._align(states, prompt, text, steps, probabilities=probabilities) for text in texts]
        )

    def _language_probabilities(self, states: PackedStates) -> Mapping[str, float]:
        shape = self._model.shape
        step = self._model.bind(
            [Slot(TokenTree(shape, 1), self._memory_of(states), 1)], outputs=("logits", "suppressed_logits")
        )
        step.rows[0, :1] = self._model.vectors([shape.start], 0)
        logits = self._model.all_logits(step.run())[0][list(shape.languages.values())]
        powers = np.exp(logits - logits.max())
        return dict(zip(shape.languages, (powers / powers.sum()).tolist(), strict=True))

    def _align(
        self, states: PackedStates, prompt: list[int], text: list[int], steps: int, *, probabilities: bool
    ) -> Alignment:
        tokens = [*prompt, *text, self._model.shape.end]
        first = len(prompt) - 1  # each row predicts the token after it
        parts = list(self._known_parts(states, tokens, probabilities=probabilities))
        attention = np.concatenate([part.attention for part in parts], axis=1)[:, :, :steps]
        known = [probability for part in parts for probability in part.probabilities]
        path = align(attention, first, first + len(text) + 1)
        return Alignment(path, known[first : first + len(text)])

    def _known_parts(self, states: PackedStates, tokens: list[int], *, probabilities: bool) -> "Iterator[_KnownPart]":
        """Decode tokens that are known, some at a time, for all of them would take 100 MB."""
        shape = self._model.shape
        names = [f"attention_{layer}" for layer, _ in shape.alignment_heads]
        outputs = (*dict.fromkeys(names), *(("logits", "suppressed_logits") if probabilities else ()))
        memory, tree = self._memory_of(states), TokenTree(shape, 1, min(_KNOWN_TOKENS, len(tokens)))
        for start in range(0, len(tokens), _KNOWN_TOKENS):
            part = tokens[start : start + _KNOWN_TOKENS]
            if start:
                tree.branch([0], len(part))
            step = self._model.bind([Slot(tree, memory, len(part))], None if probabilities else [0], outputs)
            step.rows[0, : len(part)] = self._model.vectors(part, start)
            found = step.run()
            tree.add(found.new[:, : len(part)])
            heads = zip(names, shape.alignment_heads, strict=True)
            attention = np.stack([found.others[name][head] for name, (_, head) in heads])
            following = [*tokens[start + 1 :], self._model.shape.end][: len(part)]
            yield _KnownPart(attention, self._model.probabilities(found, following) if probabilities else ())

    def _memory_of(self, states: PackedStates) -> Memory:
        memory = states.memory or self._model.memory(states.states)
        with self._keeping:
            states.memory = memory
            kept = [each for kept in self._kept if (each := kept()) and each is not states]
            kept.append(states)
            while len(kept) > 1 and sum(map(_size, kept)) > _MOST_MEMORY_BYTES:
                kept.pop(0).memory = None
            self._kept = list(map(weakref.ref, kept))
        return memory


def _size(states: PackedStates) -> int:
    return states.memory.size_bytes if states.memory else 0
