"""Count how often the language of a message is wrong: whole, in short cuts, and with two languages in it.

    uv run python benchmarks/languages.py FOLDER... [--model base] [--verbose]

Each folder has a ``manifest.json`` with recordings, as `speech.recordings` reads it; those without a language are
Turkish. The cuts are 1.5 to 4 s long, at random places that are the same in every run. Messages in two languages are
joined from whole recordings, in both orders, with a pause of 3.5 s.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from speech import recordings
from speech.in_process import transcribe_all

from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Transcript

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_CUT_SECONDS = (1.5, 2, 3, 4)
_SHORTEST = 5.0
_PAUSE = np.zeros(round(3.5 * SAMPLE_RATE), np.float32)
_MOST_JOINED = 8


class Sample(NamedTuple):
    """A sound, and the languages in it, in order."""

    kind: str
    name: str
    languages: tuple[str, ...]
    samples: "Samples"


def main() -> None:
    """Transcribe everything and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--model", default="base")
    parser.add_argument("--verbose", action="store_true", help="print each transcript in the wrong language")
    arguments = parser.parse_args()
    spoken = [each for folder in arguments.folders for each in recordings.load(folder) if each.text]
    samples = [*_wholes(spoken), *_cuts(spoken), *_joined(spoken)]
    transcripts, seconds = transcribe_all([sample.samples for sample in samples], arguments.model)
    counts: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for sample, transcript in zip(samples, transcripts, strict=True):
        is_right = _languages(transcript) == sample.languages
        counts[sample.kind, " then ".join(sample.languages)].append(is_right)
        if arguments.verbose and not is_right:
            print(f"{sample.kind} {sample.name}: {_languages(transcript)} {transcript.text[:80]}")
    for (kind, language), rights in counts.items():
        print(f"{kind}, {language}: {sum(rights)} of {len(rights)} right")
    print(f"{seconds:.0f} s of processor time")


def _languages(transcript: Transcript) -> tuple[str, ...]:
    return tuple(part.language for part in transcript.by_language())


def _wholes(spoken: Sequence[recordings.Recording]) -> Iterator[Sample]:
    for each in spoken:
        yield Sample("whole" if each.seconds >= _SHORTEST else "short", each.name, (each.language,), each.samples)


def _cuts(spoken: Sequence[recordings.Recording]) -> Iterator[Sample]:
    rng = np.random.default_rng(1)
    for each in spoken:
        if each.seconds >= _SHORTEST:
            size = round(rng.choice(_CUT_SECONDS) * SAMPLE_RATE)
            start = rng.integers(SAMPLE_RATE // 4, len(each.samples) - size)
            cut = np.pad(each.samples[start : start + size], SAMPLE_RATE // 2)
            yield Sample("cut", each.name, (each.language,), cut)


def _joined(spoken: Sequence[recordings.Recording]) -> Iterator[Sample]:
    long = [each for each in spoken if each.seconds >= _SHORTEST]
    english = [each for each in long if each.language == "en"]
    turkish = [each for each in long if each.language == "tr"]
    for first, second in list(zip(cycle(english), turkish, strict=False))[:_MOST_JOINED] if english else []:
        for one, other in ((first, second), (second, first)):
            samples = np.concatenate([one.samples, _PAUSE, other.samples])
            yield Sample("joined", f"{one.name} {other.name}", (one.language, other.language), samples)


if __name__ == "__main__":
    main()
