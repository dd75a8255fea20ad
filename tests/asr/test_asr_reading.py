"""How often a window is encoded and decoded, and which hypothesis is used: the real engine over a scripted decoder."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeVar

import pytest

from vm_mcp import audio
from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.faster_whisper import FasterWhisper
from vm_mcp.asr.transcriber import TranscribeOptions
from vm_mcp.asr.turns import Turn
from vm_mcp.asr.weights import Weights
from vm_mcp.models import Transcript, Word

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
SURE = {"tr": 0.9, "en": 0.01}
DOUBTFUL = {"tr": 0.4, "en": 0.5}
SAID = "Merhaba, beni geri arayın lütfen."
LOOP = "Beni ara. " * 30

T = TypeVar("T")
Script = Callable[[str, int, bool], tuple[str, float]]
"""From language, `no_repeat_ngram_size` and whether 30 s were encoded, to text and mean log probability."""


class ScriptedDecoder(Decoder):
    """Returns what its script says, and remembers its calls."""

    def __init__(self, probabilities: dict[str, float], script: Script) -> None:
        self._probabilities = probabilities
        self._script = script
        self.again = ""
        """What a second reading hears; empty: the same as the first."""
        self.with_name = -5.0
        """Log probability of a text with a known name in it; that of the model's own is 0."""
        self.compared_texts: list[str] = []
        self.encoded: list[str] = []
        self.decoded: list[str] = []
        self.compared_openings = False

    def for_turn(self, turn: Turn) -> Decoder:  # noqa: ARG002  # one message at a time
        return self

    def run(self, work: Callable[[], T]) -> T:
        return work()

    @property
    def is_multilingual(self) -> bool:
        return True

    def knows(self, language: str) -> bool:
        return language in self._probabilities

    def encode(self, sound: "Samples", *, full: bool = False) -> Encoded:
        self.encoded.append("full" if full else "short")
        return Encoded(SimpleNamespace(full=full), len(sound) / audio.SAMPLE_RATE, frames=3000)

    def language_probabilities(self, encoded: Encoded) -> dict[str, float]:  # noqa: ARG002  # whatever the sound
        return self._probabilities

    def opening_logprobs(self, encoded: Encoded, languages: Sequence[str]) -> dict[str, float]:
        self.compared_openings = True
        return {language: self._script(language, 0, encoded.states.full)[1] for language in languages}

    def decode(self, encoded: Encoded, language: str, *, no_repeat_ngram_size: int = 0, after: str = "") -> Hypothesis:
        self.decoded.append(f"{language} {no_repeat_ngram_size}{' again' if after else ''}")
        text, logprob = self._script(language, no_repeat_ngram_size, encoded.states.full)
        text = self.again or text if after else text
        return Hypothesis(text, avg_logprob=logprob, no_speech_prob=0.1, tokens=self.tokens(text, language))

    def text_logprobs(self, encoded: Encoded, language: str, texts: Sequence[str]) -> list[float]:  # noqa: ARG002  # scripted
        self.compared_texts += texts[1:]
        return [0.0, *[self.with_name for _ in texts[1:]]]

    def tokens(self, text: str, language: str) -> tuple[int, ...]:  # noqa: ARG002  # scripted
        return tuple(map(ord, text))

    def words(
        self,
        encoded: Encoded,
        language: str,  # noqa: ARG002  # scripted
        tokens: Sequence[int],
        offset: float,
        probabilities: Sequence[float] = (),  # noqa: ARG002  # scripted
    ) -> tuple[Word, ...]:
        texts = "".join(map(chr, tokens)).split()
        seconds = encoded.seconds / max(1, len(texts))
        return tuple(
            Word(
                text=text, start_seconds=offset + at * seconds, end_seconds=offset + (at + 1) * seconds, probability=0.5
            )
            for at, text in enumerate(texts)
        )


@pytest.fixture(scope="module")
def samples() -> "Samples":
    return audio.decode((VOICES / "tr01_randevu.wav").read_bytes())


def transcribe(decoder: Decoder, samples: "Samples", name: str = "") -> Transcript:
    engine = FasterWhisper(decoder, Weights(Path(), "base"), ("tr", "en"))
    return engine.transcribe(samples, TranscribeOptions(caller_name=name), lambda _: None)


def test_a_clear_message_is_encoded_once_and_decoded_once(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: (SAID, -0.3))
    transcript = transcribe(decoder, samples)
    assert (transcript.language, transcript.text) == ("tr", SAID)
    assert (decoder.encoded, decoder.decoded, decoder.compared_openings) == (["short"], ["tr 0"], False)


