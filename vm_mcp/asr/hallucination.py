"""The hallucination filter: keeps out text that nobody spoke.

Whisper was trained on subtitles, and over noise it writes what subtitles end with: credits, and farewells of videos.
Its probabilities alone don't tell these from speech, since it has learnt the phrases by heart and may be sure of them;
the phrases alone don't either, since a caller may thank somebody. So what nobody says to a mailbox is always dropped,
and what a caller might say is dropped only if the model itself doubts it. Segments are judged as a whole: inside a
longer message the same words were probably spoken. Only credits that nobody could mean otherwise are cut out of one,
because a speech server may return a whole message, with the silence after it, as a single segment.
"""

import re
import zlib
from collections.abc import Iterable
from itertools import accumulate, groupby

from vm_mcp.models import OtherReading, Segment, Word
from vm_mcp.text import fold_words

REPETITIVE = 2.4
"""Compression ratio above which a text is a loop, as in Whisper's own rule."""
# How often a word stands in a row in a loop. Of a telephone number no digit does.
_LOOPED_WORDS = 6
# Whisper's own rule for silence: the no-speech probability is above the first and the mean log probability below the
# second.
_NO_SPEECH, _UNSURE = 0.6, -1.0
# The same for noises. Of 33 windows of speech, with and without noise, none had a lower log probability; knocks, keys
# and music mostly do.
_MAYBE_NO_SPEECH, _GUESSED = 0.3, -1.4
# Below this log probability, or above `_MAYBE_NO_SPEECH`, what a caller would hardly say is dropped.
_DOUBTFUL = -0.7

# Longest phrase, in words, that is looked for in a loop; and how often a caller may say one in a row, such as a digit.
_LONGEST_PHRASE, _MOST_REPEATS = 8, 4

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
    r"|you"  # Whisper's word for silence
)
# Descriptions of sounds, as in subtitles for the deaf: `[Müzik]`. The engines on this computer never decode these
# symbols; whisper.cpp's server does, and answers silence with `[BLANK_AUDIO]`. Digits may be those of a number that
# was said.
_DESCRIPTION_INSIDE = r"\[[^\[\]\d]{1,60}\]|(?<!\w)\*[^*\d]{1,40}\*(?!\w)|[♩♪♫♬]"
_DESCRIPTIONS = re.compile(_DESCRIPTION_INSIDE)
# In speech, parentheses hold what was said, or a number's code; a description in them stands alone and is short.
_DESCRIPTION_ALONE = re.compile(r"\s*\(\s*(?:[^\s()\d]+\s+){0,4}[^\s()\d]+\s*\)[\s.]*")
# Credits within a segment, in text as it is written: those that end in the initials or the site of who made them, and
# the beginning of a film's description, which is always the last sentence. And descriptions of sounds.
_CREDITS_INSIDE = re.compile(
    r"(?<!\w)(?:çeviri\s*(?:ve|[-–,/])?\s*)?alt\s?yaz[ıi](?:lar)?(?:\s*(?:ve|[-–,/])\s*çeviri)?\s*[:;.–-]?\s*"
    r"m\.?\s?k\b\.?"
    r"|(?<!\w)(?:subtitl(?:es?|ed|ing)|captions?|captioned|transcri(?:bed|ption))(?:\s+(?:by|from))?"
    r"(?:\s+the)?\s+(?:www\.)?(?:amara\.?\s?org|castingwords|otter\.ai)(?:\s+community)?\b\.?"
    r"|(?<=[.!?…])\s*bu dizinin betimlemesi\b[^.!?]*[.!?…]*\s*$"
    rf"|{_DESCRIPTION_INSIDE}",
    re.IGNORECASE,
)


def is_hallucination(segment: Segment) -> bool:
    """Return whether nobody spoke the text of a segment. A plain "teşekkür ederim" or "thank you" is kept."""
    if _DESCRIPTION_ALONE.fullmatch(segment.text):
        return True
    words = fold_words(_DESCRIPTIONS.sub(" ", segment.text))
    if not words or _CREDITS.fullmatch(words) or all(_DRAWN_OUT.fullmatch(word) for word in words.split()):
        return True
    if segment.no_speech_prob > _NO_SPEECH and segment.avg_logprob < _UNSURE:
        return True
    if segment.no_speech_prob > _MAYBE_NO_SPEECH and segment.avg_logprob < _GUESSED:
        return True
    in_doubt = segment.no_speech_prob > _MAYBE_NO_SPEECH or segment.avg_logprob < _DOUBTFUL
    return in_doubt and _FAREWELLS.fullmatch(words) is not None


def without_hallucinations(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments that somebody spoke, without credits and descriptions of sounds inside them."""
    spoken = (without_credits(segment) for segment in segments)
    return tuple(segment for segment in spoken if segment.text and not is_hallucination(segment))


def without_credits(segment: Segment) -> Segment:
    """Return a segment without the credits and the descriptions of sounds in its text, as in subtitles.

    Their words go too, and what else was heard there.
    """
    text = " ".join(_CREDITS_INSIDE.sub(" ", segment.text).split())
    if text == segment.text:
        return segment
    words = _words_outside_credits(segment)
    cut = [word for word in segment.words if word not in words]
    readings = tuple(
        reading for reading in segment.other_readings if words and not any(_overlap(reading, word) for word in cut)
    )
    return segment.model_copy(update={"text": text, "words": words, "other_readings": readings})


def without_loop(text: str) -> str:
    """Return a text in which no run of one to `_LONGEST_PHRASE` words is repeated more than `_MOST_REPEATS` times.

    Nothing is cut from a text that is no loop.
    """
    words = text.split()
    if compression_ratio(text) <= REPETITIVE:
        return text
    for size in range(1, _LONGEST_PHRASE + 1):
        words = _few_repeats(words, size)
    return " ".join(words)


def _few_repeats(words: list[str], size: int) -> list[str]:
    """Return the words without those of a phrase of that size after it has been said `_MOST_REPEATS` times in a row."""
    kept: list[str] = []
    same = 0  # words in a row that are as the one a phrase earlier
    for index, word in enumerate(words):
        same = same + 1 if index >= size and word == words[index - size] else 0
        if same <= size * (_MOST_REPEATS - 1):
            kept.append(word)
    return kept


def _words_outside_credits(segment: Segment) -> tuple[Word, ...]:
    """Return the words that no credit covers; text and words have all but white space in common."""
    if not segment.words:
        return ()
    spans = [match.span() for match in _CREDITS_INSIDE.finditer(segment.text)]
    cut = {_letters(segment.text[:index]) for start, end in spans for index in range(start, end)}
    begins = accumulate((_letters(word.text) for word in segment.words), initial=0)
    return tuple(word for word, begin in zip(segment.words, begins, strict=False) if begin not in cut)


def _overlap(reading: OtherReading, word: Word) -> bool:
    begins_inside = word.start_seconds <= reading.start_seconds < word.end_seconds
    return begins_inside or reading.start_seconds <= word.start_seconds < reading.end_seconds


def _letters(text: str) -> int:
    """Return the number of characters that are not white space."""
    return len("".join(text.split()))


def is_loop(text: str) -> bool:
    """Return whether a text repeats a phrase over and over, or one word more often in a row than anybody says it."""
    words = fold_words(text).split()
    longest = max((len(list(run)) for _, run in groupby(words)), default=0)
    return longest >= _LOOPED_WORDS or compression_ratio(text) > REPETITIVE


def compression_ratio(text: str) -> float:
    """Return how many times shorter zlib makes the text: above `REPETITIVE`, hardly anything in it is new."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
