"""Keeps out text that nobody spoke: speech models learnt from subtitles, and recite their credits over noise."""

import re
import zlib

from vm_mcp.models import Segment
from vm_mcp.text import fold_words

REPETITIVE = 2.4
"""Compression ratio above which a text is one phrase over and over."""
# Whisper's own rule for silence.
_SILENT, _UNSURE = 0.6, -1.0
# Of 33 windows of speech, with and without noise, none was read with less; knocks, keys and music mostly are.
_GUESSED = -1.4
# What a caller might say, if hardly ever, goes only where the model itself has doubts.
_MAYBE_SILENT, _MAYBE_UNSURE = 0.3, -0.7

# A word of a hum or a tone, as the model spells it.
_DRAWN_OUT = re.compile(r"[a-z]?([a-z])\1{2,}[a-z]?")
# Subtitle credits, which nobody says to a mailbox. Matched on folded text, see `fold_words`.
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


def is_invented(segment: Segment) -> bool:
    """Whether a whole segment is text that the model made up. A plain "teşekkür ederim" or "thank you" is not."""
    words = fold_words(segment.text)
    if not words or _CREDITS.fullmatch(words) or all(_DRAWN_OUT.fullmatch(word) for word in words.split()):
        return True
    if segment.no_speech_prob > _SILENT and segment.avg_logprob < _UNSURE:
        return True
    if segment.no_speech_prob > _MAYBE_SILENT and segment.avg_logprob < _GUESSED:
        return True
    in_doubt = segment.no_speech_prob > _MAYBE_SILENT or segment.avg_logprob < _MAYBE_UNSURE
    return in_doubt and _FAREWELLS.fullmatch(words) is not None


def compression_ratio(text: str) -> float:
    """How much shorter zlib makes the text; above `REPETITIVE`, hardly anything in it is new."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
