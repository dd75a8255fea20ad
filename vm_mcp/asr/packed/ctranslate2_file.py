"""Reads the variables of a model in CTranslate2's format.

The format is that of CTranslate2's ``Model::load`` (its version 6): a header, then each variable with its name, shape,
type and bytes, then names that stand for another variable.
"""

import json
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray

_VERSION: Final = 6
_TYPES: Final = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class UnknownModelFormatError(ValueError):
    """The file is not what this module reads: damaged, of another version, or quantised when it was converted."""


class WhisperWeights:
    """A Whisper model's variables, mapped from its file.

    Args:
        folder: Holds ``model.bin`` and ``config.json``.

    Raises:
        UnknownModelFormatError: The format is not known.
        OSError: A file can't be read.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._variables = _read_variables(folder / "model.bin")
            self.config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
            self.width = int(self._variables["encoder/conv1/weight"].shape[0])
            """Size of the model's vectors."""
            self.heads = int(self._variables["encoder/num_heads"])
            self.mels = int(self._variables["encoder/conv1/weight"].shape[1])
            self.vocabulary_size = int(self._variables["decoder/embeddings/weight"].shape[0])
        except (KeyError, ValueError, TypeError, struct.error, UnicodeDecodeError) as error:
            raise UnknownModelFormatError(str(folder)) from error

    @property
    def head_width(self) -> int:
        """Size of the vectors of one attention head."""
        return self.width // self.heads

    def layers(self, part: str) -> int:
        """Return the number of layers of the ``encoder`` or the ``decoder``."""
        names = {name.split("/")[1] for name in self._variables if name.startswith(f"{part}/layer_")}
        return sum(name != "layer_norm" for name in names)

    def __getitem__(self, name: str) -> FloatArray:
        """Return a variable as 32-bit floats, of its shape in the model.

        Raises:
            UnknownModelFormatError: There is none of that name, or it is quantised.
        """
        return self._floats(name).astype(np.float32)

    def halves(self, name: str) -> "np.ndarray[Any, np.dtype[np.float16]]":
        """Return a variable as 16-bit floats, otherwise as by its index."""
        return self._floats(name).astype(np.float16, copy=False)

    def _floats(self, name: str) -> "np.ndarray[Any, Any]":
        variable = self._variables.get(name)
        if variable is None or variable.dtype not in (np.float16, np.float32):
            raise UnknownModelFormatError(name)
        return variable


def _read_variables(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    data = np.memmap(path, np.uint8, mode="r")
    reader = _Reader(data)
    if reader.number("I") != _VERSION:
        raise UnknownModelFormatError(str(path))
    reader.text()  # the kind of model
    reader.number("I")  # its revision
    variables = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        kind = reader.number("B")
        if kind not in _TYPES:
            raise UnknownModelFormatError(name)
        variables[name] = reader.data(reader.number("I")).view(_TYPES[kind]).reshape(shape)
    for _ in range(reader.number("I")):
        name = reader.text()
        variables[name] = variables[reader.text()]
    return variables


class _Reader:
    def __init__(self, data: "np.ndarray[Any, np.dtype[np.uint8]]") -> None:
        self._data = data
        self._at = 0

    def data(self, size: int) -> "np.ndarray[Any, np.dtype[np.uint8]]":
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            raise UnknownModelFormatError
        return self._data[start : self._at]

    def number(self, form: str) -> int:
        (value,) = struct.unpack(f"<{form}", self.data(struct.calcsize(f"<{form}")).tobytes())
        return int(value)

    def text(self) -> str:
        return bytes(self.data(self.number("H"))).rstrip(b"\0").decode()
