"""What the texts of one window attend to in themselves: the keys and values of the tokens that they begin with.

The hypotheses of a beam share most of their tokens. Each token is kept once, in a tree of which every text is a path,
so a step reads little more than one text's tokens, and nothing is copied when a text branches.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from vm_mcp.asr.packed.arrays import FloatArray
from vm_mcp.asr.packed.model_shape import ModelShape

_HIDDEN: Final = np.float32(-1e30)
"""Added to the attention to a token that is not in a text. Not infinite: with nothing else it would be no number."""
_CHUNK: Final = 32
"""Tokens by which the room grows."""


class TokenTree:
    """The tokens of one window's texts.

    Args:
        shape: The model's.
        texts: How many texts there are.
        tokens: Number of tokens that each begins with. They are decoded in the first step, all at once.
    """

    def __init__(self, shape: ModelShape, texts: int, tokens: int = 1) -> None:
        self._shape = shape
        self._data: FloatArray = np.zeros((shape.layers, 2, 1, shape.heads, 0, shape.head_width), np.float32)
        self._paths = np.empty((texts, 0), np.int64)
        self.layers = self._views()
        """The keys and the values of each layer, (1, heads, room, head width)."""
        self.mask = self._mask_for(tokens)
        """What each new token attends to: 0 for that, a large negative number elsewhere; (1, 1, rows, room + rows)."""

    @property
    def length(self) -> int:
        """Number of tokens in each text."""
        return int(self._paths.shape[1])

    def add(self, new: FloatArray) -> None:
        """Keep what a step made of its new tokens.

        Args:
            new: Keys and values of each layer: (2 x layers, rows, width), with the rows of one text together.
        """
        rows = new.shape[1]
        places = self._free(rows)
        shape = self._shape
        split = new.reshape(shape.layers, 2, rows, shape.heads, shape.head_width)
        self._data[:, :, 0, :, places] = split.transpose(2, 0, 1, 3, 4)
        self._paths = np.concatenate([self._paths, places.reshape(len(self._paths), -1)], axis=1)

    def branch(self, origins: Sequence[int], tokens: int = 1) -> None:
        """Have each text continue one of the present ones.

        Args:
            origins: The present text that each continues. Texts that none continues are dropped.
            tokens: New tokens of each text.
        """
        self._paths = self._paths[list(origins)]
        self._free(len(origins) * tokens)  # before the mask, which depends on the room
        self.mask = self._mask_for(tokens)

    def _mask_for(self, tokens: int) -> FloatArray:
        texts = len(self._paths)
        earlier = np.zeros((texts, self._room), bool)
        earlier[np.arange(texts)[:, np.newaxis], self._paths] = True
        own = np.kron(np.eye(texts, dtype=bool), np.tri(tokens, dtype=bool))
        visible = np.hstack([np.repeat(earlier, tokens, axis=0), own])
        return np.where(visible, np.float32(0), _HIDDEN)[np.newaxis, np.newaxis]

    @property
    def _room(self) -> int:
        return int(self._data.shape[4])

    def _free(self, count: int) -> "np.ndarray[Any, np.dtype[np.intp]]":
        """Return so many places that no text needs, after making room if there are fewer."""
        is_free = np.ones(self._room, bool)
        is_free[self._paths] = False
        missing = count - int(is_free.sum())
        if missing > 0:
            self._grow(-(-missing // _CHUNK) * _CHUNK)
            return self._free(count)
        return np.flatnonzero(is_free)[:count]

    def _grow(self, places: int) -> None:
        added = np.zeros((*self._data.shape[:4], places, self._shape.head_width), np.float32)
        self._data = np.concatenate([self._data, added], axis=4)
        self.layers = self._views()

    def _views(self) -> "list[tuple[FloatArray, FloatArray]]":
        return [(layer[0], layer[1]) for layer in self._data]
