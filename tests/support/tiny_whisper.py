"""A Whisper with random weights, small enough that decoding takes milliseconds, in CTranslate2's own format."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import tokenizers
from ctranslate2.specs import WhisperSpec, model_spec

WIDTH, HEADS, LAYERS, MELS = 64, 2, 2, 8
TEXT_TOKENS: Final = 240
_STEPS, _PLACES = 1500, 448
"""The most that the encoder and the decoder have room for, as in all Whisper models."""
_SPECIAL: Final = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|tr|>",
    "<|de|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
VOCABULARY: Final = (
    "",  # by which CTranslate2 knows a model of several languages
    *(f"word{number}" for number in range(1, TEXT_TOKENS)),
    *_SPECIAL,
    *(f"<|{number / 50:.2f}|>" for number in range(4)),
)
TOKENS: Final = {text: number for number, text in enumerate(VOCABULARY)}
END: Final = TOKENS["<|endoftext|>"]
LANGUAGES: Final = ("en", "tr", "de")
SUPPRESSED: Final = (17, 3, *(TOKENS[name] for name in _SPECIAL[5:10]), 17)
"""Neither in order nor each only once, which the format allows."""
SUPPRESSED_FIRST: Final = (5, END)
ALIGNMENT_HEADS: Final = ((0, 1), (1, 0), (1, 1))
PROMPT: Final = [TOKENS[name] for name in ("<|startoftranscript|>", "<|tr|>", "<|transcribe|>", "<|notimestamps|>")]


def prompt_after(words: int) -> list[int]:
    """Return the prompt that follows so many words said before."""
    return [TOKENS["<|startofprev|>"], *(7 * number % TEXT_TOKENS for number in range(words)), *PROMPT]


def features(seed: int, frames: int) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return random features, (1, mels, frames), that change about as slowly as those of speech."""
    noise = np.random.default_rng(seed).normal(size=(1, MELS, -(-frames // 10))).astype(np.float32)
    return np.ascontiguousarray(np.repeat(noise, 10, axis=2)[:, :, :frames])


def write_model(folder: Path, *, seed: int = 0, quantization: str | None = None) -> Path:
    """Write the model, `tokenizer.json` included, into a new folder, and return that.

    Args:
        folder: Where to.
        seed: Models of different seeds have different weights.
        quantization: As CTranslate2 has it, such as ``int8``; None: as the weights are, in 32 bits.
    """
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    for name, value in _Weights(seed).values.items():
        scope, _, attribute = name.rpartition("/")
        setattr(model_spec.index_spec(spec, scope), attribute, value)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(list(VOCABULARY))
    spec.config.suppress_ids = list(SUPPRESSED)
    spec.config.suppress_ids_begin = list(SUPPRESSED_FIRST)
    spec.config.lang_ids = [TOKENS[f"<|{language}|>"] for language in LANGUAGES]
    spec.config.alignment_heads = [list(head) for head in ALIGNMENT_HEADS]
    spec.validate()
    spec.optimize(quantization=quantization)
    folder.mkdir(parents=True)
    spec.save(str(folder))
    vocabulary = tokenizers.Tokenizer(tokenizers.models.WordLevel(TOKENS, unk_token="word1"))
    vocabulary.save(str(folder / "tokenizer.json"))
    return folder


class _Weights:
    """Random values, by the names of their variables, that let texts depend on the sound, and end."""

    def __init__(self, seed: int) -> None:
        self.values: dict[str, np.ndarray[Any, Any]] = {}
        self._random = np.random.default_rng(seed)
        for number, inputs in ((1, MELS), (2, WIDTH)):
            self.values[f"encoder/conv{number}/weight"] = self._draw((3 * inputs) ** -0.5, WIDTH, inputs, 3)
            self.values[f"encoder/conv{number}/bias"] = self._draw(0.1, WIDTH)
        self.values["encoder/position_encodings/encodings"] = self._draw(0.3, _STEPS, WIDTH)
        embeddings, places = self._draw(0.3, len(VOCABULARY), WIDTH), self._draw(1.5, _PLACES, WIDTH)
        ending = self._draw(1, WIDTH)
        embeddings[END] = 0.8 * ending
        places += np.minimum(3, np.arange(_PLACES, dtype=np.float32) / 15 - 1)[:, np.newaxis] * ending
        self.values["decoder/embeddings/weight"] = embeddings
        self.values["decoder/position_encodings/encodings"] = places
        for part in ("encoder", "decoder"):
            self._norm(f"{part}/layer_norm")
            for layer in range(LAYERS):
                self._layer(f"{part}/layer_{layer}", decodes=part == "decoder")

    def _layer(self, name: str, *, decodes: bool) -> None:
        self._attention(f"{name}/self_attention", (3, 1), 1.5)
        if decodes:
            self._attention(f"{name}/attention", (1, 2, 1), 2.5)
        self._norm(f"{name}/ffn/layer_norm")
        self._linear(f"{name}/ffn/linear_0", 4 * WIDTH, WIDTH, 3 if decodes else 1.5)
        self._linear(f"{name}/ffn/linear_1", WIDTH, 4 * WIDTH, 8 if decodes else 1.5)

    def _attention(self, name: str, sizes: Sequence[int], deviation: float) -> None:
        self._norm(f"{name}/layer_norm")
        for number, size in enumerate(sizes):
            self._linear(f"{name}/linear_{number}", size * WIDTH, WIDTH, deviation)

    def _linear(self, name: str, outputs: int, inputs: int, deviation: float) -> None:
        self.values[f"{name}/weight"] = self._draw(deviation * inputs**-0.5, outputs, inputs)
        self.values[f"{name}/bias"] = self._draw(0.1, outputs)

    def _norm(self, name: str) -> None:
        self.values[f"{name}/gamma"] = 1 + self._draw(0.1, WIDTH)
        self.values[f"{name}/beta"] = self._draw(0.1, WIDTH)

    def _draw(self, deviation: float, *shape: int) -> "np.ndarray[Any, Any]":
        return self._random.normal(scale=deviation, size=shape).astype(np.float32)