def test_the_likelier_opening_decides_a_close_guess_and_the_window_is_decoded_once(samples: "Samples") -> None:
    decoder = ScriptedDecoder(DOUBTFUL, lambda language, *_: (SAID, -0.3) if language == "tr" else ("Mare haba.", -0.9))
    transcript = transcribe(decoder, samples)
    assert (transcript.language, transcript.text) == ("tr", SAID)
    assert (decoder.encoded, decoder.decoded, decoder.compared_openings) == (["short"], ["tr 0"], True)


def test_a_loop_is_decoded_again_with_the_full_30_seconds(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda _language, _ngram, full: (SAID if full else LOOP, -0.3))
    assert transcribe(decoder, samples).text == SAID
    assert (decoder.encoded, decoder.decoded) == (["short", "full"], ["tr 0", "tr 0"])


def test_a_loop_that_stays_is_decoded_without_repetition(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda _language, ngram, _full: (SAID if ngram else LOOP, -0.3))
    assert transcribe(decoder, samples).text == SAID
    assert decoder.decoded == ["tr 0", "tr 0", "tr 3"]


@pytest.mark.parametrize("name", ["Ayhan Yıldız", "AYHAN YILDIZ", "Yılmazer", "<|tr|> Ayşe\n", ""])
def test_a_name_that_doesn_t_sound_like_what_was_said_changes_nothing(samples: "Samples", name: str) -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: ("Merhaba, ben Bayşehir Yılmaz.", -0.3))
    transcript = transcribe(decoder, samples, name)
    assert transcript.text == "Merhaba, ben Bayşehir Yılmaz."
    assert (decoder.encoded, decoder.decoded, decoder.compared_texts) == (["short"], ["tr 0"], [])


@pytest.mark.parametrize("name", ["Ayşe Yılmaz", "AYŞE YILMAZ", "ayşe yılmaz"])
def test_a_name_that_sounds_like_what_was_said_and_is_likely_is_heard(samples: "Samples", name: str) -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: ("Merhaba, ben Bayşe Yılmas'ım, arayın.", -0.3))
    segment = transcribe(decoder, samples, name).segments[0]
    assert segment.text == "Merhaba, ben Ayşe Yılmaz'ım, arayın."
    assert [word.text for word in segment.words] == segment.text.split()


def test_a_name_that_the_model_finds_unlikely_is_not_heard(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: ("Merhaba, ben Bayşe Yılmas.", -0.3))
    decoder.with_name = -11.0
    assert transcribe(decoder, samples, "Ayşe Yılmaz").text == "Merhaba, ben Bayşe Yılmas."


def test_a_name_that_was_recognised_is_spelled_right_and_keeps_its_probability(samples: "Samples") -> None:
    transcript = transcribe(ScriptedDecoder(SURE, lambda *_: ("Ben ayse yılmaz.", -0.3)), samples, "Ayşe Yılmaz")
    assert transcript.text == "Ben Ayşe Yılmaz."
    words = transcript.segments[0].words
    assert [(word.text, word.probability) for word in words] == [("Ben", 0.5), ("Ayşe", 0.5), ("Yılmaz.", 0.5)]


NUMBER = "Beni peş news otuz iki dört yüz on yedi yirmi sekiz doksan üçten ara."


def test_a_window_without_numbers_is_read_once(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: ("Merhaba, ben Ayşe.", -0.3))
    segment = transcribe(decoder, samples).segments[0]
    assert decoder.decoded == ["tr 0"]
    assert [word.is_confirmed for word in segment.words] == [None, None, None]


def test_a_window_with_numbers_is_read_again_and_takes_its_numbers_from_the_second_reading(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: (NUMBER, -0.3))
    decoder.again = "Beni, beş, yüz, otuz, iki, dört, yüz, on, yedi, yirmi, sekiz, doksan, üçten ara."
    segment = transcribe(decoder, samples).segments[0]
    assert decoder.decoded == ["tr 0", "tr 0 again"]
    assert segment.text == "Beni beş, yüz, otuz iki dört yüz on yedi yirmi sekiz doksan üçten ara."
    assert [word.text for word in segment.words if not word.is_confirmed] == ["beş,", "yüz,"]
    [other] = segment.other_readings
    assert other.text == "peş news"
    assert (other.start_seconds, other.end_seconds) == (segment.words[1].start_seconds, segment.words[2].end_seconds)


def test_a_second_reading_that_loops_changes_no_word_and_confirms_none(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: (NUMBER, -0.3))
    decoder.again = "beş, altı, " * 40
    segment = transcribe(decoder, samples).segments[0]
    assert (segment.text, segment.other_readings) == (NUMBER, ())
    assert {word.is_confirmed for word in segment.words} == {False}
