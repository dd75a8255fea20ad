"""A converted Whisper model on onnxruntime: sound to states, and steps of the decoder for several windows at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime

from vm_mcp.asr.packed.arrays import FloatArray, IntArray
from vm_mcp.asr.packed.graph_sizes import SLOTS
from vm_mcp.asr.packed.model_shape import ModelShape
from vm_mcp.asr.packed.token_tree import TokenTree

_FATAL_ONLY = 4
_BY_WHAT_IS_NEEDED = 1


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


class PackedModel:
    """The model. Any number of threads may use it at the same time, each with one processor.

    Args:
        folder: As `conversion` writes it.

    Raises:
        Exception: Whatever onnxruntime raises for a model that it can't load.
    """

    def __init__(self, folder: Path) -> None:
        self.shape = ModelShape.model_validate_json((folder / "shape.json").read_bytes())
        self._embeddings = np.load(folder / "embeddings.npy", mmap_mode="r")
        self._positions: FloatArray = np.load(folder / "positions.npy")
        self._encoder, self._memory, self._decoder = (
            _session(folder / f"{name}.onnx") for name in ("encoder", "memory", "decoder")
        )

    @property
    def vocabulary_size(self) -> int:
        """Number of tokens."""
        return len(self._embeddings)

    @cached_property
    def unsuppressed(self) -> IntArray:
        """The tokens that a step's ``ids`` and ``logits`` count."""
        return np.delete(np.arange(self.vocabulary_size), list(self.shape.suppressed))

    @cached_property
    def _places(self) -> IntArray:
        places = np.full(self.vocabulary_size, -1)
        places[self.unsuppressed] = np.arange(len(self.unsuppressed))
        return places

    def places_of(self, tokens: Sequence[int]) -> IntArray:
        """Return where ``logits`` and ``ids`` have some tokens, none of which is suppressed."""
        places: IntArray = self._places[list(tokens)]
        return places

    def encode(self, features: FloatArray) -> FloatArray:
        """Return the states (1, steps, width) of features (1, mels, frames)."""
        with _failures():
            [states] = self._encoder.run(["states"], {"features": features})
        return np.asarray(states, np.float32)

    def memory(self, states: FloatArray) -> Memory:
        """Return what the decoder attends to of some states."""
        with _failures():
            return Memory([np.asarray(each) for each in self._memory.run(None, {"states": states})])

    def vectors(self, tokens: Sequence[int], first: int) -> FloatArray:
        """Return the vectors (tokens, width) of tokens that follow each other, the first of them at some place."""
        return self._vectors(tokens) + self._positions[first : first + len(tokens)]

    def row_vectors(self, tokens: Sequence[int], place: int) -> FloatArray:
        """Return the vectors (tokens, width) of tokens of different texts, all at the same place."""
        return self._vectors(tokens) + self._positions[np.newaxis, place]

    def _vectors(self, tokens: Sequence[int]) -> FloatArray:
        vectors: FloatArray = self._embeddings[list(tokens)].astype(np.float32)
        return vectors

    def all_logits(self, found: NextTokens) -> FloatArray:
        """Return the logits of all tokens, (rows, tokens), of a step that was asked for both kinds."""
        return np.array([self._logits(found, row) for row in range(len(found.ids))])

    def probabilities(self, found: NextTokens, tokens: Sequence[int]) -> "list[float]":
        """Return the probability of one token for each row of a step that was asked for both kinds of logits.

        It is among the tokens of texts, suppressed ones included, but not the end: as where Whisper aligns a text.
        """
        return [self._probability(self._logits(found, row), token) for row, token in enumerate(tokens)]

    def _probability(self, logits: FloatArray, token: int) -> float:
        powers = np.exp(logits[: self.shape.end] - logits[: self.shape.end].max())
        return float(powers[token] / powers.sum()) if token < self.shape.end else 0.0

    def _logits(self, found: NextTokens, row: int) -> FloatArray:
        logits: FloatArray = np.empty(self.vocabulary_size, np.float32)
        logits[self.unsuppressed] = found.others["logits"][row]
        logits[list(self.shape.suppressed)] = found.others["suppressed_logits"][row]
        return logits

    def bind(self, slots: Sequence[Slot], wanted: "Sequence[int] | None" = None, outputs: Sequence[str] = ()) -> "Step":
        """Prepare a step, or several of the same windows.

        Args:
            slots: Their windows, `SLOTS` at most.
            wanted: Rows whose next tokens are wanted; None: all.
            outputs: Other outputs of the graph that are wanted.
        """
        return Step(self._decoder, self.shape, slots, wanted, outputs)


class Step:
    """Steps of the decoder for some windows. Inputs and outputs stay where they are from one step to the next.

    Args:
        session: The decoder.
        shape: The model's.
        slots: The windows.
        wanted: Rows whose next tokens are wanted; None: all.
        logits: Whether all logits are wanted.
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
        with _failures():
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
    heads, width = shape.heads, shape.width // shape.heads
    layer: list[np.ndarray[Any, Any]] = [
        np.zeros((heads, width, 1), np.int8),
        np.zeros((heads, 1, 1), np.float32),
        np.zeros((heads, 1, width), np.int8),
        np.zeros((heads, 1, width), np.float32),
    ]
    return Slot(TokenTree(shape, 1), Memory(layer * shape.layers), 1)


@contextmanager
def _failures() -> Iterator[None]:
    """Raise RuntimeError, as a `WhisperRuntime` does, for whatever onnxruntime raises."""
    try:
        yield
    except Exception as error:
        raise RuntimeError("onnxruntime failed") from error


@cache
def _share_arena() -> None:
    """Have all sessions share one arena that grows by what is needed: by default each has one, which grows twofold."""
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    settings = onnxruntime.OrtArenaCfg({"arena_extend_strategy": _BY_WHAT_IS_NEEDED})
    onnxruntime.create_and_register_allocator(memory, settings)


def _session(path: Path) -> "onnxruntime.InferenceSession":
    _share_arena()
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
