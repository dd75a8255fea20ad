"""Convert the weights of ``base`` from CTranslate2's format to those of openai-whisper and whisper.cpp.

The numbers are the same, under other names. CTranslate2 stores the query, key and value of a layer in one matrix, with
a key bias of zeros, which the other formats don't have. So all engines can be compared with the very same weights.
"""

import json
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
_TYPES: dict[int, type[np.generic]] = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
_FORMAT = 6  # version of the file's layout

_GGML_MAGIC = 0x67676D6C
_F32, _F16, _Q8_0 = 0, 1, 8  # ggml's codes of tensor types
_MOSTLY_Q8_0 = 2007  # ggml's code of the file type; the thousands are the version of its blocks
_BLOCK = 32  # numbers that share one scale
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("values", "i1", _BLOCK)])
_GGML_FIELDS = (
    *("n_vocab", "n_audio_ctx", "n_audio_state", "n_audio_head", "n_audio_layer"),
    *("n_text_ctx", "n_text_state", "n_text_head", "n_text_layer", "n_mels"),
)


def write_checkpoint(model_bin: Path, target: Path) -> None:
    """Write ``target``, a ``.pt`` file, from the floating-point ``model.bin`` of a Whisper model."""
    import torch

    variables = _read(model_bin)
    state = {name: torch.from_numpy(array.astype(np.float32)) for name, array in _state(variables).items()}
    torch.save({"dims": _dimensions(variables, state), "model_state_dict": state}, target)


def write_ggml(folder: Path, target: Path) -> None:
    """Write ``target``, a ``q8_0`` file of whisper.cpp, from the folder of a floating-point Whisper model."""
    from faster_whisper.feature_extractor import FeatureExtractor

    variables = _read(folder / "model.bin")
    state = _state(variables)
    dimensions = _dimensions(variables, state)
    filters = np.asarray(FeatureExtractor(feature_size=dimensions["n_mels"]).mel_filters, np.float32)
    with target.open("wb") as file:
        header = [dimensions[name] for name in _GGML_FIELDS]
        file.write(struct.pack("<I11i", _GGML_MAGIC, *header, _MOSTLY_Q8_0))
        file.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        tokens = _token_bytes(folder / "tokenizer.json")
        file.write(struct.pack("<i", len(tokens)))
        file.writelines(struct.pack("<i", len(token)) + token for token in tokens)
        for name, array in state.items():
            file.write(_ggml_tensor(name, array))


def _ggml_tensor(name: str, array: Array) -> bytes:
    """Return a tensor as whisper.cpp's own converter and quantiser write it.

    Matrices are quantised, and convolutions get half precision. Vectors and positional embeddings stay as they are.
    """
    if name in {"encoder.conv1.bias", "encoder.conv2.bias"}:
        array = array.reshape(-1, 1)
    if array.ndim == 1 or array.shape[-1] == 1 or name.endswith("positional_embedding"):
        code, data = _F32, array.astype(np.float32).tobytes()
    elif array.ndim == 2:  # noqa: PLR2004  # a matrix
        code, data = _Q8_0, _quantised(array)
    else:
        code, data = _F16, array.astype(np.float16).tobytes()
    shape = array.shape[::-1]
    sizes = struct.pack(f"<3i{len(shape)}i", len(shape), len(name), code, *shape)
    return sizes + name.encode() + data


def _quantised(array: Array) -> bytes:
    """Return a matrix as blocks of one scale and 32 integers each."""
    rows = array.astype(np.float32).reshape(-1, _BLOCK)
    scales = np.abs(rows).max(axis=1) / 127
    blocks = np.zeros(len(rows), _BLOCK_TYPE)
    blocks["scale"] = scales
    blocks["values"] = np.round(rows / np.where(scales == 0, 1, scales)[:, np.newaxis])
    return blocks.tobytes()


def _token_bytes(tokenizer: Path) -> list[bytes]:
    """Return the bytes of all text tokens, in the order of their ids."""
    vocabulary: dict[str, int] = json.loads(tokenizer.read_text(encoding="utf-8"))["model"]["vocab"]
    alphabet = _alphabet()
    words = sorted((number, word) for word, number in vocabulary.items() if not word.startswith("<|"))
    return [bytes(alphabet[char] for char in word) for _, word in words]


def _alphabet() -> dict[str, int]:
    """Return the byte of each character in a byte-level vocabulary.

    GPT-2's vocabulary, which Whisper's is based on, writes a printable byte as its Latin-1 character, and the others as
    U+0100 onwards.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(0x100) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + index): byte for index, byte in enumerate(others)}


def _read(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        version, _, _ = _unpack(file, "I"), _string(file), _unpack(file, "I")
        if version != _FORMAT:
            raise ValueError(f"{path.name} has layout version {version}, not {_FORMAT}")
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
