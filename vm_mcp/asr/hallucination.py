"""The hallucination filter: keeps out text that nobody spoke.

Whisper was trained on subtitles, and over noise it writes what subtitles end with: credits, and farewells of videos.
Its probabilities alone don't tell these from speech, since it has learnt the phrases by heart and may be sure of them;
the phrases alone don't either, since a caller may thank somebody. So what nobody says to a mailbox is always dropped,
and what a caller might say is dropped only if the model itself doubts it. Segments are judged as a whole: inside a
longer message the same words were probably spoken.
"""

import re
import zlib

from vm_mcp.models import Segment
from vm_mcp.text import fold_words

REPETITIVE = 2.4
"""Compression ratio above which a text is a loop, as in Whisper's own rule."""
# Whisper's own rule for silence: the no-speech probability is above the first and the mean log probability below the
# second.
_NO_SPEECH, _UNSURE = 0.6, -1.0
# The same for noises. Of 33 windows of speech, with and without noise, none had a lower log probability; knocks, keys
# and music mostly do.
_MAYBE_NO_SPEECH, _GUESSED = 0.3, -1.4
# Below this log probability, or above `_MAYBE_NO_SPEECH`, what a caller would hardly say is dropped.
_DOUBTFUL = -0.7

# A word of a hum or a tone, as the model spells it.
_DRAWN_OUT = re.compile(r"[a-z]?([a-z])\1{2,}[a-z]?")
# Subtitle credits, which nobody says to a mailbox. This and `_FAREWELLS` are matched on text as `fold_words` returns
# it.
_CREDITS = re.compile(
    r"(altyazi(lar)?( ve)?( ceviri)?( m k)?( \w+){0,3}|ceviri( ve)? altyazi( \w+){0,3}|bu dizinin betimlemesi.*"
    r"|sesli betimleme.*|subtitles? (by|from) .*|subtitled by .*|captions? by .*|transcri(bed|ption) by .*"
    r"|amara org.*|.*amara org( community)?)"
)
_FAREWELLS = re.compile(
    r"((beni|bizi) )?izlediginiz icin (cok )?tesekkur\w*( eder\w*)?|.*abone olmayi.*unutmayin.*"
    r"|(kanalima|kanalimiza) abone ol\w*"
    r"|bir sonraki videoda gorusmek uzere.*|thank(s| you)( so much| very much)? for watching.*"
    r"|(please )?(like and )?subscribe( to (my|our|the) channel)?|see you in the next video.*"
)


def is_hallucination(segment: Segment) -> bool:
    """Return whether nobody spoke the text of a segment. A plain "teşekkür ederim" or "thank you" is kept."""
    words = fold_words(segment.text)
    if not words or _CREDITS.fullmatch(words) or all(_DRAWN_OUT.fullmatch(word) for word in words.split()):
        return True
    if segment.no_speech_prob > _NO_SPEECH and segment.avg_logprob < _UNSURE:
        return True
    if segment.no_speech_prob > _MAYBE_NO_SPEECH and segment.avg_logprob < _GUESSED:
        return True
    in_doubt = segment.no_speech_prob > _MAYBE_NO_SPEECH or segment.avg_logprob < _DOUBTFUL
    return in_doubt and _FAREWELLS.fullmatch(words) is not None


def compression_ratio(text: str) -> float:
    """Return how many times shorter zlib makes the text: above `REPETITIVE`, hardly anything in it is new."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
