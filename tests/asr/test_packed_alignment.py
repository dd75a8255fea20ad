"""Where tokens are in the sound: as a plain form of the same computation finds it."""

import itertools
import math
import statistics
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.asr.packed.alignment import _median, _path, align

Costs = list[list[float]]


def plain_totals(costs: Costs) -> Costs:
    """Return the cost of the cheapest path to each place, with a border."""
    totals = [[math.inf] * (len(costs[0]) + 1) for _ in range(len(costs) + 1)]
    totals[0][0] = 0
    for token, row in enumerate(costs, 1):
        for step, cost in enumerate(row, 1):
            before = (totals[token - 1][step - 1], totals[token - 1][step], totals[token][step - 1])
            totals[token][step] = cost + min(before)
    return totals


def plain_path(costs: Costs) -> list[tuple[int, int]]:
    """Return the cheapest path; of equal ones, that which stays with a token, else that which goes on to the next."""
    totals = plain_totals(costs)
    token, step, path = len(costs), len(costs[0]), list[tuple[int, int]]()
    while token and step:
        path.append((token - 1, step - 1))
        befores = [(token, step - 1), (token - 1, step - 1), (token - 1, step)]
        token, step = min(befores, key=lambda place: totals[place[0]][place[1]])
    return path[::-1]


def plain_median(row: list[float]) -> list[float]:
    last = len(row) - 1
    if last < 3:
        return row
    around = [[row[last - abs(last - abs(at + shift))] for shift in range(-3, 4)] for at in range(len(row))]
    return [statistics.median(each) for each in around]


@given(st.data(), st.integers(1, 9), st.integers(1, 30))
def test_the_path_is_the_cheapest_even_among_equal_ones(data: st.DataObject, tokens: int, steps: int) -> None:
    row = st.lists(st.integers(-3, 3).map(float), min_size=steps, max_size=steps)
    costs = data.draw(st.lists(row, min_size=tokens, max_size=tokens))
    assert _path(np.array(costs)) == plain_path(costs)


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_the_median_is_of_seven_values_mirrored_at_the_ends(seed: int, steps: int) -> None:
    values = np.random.default_rng(seed).normal(size=(2, 3, steps)).round(1)
    plain = [[plain_median(row) for row in head] for head in values.tolist()]
    assert _median(values).tolist() == plain


@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 12), st.integers(1, 60), st.integers(0, 3))
def test_the_path_follows_the_attention(seed: int, heads: int, tokens: int, steps: int, first: int) -> None:
    attention = np.random.default_rng(seed).normal(scale=3, size=(heads, first + tokens + 1, steps)).astype(np.float32)
    costs = plain_costs(attention.astype(np.float64))[first : first + tokens]
    path = align(attention, first, first + tokens)
    assert (path[0], path[-1]) == ((0, 0), (tokens - 1, steps - 1))
    moves = {(after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(path)}
    assert moves <= {(0, 1), (1, 0), (1, 1)}
    cost = sum(costs[token][step] for token, step in path)
    assert math.isclose(cost, plain_totals(costs)[-1][-1], rel_tol=1e-4, abs_tol=1e-3)


def plain_costs(attention: "np.ndarray[Any, np.dtype[np.float64]]") -> Costs:
    """Return the mean attention of all heads, negative, for (heads, tokens, steps) before the softmax."""
    by_head = []
    for head in attention:
        shares = np.array([np.exp(row) / np.exp(row).sum() for row in head])
        columns = [(column - column.mean()) / max(column.std(), 1e-10) for column in shares.T]
        by_head.append([plain_median(row) for row in np.array(columns).T.tolist()])
    return [[-statistics.fmean(values) for values in zip(*rows, strict=True)] for rows in zip(*by_head, strict=True)]


def test_without_sound_there_is_no_path() -> None:
    assert align(np.zeros((2, 4, 0), np.float32), 1, 4) == []


def test_attention_to_nothing_still_has_a_path() -> None:
    assert align(np.zeros((2, 4, 9), np.float32), 1, 4)[-1] == (2, 8)
    assert align(np.zeros((2, 4, 1), np.float32), 1, 4) == [(0, 0), (1, 0), (2, 0)]
