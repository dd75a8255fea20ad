"""A stand-in for what random weights can't do: it ends each text where the real one ends, and returns the real one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from vm_mcp.asr.turns import Turn
from vm_mcp.asr.whisper_runtime import Alignment, Decoded, DecodeRequest, WhisperRuntime

T = TypeVar("T")

SURE, UNSURE = 0.98, 0.01
SEARCHED = 1.04
"""Steps of a search for each token of its text, its end among them. A search goes on until as many hypotheses have
ended as the beam is wide: with the real ``base``, 1.02 on 270 s of speech."""
_TOLERANCE = 1
"""CTranslate2 counts a prompt in pairs."""


@dataclass
class Expected:
    """What is said in one window, as the tokens of the model."""

    steps: int
    """Of the encoder."""
    tokens: list[int]
    states: object = None
    """What the encoder made of it; None until it is decoded."""


class ForcedRuntime:
    """Has another runtime do the work of the real texts, and returns these.

    Every call goes to that runtime with what the engine gives it. Only the length at which a text is cut off is that of
    the real one, so random weights, whose texts never end by themselves, take as many steps. That keeps CTranslate2
    from batching windows of equal length, which it does only if they are cut off at one length.
    """

    def __init__(self, runtime: WhisperRuntime) -> None:
        self._runtime = runtime
        self._expected: dict[int, tuple[str, list[Expected]]] = {}

    def expect(self, turn: Turn, language: str, windows: list[Expected]) -> None:
        """Set what is said in the windows of a message."""
        self._expected[turn.number] = (language, windows)

    @property
    def mels(self) -> int:
        """Features per frame."""
        return self._runtime.mels

    @property
    def frame_step(self) -> int:
        """See `WhisperRuntime`."""
        return self._runtime.frame_step

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        return self._runtime.is_multilingual

    def run(self, turn: Turn, work: Callable[[], T]) -> T:
        """Call a function in the order of the turns."""
        return self._runtime.run(turn, work)

    def encode(self, turn: Turn, features: Any) -> Any:  # noqa: ANN401 - as the protocol has it
        """Run the encoder."""
        return self._runtime.encode(turn, features)

    def language_probabilities(self, turn: Turn, states: Any) -> Mapping[str, float]:  # noqa: ANN401 - the same
        """Compute the probabilities; return those of a model that is sure of the language."""
        found = self._runtime.language_probabilities(turn, states)
        language = self._expected[turn.number][0]
        return {code: SURE if code == language else UNSURE / len(found) for code in found}

    def opening_logprobs(
        self,
        turn: Turn,
        states: Any,  # noqa: ANN401 - the same
        prompts: Sequence[list[int]],
        max_tokens: int,
    ) -> list[float]:
        """Return what the runtime computes."""
        return self._runtime.opening_logprobs(turn, states, prompts, max_tokens)

    def decode(self, turn: Turn, states: Any, request: DecodeRequest) -> Decoded:  # noqa: ANN401 - the same
        """Decode as many steps as the real text takes; return that text."""
        if turn.number not in self._expected:
            return self._runtime.decode(turn, states, request)
        tokens = self._tokens(turn, states)
        steps = min(request.max_tokens, round(SEARCHED * (len(tokens) + 1)))
        taken = len(self._runtime.decode(turn, states, request._replace(max_tokens=steps)).tokens)
        if abs(taken - steps) > _TOLERANCE:
            raise RuntimeError(f"{taken} steps were taken in place of {steps}, so the figures would be wrong.")
        return Decoded(tokens, UNSURE, UNSURE, is_cut_off=False, probabilities=[SURE] * len(tokens))

    def align(  # noqa: PLR0913 - as the protocol has it
        self,
        turn: Turn,
        states: Any,  # noqa: ANN401 - the same
        prompt: list[int],
        texts: Sequence[list[int]],
        steps: int,
        *,
        probabilities: bool = True,
    ) -> list[Alignment]:
        """Return what the runtime computes."""
        return self._runtime.align(turn, states, prompt, texts, steps, probabilities=probabilities)

    def _tokens(self, turn: Turn, states: Any) -> list[int]:  # noqa: ANN401 - the same
        """Return what is said in a window: of those of its message that are as long, the first that is not taken."""
        windows = self._expected[turn.number][1]
        steps = states.states.shape[1] if hasattr(states, "states") else states.shape[1]
        found = next((each for each in windows if each.states is states), None) or next(
            each for each in windows if each.states is None and each.steps == steps
        )
        found.states = states
        return found.tokens
