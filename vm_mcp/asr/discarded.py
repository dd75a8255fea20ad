"""What is left of a message when the texts that can't be trusted are taken out: words, and where there are none."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from vm_mcp.asr import hallucination
from vm_mcp.asr.sound_stretches import Stretch, find_sounds
from vm_mcp.asr.voice_activity import has_clear_voice, voiced_seconds
from vm_mcp.audio import SAMPLE_RATE
from vm_mcp.models import Segment, Untranscribed
from vm_mcp.text import fold_words

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

# Seconds of voice below which nothing is said of it: a single word may be slow, doubtful, and said again. What follows
# is calibrated on 287 windows of Turkish and English with 2.5 s and more, 30 of them played backwards.
_LONG = 3.0
# Mean log probability below which hardly a word of a text was right.
_GUESSED = -1.1
# The same for texts that don't fit what was spoken: with fewer tokens in a second of voice than anybody says, or with
# the same few words again and again. Of speech in pieces, or backwards, the model makes `Evet. Evet.`
_DOUBTFUL, _SPARSE, _VARIED, _FEW = -0.8, 1.4, 0.36, 2
# Seconds that a word may take. One with digits may be a whole number, and takes as long as that.
_LONGEST_WORD = 1.0


def sift(segments: Sequence[Segment], samples: "Samples") -> tuple[list[Segment], tuple[Untranscribed, ...]]:
    """Return the segments that were understood, and the stretches of other sound, in order.

    Args:
        segments: One for each window of speech, also where no words came; in order.
        samples: The whole recording.
    """
    understood: list[Segment] = []
    accounted: list[Stretch] = []
    speech: list[Stretch] = []
    for segment in segments:
        place = Stretch(segment.start_seconds, segment.end_seconds)
        if _is_understood(segment, samples):
            understood.append(segment)
            speech += _left_out(segment, samples)
        elif has_clear_voice(_part(samples, place)):
            speech.append(place)
        else:
            continue
        accounted.append(place)
    stretches = [
        *(_untranscribed("speech", place) for place in speech),
        *(_untranscribed("sound", place) for place in find_sounds(samples, accounted)),
    ]
    return understood, tuple(sorted(stretches, key=lambda stretch: stretch.start_seconds))


def _is_understood(segment: Segment, samples: "Samples") -> bool:
    if hallucination.is_hallucination(segment):
        return False
    if segment.avg_logprob >= _DOUBTFUL:
        return True
    voiced = voiced_seconds(_part(samples, Stretch(segment.start_seconds, segment.end_seconds)))
    if voiced < _LONG:
        return True
    words = fold_words(segment.text).split()
    is_sparse = segment.words and sum(word.tokens for word in segment.words) < _SPARSE * voiced
    is_monotonous = len(words) > _FEW and len(set(words)) <= _VARIED * len(words)
    return not (segment.avg_logprob < _GUESSED or is_sparse or is_monotonous)


def _left_out(segment: Segment, samples: "Samples") -> Iterator[Stretch]:
    """Yield the stretches of a segment in which somebody speaks on after a word, and no further word came.

    Whisper ends a text early rather often, above all before a telephone number.
    """
    ends = [*(word.start_seconds for word in segment.words[1:]), segment.end_seconds]
    for word, end in zip(segment.words, ends, strict=bool(segment.words)):
        place = Stretch(round(word.start_seconds + _LONGEST_WORD, 2), round(end, 2))
        is_long = place.end - place.start >= _LONG and not any(char.isdigit() for char in word.text)
        if is_long and voiced_seconds(_part(samples, place)) >= _LONG:
            yield place


def _part(samples: "Samples", place: Stretch) -> "Samples":
    return samples[round(place.start * SAMPLE_RATE) : round(place.end * SAMPLE_RATE)]


def _untranscribed(kind: Literal["speech", "sound"], place: Stretch) -> Untranscribed:
    return Untranscribed(kind=kind, start_seconds=place.start, end_seconds=place.end)
