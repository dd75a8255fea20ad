"""How often the model is asked, and which of its answers is taken: the real engine over a scripted model."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from vm_mcp import audio
from vm_mcp.asr.decoder import Decoder, Encoded, Hypothesis
from vm_mcp.asr.faster_whisper import FasterWhisper
from vm_mcp.asr.transcriber import TranscribeOptions
from vm_mcp.asr.weights import Weights
from vm_mcp.models import Transcript, Word

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

VOICES = Path(__file__).parents[2] / "vm_mcp" / "simulator" / "voices"
SURE = {"tr": 0.9, "en": 0.01}
DOUBTFUL = {"tr": 0.4, "en": 0.5}
SAID = "Merhaba, beni geri arayın lütfen."
LOOP = "Beni ara. " * 30

Script = Callable[[str, int, bool], tuple[str, float]]
"""Language, length of the phrase that may not come twice, whether 30 s were encoded: text and probability."""


class ScriptedDecoder(Decoder):
    """Hears what it is told, and remembers what it was asked."""

    def __init__(self, shares: dict[str, float], script: Script) -> None:
        self._shares = shares
        self._script = script
        self.encoded: list[str] = []
        self.decoded: list[str] = []
        self.opened = False

    @property
    def is_multilingual(self) -> bool:
        return True

    def knows(self, language: str) -> bool:
        return language in self._shares

    def encode(self, sound: "Samples", *, full: bool = False) -> Encoded:
        self.encoded.append("full" if full else "short")
        return Encoded(SimpleNamespace(full=full), len(sound) / audio.SAMPLE_RATE, frames=3000)

    def language_shares(self, encoded: Encoded) -> dict[str, float]:  # noqa: ARG002  # whatever the sound
        return self._shares

    def openings(self, encoded: Encoded, languages: Sequence[str]) -> dict[str, float]:
        self.opened = True
        return {language: self._script(language, 0, encoded.states.full)[1] for language in languages}

    def decode(self, encoded: Encoded, language: str, no_repeat: int = 0) -> Hypothesis:
        self.decoded.append(f"{language} {no_repeat}")
        text, probability = self._script(language, no_repeat, encoded.states.full)
        return Hypothesis(text, avg_logprob=probability, no_speech_prob=0.1)

    def words(self, encoded: Encoded, language: str, attempt: Hypothesis, offset: float) -> tuple[Word, ...]:  # noqa: ARG002  # scripted
        return (Word(text=attempt.text, start_seconds=offset, end_seconds=offset + encoded.seconds, probability=0.5),)


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
    assert (decoder.encoded, decoder.decoded, decoder.opened) == (["short"], ["tr 0"], False)


def test_where_the_guess_is_close_the_likelier_opening_decides_and_one_text_is_decoded(samples: "Samples") -> None:
    decoder = ScriptedDecoder(DOUBTFUL, lambda language, *_: (SAID, -0.3) if language == "tr" else ("Mare haba.", -0.9))
    transcript = transcribe(decoder, samples)
    assert (transcript.language, transcript.text) == ("tr", SAID)
    assert (decoder.encoded, decoder.decoded, decoder.opened) == (["short"], ["tr 0"], True)


def test_a_loop_is_decoded_again_over_all_the_model_can_see(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda _language, _phrase, full: (SAID if full else LOOP, -0.3))
    assert transcribe(decoder, samples).text == SAID
    assert (decoder.encoded, decoder.decoded) == (["short", "full"], ["tr 0", "tr 0"])


def test_a_loop_that_stays_is_decoded_without_repetition(samples: "Samples") -> None:
    decoder = ScriptedDecoder(SURE, lambda _language, phrase, _full: (SAID if phrase else LOOP, -0.3))
    assert transcribe(decoder, samples).text == SAID
    assert decoder.decoded == ["tr 0", "tr 0", "tr 3"]


@pytest.mark.parametrize(
    "name", ["Ayhan Yıldız", "Ayşe Yılmaz", "Bay Şehir", "AYHAN YILDIZ", "Yılmazer", "<|tr|> Ayşe\n"]
)
def test_no_name_changes_a_word_or_asks_the_model_again(samples: "Samples", name: str) -> None:
    decoder = ScriptedDecoder(SURE, lambda *_: ("Merhaba, ben Bayşehir Yılmaz.", -0.3))
    transcript = transcribe(decoder, samples, name)
    assert transcript.text == "Merhaba, ben Bayşehir Yılmaz."
    assert (decoder.encoded, decoder.decoded) == (["short"], ["tr 0"])


def test_a_name_that_was_heard_is_spelled_right_in_text_and_words_and_is_no_surer_for_it(samples: "Samples") -> None:
    transcript = transcribe(ScriptedDecoder(SURE, lambda *_: ("Ben ayse yılmaz.", -0.3)), samples, "Ayşe Yılmaz")
    assert transcript.text == "Ben Ayşe Yılmaz."
    [word] = transcript.segments[0].words
    assert (word.text, word.probability) == ("Ben Ayşe Yılmaz.", 0.5)
