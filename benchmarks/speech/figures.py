"""Compute figures from the outcomes: of one run, and medians over runs."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from speech import wording
from speech.jobs import Heard, Outcome
from speech.recordings import Recording

Figures = dict[str, float]
"""Figures by name; those that don't apply are missing."""


@dataclass(frozen=True)
class Run:
    """One contender's part of one round."""

    number: int
    contender: str
    outcome: Outcome
    figures: Figures

    def as_json(self) -> dict[str, object]:
        """Return the run as JSON, for the file of raw figures."""
        return asdict(self)


def of_outcome(outcome: Outcome, recordings: Sequence[Recording]) -> Figures:
    """Compute one run's figures: seconds, MiB, percent, or counts."""
    audio = sum(recording.seconds for recording in recordings)
    figures = {
        "speed": audio / outcome.seconds,
        "load_seconds": outcome.load_seconds,
        "peak_mib": outcome.peak_mib,
    }
    if outcome.server_mib is not None:
        figures["server_mib"] = outcome.server_mib
    return figures | _waits(outcome.heard) | _message_seconds(outcome.heard) | _words(outcome.heard, recordings)


def _waits(heard: Sequence[Heard]) -> Figures:
    """Return how long somebody waits who asks for all messages at once: for the first text, and for the average one."""
    figures = {"mean_completion_seconds": statistics.fmean(item.ended for item in heard)}
    texts = [item.ended for item in heard if item.text]
    return figures | ({"first_text_seconds": min(texts)} if texts else {})


def _message_seconds(heard: Sequence[Heard]) -> Figures:
    """Return the median and the 95th percentile of the time for one message, in seconds."""
    seconds = [item.seconds for item in heard if item.seconds is not None]
    if not seconds:
        return {}
    return {"p50_seconds": statistics.median(seconds), "p95_seconds": percentile(seconds, 95)}


def _words(heard: Sequence[Heard], recordings: Sequence[Recording]) -> Figures:
    pairs: dict[str, list[wording.Pair]] = {}
    silent, right = [], 0
    for item, recording in zip(heard, recordings, strict=True):
        if not recording.text:
            silent.append(item.text)
            continue
        found = wording.pair(recording.text, item.text, recording.language)
        for group in (recording.language, "all"):
            pairs.setdefault(group, []).append(found)
        right += item.language == recording.language
    figures: Figures = {"invented_words": wording.invented_words(silent), "language_right": right}
    for group, rows in pairs.items():
        counted = wording.rates(rows)
        figures |= {f"wer_{group}": counted.wer, f"cer_{group}": counted.cer}
    return figures


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile, interpolated."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def medians(runs: Sequence[Run]) -> dict[str, Figures]:
    """Return the medians over the runs, by contender."""
    by_contender: dict[str, list[Figures]] = {}
    for run in runs:
        by_contender.setdefault(run.contender, []).append(run.figures)
    return {
        name: {key: statistics.median(figures[key] for figures in rows) for key in rows[0]}
        for name, rows in by_contender.items()
    }


def speed_ratios(runs: Sequence[Run], ours: str) -> Mapping[str, float]:
    """Return how many times faster ``ours`` is than each other contender.

    A value is the median of the ratios within each round. The contenders of a round run right after each other, so a
    machine that slows down affects both sides of a ratio.
    """
    own = {run.number: run.figures["speed"] for run in runs if run.contender == ours}
    ratios: dict[str, list[float]] = {}
    for run in runs:
        if run.contender != ours and run.number in own:
            ratios.setdefault(run.contender, []).append(own[run.number] / run.figures["speed"])
    return {name: statistics.median(values) for name, values in ratios.items()}
