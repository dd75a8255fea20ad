"""A converted Whisper model on onnxruntime: from sound to states, and steps of the decoder."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray, IntArray
from vm_mcp.asr.packed.decoder_step import DecoderStep, Memory, NextTokens, Slot
from vm_mcp.asr.packed.model_shape import ModelShape
from vm_mcp.asr.packed.sessions import failures, open_session, returning_memory


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
            open_session(folder / f"{name}.onnx") for name in ("encoder", "memory", "decoder")
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
        with failures():
            [states] = self._encoder.run(["states"], {"features": features}, returning_memory())
        return np.asarray(states, np.float32)

    def memory(self, states: FloatArray) -> Memory:
        """Return what the decoder attends to of some states."""
        with failures():
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

    def bind(
        self, slots: Sequence[Slot], wanted: "Sequence[int] | None" = None, outputs: Sequence[str] = ()
    ) -> DecoderStep:
        """Prepare a step, or several of the same windows.

        Args:
            slots: Their windows, `SLOTS` at most.
            wanted: Rows whose next tokens are wanted; None: all.
            outputs: Other outputs of the graph that are wanted.
        """
        return DecoderStep(self._decoder, self.shape, slots, wanted, outputs)
