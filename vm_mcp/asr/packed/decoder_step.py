"""Steps of the decoder, for several windows at a time."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray
from vm_mcp.asr.packed.graph_sizes import SLOTS
from vm_mcp.asr.packed.model_shape import ModelShape
from vm_mcp.asr.packed.sessions import failures
from vm_mcp.asr.packed.token_tree import TokenTree

if TYPE_CHECKING:
    import onnxruntime


class Memory(NamedTuple):
    """What the decoder attends to of some sound, as the graph returns and takes it."""

    arrays: "Sequence[np.ndarray[Any, Any]]"
    """Keys, their scales, values and their scales of each layer."""

    @property
    def size_bytes(self) -> int:
        """Bytes that it takes."""
        return sum(each.nbytes for each in self.arrays)


class Slot(NamedTuple):
    """One window's part of a step."""

    tree: TokenTree
    memory: Memory
    rows: int
    """New tokens: one of each text, or several of one text."""


class NextTokens(NamedTuple):
    """What a step says of the tokens that come next. The rows are those that were wanted."""

    scores: FloatArray
    """Log probabilities of the likeliest tokens, (rows, BEST)."""
    ids: IntArray
    """These tokens, as indices of `PackedModel.unsuppressed`."""
    new: FloatArray
    """For `TokenTree.add`: keys and values of all rows."""
    others: "dict[str, FloatArray]"
    """What else was asked for."""


class DecoderStep:
    """Steps of the decoder for some windows. Inputs and outputs stay where they are from one step to the next.

    Args:
        session: The decoder.
        shape: The model's.
        slots: The windows.
        wanted: Rows whose next tokens are wanted; None: all.
        outputs: Other outputs of the graph that are wanted.
    """

    def __init__(
        self,
        session: "onnxruntime.InferenceSession",
        shape: ModelShape,
        slots: Sequence[Slot],
        wanted: "Sequence[int] | None",
        outputs: Sequence[str] = (),
    ) -> None:
        self._session = session
        self._binding = session.io_binding()
        self._slots = slots
        self._outputs = ["scores", "ids", "new", *outputs]
        for name in self._outputs:
            self._binding.bind_output(name)
        idle = [_idle(shape)] * (SLOTS - len(slots))
        counts = [slot.rows for slot in (*slots, *idle)]
        self.rows: FloatArray = np.zeros((1, sum(counts), shape.width), np.float32)
        """Vectors of the new tokens, window after window, to be filled in before each step."""
        # By name, so that nothing is freed while it is bound, and nothing is bound twice.
        self._bound: dict[str, np.ndarray[Any, Any]] = {}
        self._input("rows", self.rows)
        self._input("rows_of", np.array(counts))
        self._input("wanted", np.array(range(sum(counts[: len(slots)])) if wanted is None else wanted, np.int64))
        for number, slot in enumerate((*slots, *idle)):
            self._bind_text(number, slot)
            for name, array in zip(_memory_names(shape.layers, number), slot.memory.arrays, strict=True):
                self._input(name, array)

    def run(self) -> NextTokens:
        """Decode one step."""
        for number, slot in enumerate(self._slots):
            self._bind_text(number, slot)
        with failures():
            self._session.run_with_iobinding(self._binding)
        found = dict(zip(self._outputs, (each.numpy() for each in self._binding.get_outputs()), strict=True))
        return NextTokens(found.pop("scores"), found.pop("ids"), found.pop("new"), found)

    def _bind_text(self, number: int, slot: Slot) -> None:
        self._input(f"mask_{number}", slot.tree.mask)
        for layer, (keys, values) in enumerate(slot.tree.layers):
            self._input(f"past_keys_{layer}_{number}", keys)
            self._input(f"past_values_{layer}_{number}", values)

    def _input(self, name: str, array: "np.ndarray[Any, Any]") -> None:
        if self._bound.get(name) is array:
            return
        self._bound[name] = array
        self._binding.bind_input(name, "cpu", 0, array.dtype.type, array.shape, array.ctypes.data)


def _memory_names(layers: int, slot: int) -> Iterator[str]:
    for layer in range(layers):
        for kind in ("keys", "key_scales", "values", "value_scales"):
            yield f"{kind}_{layer}_{slot}"


def _idle(shape: ModelShape) -> Slot:
    """Return a window of one row for the slots that have none, which onnxruntime can't leave empty."""
    heads, width = shape.heads, shape.head_width
    layer: list[np.ndarray[Any, Any]] = [
        np.zeros((heads, width, 1), np.int8),
        np.zeros((heads, 1, 1), np.float32),
        np.zeros((heads, 1, width), np.int8),
        np.zeros((heads, 1, width), np.float32),
    ]
    return Slot(TokenTree(shape, 1), Memory(layer * shape.layers), 1)
