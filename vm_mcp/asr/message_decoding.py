"""Decodes the windows of one message: their languages, their words, names that are known, and numbers a second time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import repeat
from typing import TYPE_CHECKING

from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.hallucination import without_credits
from vm_mcp.asr.known_names import hear_names
from vm_mcp.asr.language_detection import LanguageGuess, choose_languages, guess_language, other_languages
from vm_mcp.asr.names import respelled
from vm_mcp.asr.second_reading import NUMBER_WORDS, MergedReading, annotated, holds_numbers, merge, unconfirmed
from vm_mcp.models import Segment

if TYPE_CHECKING:
    from vm_mcp.asr.speech_windows import SpeechWindow
    from vm_mcp.audio import Samples

# Windows of one message decoded at the same time: enough to fill a batch, few enough for their states to fit in memory.
_WINDOWS_AT_ONCE = 4
# Windows of one message whose encoder output is kept from detecting their language until they are decoded: some eight
# minutes, 50 MB with `base`. The windows of a longer message are encoded again.
_MOST_KEPT = 24


class MessageDecoding:
    """One message while it is decoded. It keeps what was encoded to detect the language, to decode it later.

    Args:
        decoder: The model.
        samples: The whole recording.
        windows: Where somebody speaks, in order.
        names: The caller's, as the PBX and the address book have it; strangers may have chosen them.
    """

    def __init__(
        self, decoder: Decoder, samples: "Samples", windows: "list[SpeechWindow]", names: Sequence[str]
    ) -> None:
        self._decoder = decoder
        self._samples = samples
        self._windows = windows
        self._names = names
        self._encoded: dict[SpeechWindow, Encoded] = {}

    def detect_languages(self, languages: list[str]) -> list[str]:
        """Return the language of each window: one of the account's, or another one that is clearly spoken."""
        with ThreadPoolExecutor(_WINDOWS_AT_ONCE) as pool:
            probabilities = list(pool.map(self._language_probabilities, self._windows))
            lengths = [window.seconds for window in self._windows]
            candidates = [*languages, *other_languages(zip(lengths, probabilities, strict=True), languages)]
            guesses = pool.map(self._guess_language, self._windows, probabilities, repeat(candidates))
            return choose_languages(list(guesses))

    def segments(self, languages: list[str], on_progress: Callable[[float], None]) -> list[Segment]:
        """Return one segment per window, decoded as its language."""
        segments: list[Segment] = []
        # A thread per window, because only windows that wait in the scheduler at the same time are batched.
        with ThreadPoolExecutor(_WINDOWS_AT_ONCE) as pool:
            for done, segment in enumerate(pool.map(self._segment, self._windows, languages), 1):
                segments.append(without_credits(segment))
                on_progress(done / len(self._windows))
        return segments

    def _language_probabilities(self, window: "SpeechWindow") -> dict[str, float]:
        encoded = self._encode(window)
        if len(self._encoded) < _MOST_KEPT:
            self._encoded[window] = encoded
        return self._decoder.language_probabilities(encoded)

    def _guess_language(
        self, window: "SpeechWindow", probabilities: dict[str, float], candidates: list[str]
    ) -> LanguageGuess:
        return guess_language(
            probabilities,
            candidates,
            lambda codes: self._decoder.opening_logprobs(self._encoded.get(window) or self._encode(window), codes),
        )

    def _segment(self, window: "SpeechWindow", language: str) -> Segment:
        encoded = self._encoded.pop(window, None) or self._encode(window)
        hypothesis, encoded = self._decode(window, encoded, language)
        # Names first: the second reading misspells them, too, and only its numbers are taken.
        heard = self._with_names(hypothesis.text, encoded, language)
        reading = self._read_again(heard, encoded, language)
        text = reading.text if reading else heard
        is_changed = text != hypothesis.text
        tokens = self._decoder.tokens(text, language) if is_changed else hypothesis.tokens
        segment = Segment(
            text=text,
            start_seconds=round(window.start_seconds, 2),
            end_seconds=round(window.end_seconds, 2),
            avg_logprob=hypothesis.avg_logprob,
            no_speech_prob=hypothesis.no_speech_prob,
            language=language,
            words=self._decoder.words(
                encoded, language, tokens, window.start_seconds, () if is_changed else hypothesis.probabilities
            ),
        )
        read = annotated(segment, reading) if reading else segment
        return reduce(respelled, self._names, read)

    def _with_names(self, text: str, encoded: Encoded, language: str) -> str:
        """Return a window's text with a known name where it was probably said."""
        return hear_names(text, self._names, lambda texts: self._decoder.text_logprobs(encoded, language, texts))

    def _read_again(self, first: str, encoded: Encoded, language: str) -> MergedReading | None:
        """Return what two readings make of a window with numbers; None if it has none."""
        if not holds_numbers(first, language):
            return None
        second = self._decoder.decode(encoded, language, after=NUMBER_WORDS[language])
        return unconfirmed(first) if second.is_loop else merge(first, second.text, language)

    def _decode(self, window: "SpeechWindow", encoded: Encoded, language: str) -> tuple[Hypothesis, Encoded]:
        """Return the hypothesis for a window, and what it was decoded from; decode again if the model loops.

        First with the 30 s context of its training, which is slower and loops less. If it still loops, no three tokens
        may repeat: that always ends a loop, but comes last because it also forbids what callers do repeat, such as the
        digits of a number. Whisper's own remedy, sampling at rising temperatures, is random, and took half of all time.
        """
        hypothesis = self._decoder.decode(encoded, language)
        if hypothesis.is_loop:
            encoded = self._encode(window, full=True)
            hypothesis = self._decoder.decode(encoded, language)
        if hypothesis.is_loop:
            hypothesis = self._decoder.decode(encoded, language, no_repeat_ngram_size=3)
        return hypothesis, encoded

    def _encode(self, window: "SpeechWindow", *, full: bool = False) -> Encoded:
        return self._decoder.encode(self._samples[window.start : window.end], full=full)
