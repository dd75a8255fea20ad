"""Write Whisper models that have the true shapes and random weights, in CTranslate2's format."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import WhisperSpec

_DEVIATION = 0.02
_PLACES, _PLACES_DEVIATION = "decoder.position_encodings.encodings", 8.0
"""A token's place decides what follows it. Otherwise texts soon repeat one token, and the engine cuts them off."""
_LATENT_STEPS, _TEXT_STEPS = 1500, 448


@dataclass(frozen=True)
class Shape:
    """Sizes of a model, as in the ``dims`` of OpenAI's checkpoints and the ``config.json`` of its repositories."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    alignment_heads: tuple[tuple[int, int], ...]
    """Layer and head of those that follow the sound."""
    mels: int = 80
    tokens: int = 51865

    @property
    def parameters(self) -> int:
        """Number of weights, to the nearest per cent."""
        blocks = 12 * self.encoder_layers + 16 * self.decoder_layers
        return self.width * (blocks * self.width + self.tokens + 3 * (self.mels + self.width))


SHAPES = {
    "tiny": Shape(384, 6, 4, 4, ((2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5))),
    "base": Shape(512, 8, 6, 6, ((3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6))),
    "small": Shape(768, 12, 12, 12, ((5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5))),
    "medium": Shape(1024, 16, 24, 24, ((13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4))),
    "large-v3-turbo": Shape(
        1280, 20, 32, 4, ((2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)), mels=128, tokens=51866
    ),
}


def write_random(shape: Shape, base: Path, folder: Path) -> None:
    """Write a model of random weights, the same ones each time.

    Args:
        shape: Its sizes.
        base: The folder of the real ``base``, whose tokenizer and suppressed tokens it gets. Where the shape has a
            token more, a placeholder is added at the end.
        folder: Made here.
    """
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    spec = WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    random = np.random.default_rng(0)
    for name, size in _sizes(shape).items():
        _set(spec, name, _random(random, size, _PLACES_DEVIATION if name == _PLACES else _DEVIATION))
    for norm in _norms(spec):
        norm.gamma, norm.beta = 1 + _random(random, (shape.width,)), _random(random, (shape.width,))
    end = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"][0]["id"]
    # Its logit is 0, less than the best of many thousands: no text ends before it is made to.
    spec.decoder.embeddings.weight[end] = 0
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.register_vocabulary(_vocabulary(base, shape.tokens))
    for key in ("suppress_ids", "suppress_ids_begin", "lang_ids"):
        setattr(spec.config, key, config[key])
    spec.config.alignment_heads = shape.alignment_heads
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True)
    spec.save(str(folder))
    shutil.copy(base / "tokenizer.json", folder)


def _random(
    random: np.random.Generator, size: tuple[int, ...], deviation: float = _DEVIATION
) -> "np.ndarray[Any, Any]":
    return (random.standard_normal(size, np.float32) * np.float32(deviation)).astype(np.float16)


def _vocabulary(base: Path, count: int) -> list[str]:
    tokens = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    by_id = {number: token for token, number in tokens["model"]["vocab"].items()}
    by_id |= {each["id"]: each["content"] for each in tokens["added_tokens"]}
    return [by_id.get(number, f"<|placeholder{number}|>") for number in range(count)]


def _sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the sizes of the matrices and biases by their place in the specification."""
    width = shape.width
    sizes: dict[str, tuple[int, ...]] = {
        "encoder.position_encodings.encodings": (_LATENT_STEPS, width),
        _PLACES: (_TEXT_STEPS, width),
        "decoder.embeddings.weight": (shape.tokens, width),
        "encoder.conv1.weight": (width, shape.mels, 3),
        "encoder.conv1.bias": (width,),
        "encoder.conv2.weight": (width, width, 3),
        "encoder.conv2.bias": (width,),
    }
    for part, layers in (("encoder", shape.encoder_layers), ("decoder", shape.decoder_layers)):
        for layer in range(layers):
            place = f"{part}.layer.{layer}"
            outputs = {"self_attention.linear.0": (3, 1), "self_attention.linear.1": (1, 1)}
            outputs |= {"ffn.linear_0": (4, 1), "ffn.linear_1": (1, 4)}
            if part == "decoder":
                outputs |= {f"attention.linear.{number}": (times, 1) for number, times in enumerate((1, 2, 1))}
            for name, (rows, columns) in outputs.items():
                sizes[f"{place}.{name}.weight"] = (rows * width, columns * width)
                sizes[f"{place}.{name}.bias"] = (rows * width,)
    return sizes


def _set(spec: Any, name: str, value: object) -> None:  # noqa: ANN401 - its classes are untyped
    *path, last = name.split(".")
    for part in path:
        spec = spec[int(part)] if part.isdigit() else getattr(spec, part)
    setattr(spec, last, value)


def _norms(spec: Any) -> list[Any]:  # noqa: ANN401 - the same
    norms = [spec.encoder.layer_norm, spec.decoder.layer_norm]
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        norms += [layer.self_attention.layer_norm, layer.ffn.layer_norm]
    return [*norms, *(layer.attention.layer_norm for layer in spec.decoder.layer)]
