"""What computes a Whisper model: from features to states, tokens and alignments. It knows nothing of text."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np

    from vm_mcp.asr.turns import Turn

    Features = np.ndarray[Any, np.dtype[np.float32]]

T = TypeVar("T")

States = Any
"""What a runtime's encoder made of some sound; only that runtime reads it."""


class WordPrior(Protocol):
    """How likely words are in their language, which a search adds to what the model says of them."""

    begins_word: "Features"
    """For each token of the vocabulary, 1 if the word before it is complete, else 0."""

    def of_last_word(self, tokens: Sequence[int]) -> float:
        """Return the log probability that a text's last word adds once it is complete; 0 without one."""
        ...


class DecodeRequest(NamedTuple):
    """How to decode some sound."""

    prompt: list[int]
    """Tokens before the text."""
    beam_size: int
    max_tokens: int
    """Length at which the text is cut off."""
    no_repeat_ngram_size: int = 0
    """Number of tokens in the shortest phrase that may not occur twice; 0: all may."""
    word_prior: WordPrior | None = None
    """How likely words are in the language; None: as the model says. Only a search of our own can use it."""


class Decoded(NamedTuple):
    """The likeliest text of one decoding."""

    tokens: list[int]
    """Without the one that ends it."""
    avg_logprob: float
    """Mean log probability of its tokens and of its end."""
    no_speech_prob: float
    is_cut_off: bool
    """Whether the text was ended because of its length, or because it only repeats itself."""
    probabilities: Sequence[float] = ()
    """Of each token, after those before it; empty if the runtime doesn't say."""


class Alignment(NamedTuple):
    """Where in some sound the tokens of a text are."""

    starts: list[tuple[int, int]]
    """Indices of tokens, and the encoder's steps at which each is said, in order."""
    probabilities: list[float]
    """Of each token, after those before it; empty if they were not asked for."""


def mean_with_end(logprob: float, tokens: int) -> float:
    """Return a text's mean log probability as Whisper computes it: over its tokens and its end.

    Args:
        logprob: The log probability of tokens and end, over the number of tokens without the end.
        tokens: That number.
    """
    return logprob * tokens / (tokens + 1)


class WhisperRuntime(Protocol):
    """A loaded model. Any number of threads may use it, and nothing in it is random.

    Every method takes the message's turn first: what is asked for the earliest message is done first. All of them raise
    CancelledError once the turn is cancelled, and RuntimeError if the runtime fails.
    """

    @property
    def mels(self) -> int:
        """Features per frame."""
        ...

    @property
    def frame_step(self) -> int:
        """Number of frames of which the features must have a multiple, for windows to be decoded together."""
        ...

    @property
    def is_multilingual(self) -> bool:
        """Whether the model knows more than English."""
        ...

    def run(self, turn: "Turn", work: Callable[[], T]) -> T:
        """Call a function that needs no model, in the order of the turns, and return its result."""
        ...

    def encode(self, turn: "Turn", features: "Features") -> States:
        """Run the encoder over features, (1, mels, frames)."""
        ...

    def language_probabilities(self, turn: "Turn", states: States) -> Mapping[str, float]:
        """Return the probability of each language that the model knows, by ISO 639-1 code."""
        ...

    def opening_logprobs(
        self, turn: "Turn", states: States, prompts: Sequence[list[int]], max_tokens: int
    ) -> list[float]:
        """Return the mean log probability of the likeliest first tokens after each prompt; all are of one length."""
        ...

    def decode(self, turn: "Turn", states: States, request: DecodeRequest) -> Decoded:
        """Return the likeliest text."""
        ...

    def align(  # noqa: PLR0913  # what an alignment depends on
        self,
        turn: "Turn",
        states: States,
        prompt: list[int],
        texts: Sequence[list[int]],
        steps: int,
        *,
        probabilities: bool = True,
    ) -> list[Alignment]:
        """Return where the tokens of each of some texts are.

        Args:
            turn: The message's.
            states: The sound.
            prompt: Tokens before each text.
            texts: Their tokens.
            steps: How many of the encoder's steps are sound, and not the silence after it.
            probabilities: Whether the tokens' probabilities are wanted, too.
        """
        ...
