"""Turns the weights of ``base`` from CTranslate2's format into the checkpoint that openai-whisper loads.

They are the same numbers under other names: CTranslate2 keeps a layer's query, key and value in one matrix, and has a
key bias of zeros.
"""

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_FORMAT = 6  # of the file; the other ones are laid out otherwise


def write_checkpoint(model_bin: Path, target: Path) -> None:
    """Write ``target``, a ``.pt`` file, from the floating-point ``model.bin`` of a Whisper model."""
    import torch

    variables = _read(model_bin)
    state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in _state(variables).items()}
    torch.save({"dims": _dimensions(variables, state), "model_state_dict": state}, target)


def _read(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        version, _, _ = _unpack(file, "I"), _string(file), _unpack(file, "I")
        assert version == _FORMAT
        return dict(_variable(file) for _ in range(_unpack(file, "I")))


def _variable(file: BinaryIO) -> tuple[str, Array]:
    name = _string(file)
    shape = [_unpack(file, "I") for _ in range(_unpack(file, "B"))]
    kind = _TYPES[_unpack(file, "B")]
    return name, np.frombuffer(file.read(_unpack(file, "I")), kind).reshape(shape)


def _unpack(file: BinaryIO, kind: str) -> int:
    value: int = struct.unpack(f"<{kind}", file.read(struct.calcsize(f"<{kind}")))[0]
    return value


def _string(file: BinaryIO) -> str:
    return file.read(_unpack(file, "H"))[:-1].decode()


def _state(variables: dict[str, Array]) -> dict[str, Array]:
    state: dict[str, Array] = {}
    for side, norm in (("encoder", "ln_post"), ("decoder", "ln")):
        state |= _norm(variables, f"{side}.{norm}", f"{side}/layer_norm")
        state[f"{side}.positional_embedding"] = variables[f"{side}/position_encodings/encodings"]
        for number in range(_layers(variables, side)):
            state |= _block(variables, f"{side}.blocks.{number}", f"{side}/layer_{number}")
    for name in ("conv1", "conv2"):
        state |= _linear(variables, f"encoder.{name}", f"encoder/{name}")
    return state | {"decoder.token_embedding.weight": variables["decoder/embeddings/weight"]}


def _block(variables: dict[str, Array], to: str, layer: str) -> dict[str, Array]:
    fused, cross = f"{layer}/self_attention", f"{layer}/attention"
    state = _split(variables, f"{to}.attn", f"{fused}/linear_0", ("query", "key", "value"))
    state |= _linear(variables, f"{to}.attn.out", f"{fused}/linear_1")
    state |= _norm(variables, f"{to}.attn_ln", f"{fused}/layer_norm")
    if f"{cross}/linear_0/weight" in variables:
        state |= _linear(variables, f"{to}.cross_attn.query", f"{cross}/linear_0")
        state |= _split(variables, f"{to}.cross_attn", f"{cross}/linear_1", ("key", "value"))
        state |= _linear(variables, f"{to}.cross_attn.out", f"{cross}/linear_2")
        state |= _norm(variables, f"{to}.cross_attn_ln", f"{cross}/layer_norm")
    state |= _linear(variables, f"{to}.mlp.0", f"{layer}/ffn/linear_0")
    state |= _linear(variables, f"{to}.mlp.2", f"{layer}/ffn/linear_1")
    return state | _norm(variables, f"{to}.mlp_ln", f"{layer}/ffn/layer_norm")


def _split(variables: dict[str, Array], to: str, source: str, parts: tuple[str, ...]) -> dict[str, Array]:
    weights = np.split(variables[f"{source}/weight"], len(parts))
    biases = np.split(variables[f"{source}/bias"], len(parts))
    state = {f"{to}.{part}.weight": weight for part, weight in zip(parts, weights, strict=True)}
    return state | {f"{to}.{part}.bias": bias for part, bias in zip(parts, biases, strict=True) if part != "key"}


def _linear(variables: dict[str, Array], to: str, source: str) -> dict[str, Array]:
    return {f"{to}.weight": variables[f"{source}/weight"], f"{to}.bias": variables[f"{source}/bias"]}


def _norm(variables: dict[str, Array], to: str, source: str) -> dict[str, Array]:
    return {f"{to}.weight": variables[f"{source}/gamma"], f"{to}.bias": variables[f"{source}/beta"]}


def _layers(variables: dict[str, Array], side: str) -> int:
    return len({name.split("/")[1] for name in variables if name.startswith(f"{side}/layer_") and "norm" not in name})


def _dimensions(variables: dict[str, Array], state: dict[str, Any]) -> dict[str, int]:
    vocabulary, width = state["decoder.token_embedding.weight"].shape
    heads = int(variables["encoder/num_heads"])
    return {
        "n_mels": state["encoder.conv1.weight"].shape[1],
        "n_audio_ctx": state["encoder.positional_embedding"].shape[0],
        "n_audio_state": width,
        "n_audio_head": heads,
        "n_audio_layer": _layers(variables, "encoder"),
        "n_vocab": vocabulary,
        "n_text_ctx": state["decoder.positional_embedding"].shape[0],
        "n_text_state": width,
        "n_text_head": heads,
        "n_text_layer": _layers(variables, "decoder"),
    }
