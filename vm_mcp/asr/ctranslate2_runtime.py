"""A `WhisperRuntime` on CTranslate2: for GPUs, and for processors on which `vm_mcp.asr.packed` is not used."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from vm_mcp.asr.scheduler import Scheduler
from vm_mcp.asr.whisper_runtime import Alignment, Decoded, DecodeRequest, mean_with_end

if TYPE_CHECKING:
    import ctranslate2
    import numpy as np

    from vm_mcp.asr.turns import Turn
    from vm_mcp.asr.whisper_runtime import Features

T = TypeVar("T")

# Four windows in a batch take little more than half the time of four alone. Eight gain hardly more, and every window
# waits for the longest.
_MAX_BATCH = 4


class _BatchKey(NamedTuple):
    """What all requests of a batch have in common.

    With equal lengths nothing is padded, so each text is the same to the last bit as if it were decoded alone.
    """

    steps: int
    """Of the encoder."""
    prompt_length: int
    beam_size: int
    max_tokens: int
    no_repeat_ngram_size: int

    @property
    def max_length(self) -> int:
        """The limit as CTranslate2 takes it: a text may be half as long, and no longer than what the prompt leaves."""
        return max(2 * self.max_tokens, self.prompt_length + self.max_tokens)


class _Request(NamedTuple):
    states: "ctranslate2.StorageView"
    prompt: list[int]


class CTranslate2Runtime:
    """The model.

    Args:
        model: Loaded with as many threads as there are lanes; each call takes one.
        lanes: Number of calls that run at the same time.
    """

    def __init__(self, model: "ctranslate2.models.Whisper", lanes: int) -> None:
        self._model = model
        self._scheduler = Scheduler(self._generate, model, lanes=lanes, max_batch=_MAX_BATCH)

    @property
    def mels(self) -> int:
        """Features per frame."""
        return int(self._model.n_mels)

    @property
    def frame_step(self) -> int:
        """See `WhisperRuntime`: only windows of equal length can be decoded in one batch."""
        return 400

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return bool(self._model.is_multilingual)

    def run(self, turn: "Turn", work: Callable[[], T]) -> T:
        """Call a function in the order of the turns, see `WhisperRuntime`."""
        return self._scheduler.run(turn, lambda _: work())

    def encode(self, turn: "Turn", features: "Features") -> "ctranslate2.StorageView":
        """Run the encoder, see `WhisperRuntime`; the result is in CPU memory, where several can be concatenated."""
        view = _to_view(features)
        return self._scheduler.run(turn, lambda model: model.encode(view, to_cpu=True))

    def language_probabilities(self, turn: "Turn", states: "ctranslate2.StorageView") -> Mapping[str, float]:
        """Return the probability of each language, see `WhisperRuntime`."""
        [ranking] = self._scheduler.run(turn, lambda model: model.detect_language(states))
        return {token.strip("<|>"): probability for token, probability in ranking}

    def opening_logprobs(
        self, turn: "Turn", states: "ctranslate2.StorageView", prompts: Sequence[list[int]], max_tokens: int
    ) -> list[float]:
        """Return how likely the first tokens after each prompt are, see `WhisperRuntime`."""
        repeated = _repeated(states, len(prompts))
        results = self._scheduler.run(
            turn,
            lambda model: model.generate(repeated, prompts, beam_size=1, max_length=2 * max_tokens, return_scores=True),
        )
        return [_mean_logprob(result) for result in results]

    def decode(self, turn: "Turn", states: "ctranslate2.StorageView", request: DecodeRequest) -> Decoded:
        """Return the likeliest text, see `WhisperRuntime`."""
        key = _BatchKey(
            steps=states.shape[1],
            prompt_length=len(request.prompt),
            beam_size=request.beam_size,
            max_tokens=request.max_tokens,
            no_repeat_ngram_size=request.no_repeat_ngram_size,
        )
        result = self._scheduler.run_batched(turn, key, _Request(states, request.prompt))
        tokens = result.sequences_ids[0]
        is_cut_off = len(tokens) >= request.max_tokens - 1
        return Decoded(tokens, _mean_logprob(result), result.no_speech_prob, is_cut_off)

    def align(  # noqa: PLR0913  # as the protocol has it
        self,
        turn: "Turn",
        states: "ctranslate2.StorageView",
        prompt: list[int],
        texts: Sequence[list[int]],
        steps: int,
        *,
        probabilities: bool = True,  # noqa: ARG002  # CTranslate2 always returns them
    ) -> list[Alignment]:
        """Return where the tokens of each text are, see `WhisperRuntime`."""
        repeated = _repeated(states, len(texts))
        start = prompt[:-1]  # CTranslate2 adds the token that forbids timestamps
        results = self._scheduler.run(turn, lambda model: model.align(repeated, start, texts, 2 * steps))
        return [Alignment(result.alignments, result.text_token_probs) for result in results]

    @staticmethod
    def _generate(
        model: "ctranslate2.models.Whisper", key: _BatchKey, requests: Sequence[_Request]
    ) -> "Sequence[ctranslate2.models.WhisperGenerationResult]":
        import numpy as np

        states = [request.states for request in requests]
        batch = _to_view(np.concatenate([np.asarray(each) for each in states])) if states[1:] else states[0]
        results: Sequence[ctranslate2.models.WhisperGenerationResult] = model.generate(
            batch,
            [request.prompt for request in requests],
            beam_size=key.beam_size,
            max_length=key.max_length,
            no_repeat_ngram_size=key.no_repeat_ngram_size,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return results


def _mean_logprob(result: "ctranslate2.models.WhisperGenerationResult") -> float:
    return mean_with_end(float(result.scores[0]), len(result.sequences_ids[0]))


def _repeated(states: "ctranslate2.StorageView", count: int) -> "ctranslate2.StorageView":
    import numpy as np

    return _to_view(np.repeat(np.asarray(states), count, axis=0)) if count > 1 else states


def _to_view(array: "np.ndarray[Any, Any]") -> "ctranslate2.StorageView":
    """Return an array as CTranslate2 takes it."""
    import ctranslate2
    import numpy as np

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array, np.float32))
