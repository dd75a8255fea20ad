"""Finds music, tones and noises: stretches of a recording that are neither speech nor silence."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

# Level below which a line is taken to be silent, in decibels below full scale. Lines and quiet rooms are at -52 and
# below, hold music and tones at -37 and above.
_SILENT_DB = -45.0
_STEP_SECONDS = 0.5
# Loud time below which it is a cough or a knock.
_LEAST_SECONDS = 1.5
# Pauses that belong to a sound: a ringing tone is silent for 4 s.
_PAUSE_SECONDS = 5.0


class Stretch(NamedTuple):
    """A stretch of a recording, in seconds from its start."""

    start: float
    end: float


def find_sounds(samples: "Samples", speech: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches of loud sound outside of speech, in order.

    They are told from silence by their level alone, which is nearly free; what they are is not asked.

    Args:
        samples: The whole recording.
        speech: The stretches that are accounted for, in order.
    """
    ends = [0.0, *(stretch.end for stretch in speech)]
    starts = [*(stretch.start for stretch in speech), len(samples) / SAMPLE_RATE]
    gaps = [Stretch(start, end) for start, end in zip(ends, starts, strict=True)]
    return [sound for gap in gaps for sound in _loud_stretches(samples, gap)]


def _loud_stretches(samples: "Samples", gap: Stretch) -> Iterator[Stretch]:
    import numpy as np

    size = round(_STEP_SECONDS * SAMPLE_RATE)
    sound = samples[round(gap.start * SAMPLE_RATE) : round(gap.end * SAMPLE_RATE)]
    steps = sound[: len(sound) // size * size].reshape(-1, size)
    # The deviation, because a constant offset is silent.
    loud = np.flatnonzero(steps.std(axis=1) > 10 ** (_SILENT_DB / 20))
    cuts = np.flatnonzero(np.diff(loud) > _PAUSE_SECONDS / _STEP_SECONDS) + 1
    for run in np.split(loud, cuts):
        if len(run) * _STEP_SECONDS >= _LEAST_SECONDS:
            yield Stretch(
                round(gap.start + float(run[0]) * _STEP_SECONDS, 2),
                round(gap.start + (float(run[-1]) + 1) * _STEP_SECONDS, 2),
            )
