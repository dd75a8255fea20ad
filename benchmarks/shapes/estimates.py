"""Estimate what computers with more cores would take, from what one and two cores took."""

import statistics
from collections.abc import Mapping, Sequence

from shapes.one_run import Outcome

MOST_LANES = 4
"""As in `vm_mcp.asr`."""


def lone_seconds(runs: Mapping[int, Sequence[Outcome]], cores: int) -> float:
    """Return the seconds for one message on a computer that does nothing else.

    The windows of a message are decoded side by side, each on one core, so a message takes as long as the core with
    most of it. What it takes on one core is processor time, which other programs on the machine hardly change.

    Args:
        runs: By number of cores, 1 and 2.
        cores: How many that computer has.
    """
    lanes = min(MOST_LANES, cores)
    alone, beside = _lone_cpu(runs[1]), _lone_cpu(runs[2])
    return statistics.median(
        spent.cpu * _longest(windows, lanes) / sum(windows) * _slowdown(alone, beside, min(lanes, len(windows)))
        for outcome in runs[1]
        for spent, windows in zip(outcome.lone, outcome.lone_windows, strict=True)
    )


def backlog_speed(runs: Mapping[int, Sequence[Outcome]], cores: int) -> float:
    """Return how many seconds of a backlog are transcribed in a second on a computer that does nothing else."""
    lanes = min(MOST_LANES, cores)
    alone, beside = (statistics.median(each.backlog.cpu for each in runs[count]) for count in (1, 2))
    return runs[1][0].backlog_seconds * lanes / (alone * _slowdown(alone, beside, lanes))


def _lone_cpu(outcomes: Sequence[Outcome]) -> float:
    return statistics.median(spent.cpu for outcome in outcomes for spent in outcome.lone)


def _slowdown(alone: float, beside: float, lanes: int) -> float:
    """Return how much more processor time some lanes take: each one more adds what the second one added."""
    return 1 + max(0.0, beside / alone - 1) * (lanes - 1)


def _longest(windows: Sequence[float], lanes: int) -> float:
    """Return the seconds of sound on the lane with most of it, where each window goes to the lane that is free."""
    loads = [0.0] * lanes
    for window in windows:
        loads[loads.index(min(loads))] += window
    return max(loads)
