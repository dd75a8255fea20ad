"""What the outcomes amount to: figures of a run, and medians over the runs."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from speech import wording
from speech.jobs import Heard, Outcome
from speech.recordings import Recording

Figures = dict[str, float]
"""Figures by name; one that does not apply is not there."""


@dataclass(frozen=True)
class Run:
    """One contender's share of one round."""

    number: int
    contender: str
    outcome: Outcome
    figures: Figures

    def as_json(self) -> dict[str, object]:
        """Everything, for the file of raw figures."""
        return asdict(self)


def of_outcome(outcome: Outcome, recordings: Sequence[Recording]) -> Figures:
    """Work out one run's figures: seconds, MiB, percent, or a count."""
    audio = sum(recording.seconds for recording in recordings)
    figures = {
        "speed": audio / outcome.seconds,
        "load_seconds": outcome.load_seconds,
        "peak_mib": outcome.peak_mib,
    }
    if outcome.server_mib is not None:
        figures["server_mib"] = outcome.server_mib
    return figures | _patience(outcome.heard) | _words(outcome.heard, recordings)


def _patience(heard: Sequence[Heard]) -> Figures:
    """How long one message took."""
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
    """The value that so many percent don't exceed, interpolated."""
    if len(values) == 1:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def medians(runs: Sequence[Run]) -> dict[str, Figures]:
    """Medians over the runs, by contender."""
    by_contender: dict[str, list[Figures]] = {}
    for run in runs:
        by_contender.setdefault(run.contender, []).append(run.figures)
    return {
        name: {key: statistics.median(figures[key] for figures in rows) for key in rows[0]}
        for name, rows in by_contender.items()
    }


def speed_ratios(runs: Sequence[Run], ours: str) -> Mapping[str, float]:
    """How many times faster ours is than each other contender: the median of the ratios within one round each.

    The contenders of a round ran right after each other, so a machine whose speed drifts drifts for both.
    """
    own = {run.number: run.figures["speed"] for run in runs if run.contender == ours}
    ratios: dict[str, list[float]] = {}
    for run in runs:
        if run.contender != ours and run.number in own:
            ratios.setdefault(run.contender, []).append(own[run.number] / run.figures["speed"])
    return {name: statistics.median(values) for name, values in ratios.items()}
