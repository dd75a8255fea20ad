"""What the rows of a step attend to: the tokens of their own text, each once, and nothing else."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vm_mcp.asr.packed.model_shape import ModelShape
from vm_mcp.asr.packed.token_tree import TokenTree

LAYERS, HEADS, WIDTH = 2, 2, 4
SHAPE = ModelShape(
    width=WIDTH,
    heads=HEADS,
    layers=LAYERS,
    mels=1,
    start=0,
    end=1,
    no_speech=2,
    languages={},
    suppressed=(),
    suppressed_first=(),
    alignment_heads=((0, 0),),
)


class Tree:
    """A tree, and beside it each text as a list of numbers. A token's vectors hold its number and their place."""

    def __init__(self, texts: int, tokens: int) -> None:
        self.tree = TokenTree(SHAPE, texts, tokens)
        self.texts: list[list[int]] = [[] for _ in range(texts)]
        self._count = 0

    def add(self, tokens: int) -> None:
        """Add so many new tokens to each text."""
        rows = len(self.texts) * tokens
        numbers = np.arange(self._count, self._count + rows)
        self._count += rows
        for text, new in zip(self.texts, numbers.reshape(-1, tokens).tolist(), strict=True):
            text.extend(new)
        self.tree.add(vectors(numbers))

    def branch(self, origins: Sequence[int], tokens: int = 1) -> None:
        self.texts = [[*self.texts[origin]] for origin in origins]
        self.tree.branch(origins, tokens)

    def attended(self, tokens: int) -> list[list[int]]:
        """Return the numbers of the earlier tokens that each row attends to.

        It checks their vectors, and that of so many new tokens of a text each attends to those up to itself.
        """
        rows, room = len(self.texts) * tokens, self.tree.layers[0][0].shape[2]
        assert self.tree.mask.shape == (1, 1, rows, room + rows)
        visible = self.tree.mask[0, 0] == 0
        assert (self.tree.mask[0, 0][~visible] < -1e9).all()
        one, row = np.ogrid[:rows, :rows][::-1]
        assert (visible[:, room:] == ((one // tokens == row // tokens) & (one <= row))).all()
        return [self._numbers(np.flatnonzero(row)) for row in visible[:, :room]]

    def _numbers(self, places: "np.ndarray[Any, Any]") -> list[int]:
        parts = [part[0][:, places] for layer in self.tree.layers for part in layer]  # (heads, tokens, head width) each
        found = np.stack(parts).transpose(0, 2, 1, 3).reshape(2 * LAYERS, len(places), WIDTH)
        numbers = np.round(found[0, :, 0]).astype(np.int64)
        assert (found == vectors(numbers)).all()
        return sorted(numbers.tolist())


def vectors(numbers: "np.ndarray[Any, Any]") -> "np.ndarray[Any, np.dtype[np.float32]]":
    """Return what a step makes of some tokens: (2 x layers, tokens, width)."""
    places = np.arange(2 * LAYERS)[:, np.newaxis, np.newaxis] * WIDTH + np.arange(WIDTH)
    return (numbers[:, np.newaxis] + places / 64).astype(np.float32)


@given(st.data(), st.integers(1, 4), st.integers(1, 9))
@settings(max_examples=50)
def test_each_row_attends_to_the_tokens_of_its_own_text(data: st.DataObject, texts: int, tokens: int) -> None:
    both = Tree(texts, tokens)
    assert both.attended(tokens) == [[]] * texts * tokens
    both.add(tokens)
    for _ in range(data.draw(st.integers(1, 30))):
        new = data.draw(st.sampled_from([1, 1, 1, 1, 2, 9]))
        both.branch(data.draw(st.lists(st.integers(0, len(both.texts) - 1), min_size=1, max_size=6)), new)
        assert both.attended(new) == [sorted(text) for text in both.texts for _ in range(new)]
        assert both.tree.length == len(both.texts[0])
        both.add(new)


def test_what_no_text_needs_any_more_makes_room_for_what_comes() -> None:
    both = Tree(1, 4)
    both.add(4)
    for _ in range(100):
        both.branch([0, 0, 0, 0, 0])
        both.add(1)
    assert both.tree.length == 104
    assert both.tree.layers[0][0].shape[2] <= 104 + 4 + 32  # else it would be 504


def test_arrays_are_replaced_only_when_they_change() -> None:
    both = Tree(1, 1)
    both.add(1)
    layers = both.tree.layers
    for _ in range(5):
        both.branch([0, 0])
        both.add(1)
    assert both.tree.layers is layers
