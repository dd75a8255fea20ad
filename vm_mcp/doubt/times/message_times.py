"""The times in the words of a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from vm_mcp.doubt.times.english_time_rules import ENGLISH_RULES
from vm_mcp.doubt.times.english_time_words import english_tokens
from vm_mcp.doubt.times.phrase_splitting import ReadPhrase, TimeGrammar, phrases, read_phrase
from vm_mcp.doubt.times.spoken_context import (
    CORRECTION_REACH,
    follows_number,
    is_about_moving,
    is_corrected,
    is_name,
    is_told_of_past,
)
from vm_mcp.doubt.times.time_questions import TimeValue, or_question
from vm_mcp.doubt.times.time_rules import Anchor
from vm_mcp.doubt.times.turkish_time_rules import TURKISH_RULES
from vm_mcp.doubt.times.turkish_time_words import turkish_tokens
from vm_mcp.models import TimeBound
from vm_mcp.wording import Words, joined

_TURKISH = TimeGrammar(
    TURKISH_RULES,
    leading=frozenset({",", "-", "ve", "ile", "tam", "gibi", "kala", "gun.a", "saat.a", "ay.a"}),
    trailing=frozenset({",", "-", "ve", "ile", "tam", "kala"}),
    joints=frozenset({",", "-", "ve"}),
)
_ENGLISH = TimeGrammar(
    ENGLISH_RULES,
    leading=frozenset({",", "-", "and", "or", "to", "at", "on", "in", "the", "of", "a", "about"}),
    trailing=frozenset(
        {",", "-", "and", "or", "to", "at", "on", "in", "the", "of", "a", "about", "from", "by", "between"}
    ),
    joints=frozenset({",", "-", "and", "or"}),
)
_LANGUAGES = {"tr": (turkish_tokens, _TURKISH), "en": (english_tokens, _ENGLISH)}


@dataclass(frozen=True, slots=True)
class TimeSaid:
    """A time, and the words that it was read from."""

    words: range
    """Indices of its words."""
    value: TimeValue
    """A day, a moment in the account's zone, or a time of day whose day was not said."""
    end: TimeValue | None
    """The other end of an interval; None if it is none."""
    bound: TimeBound
    question: Words
    """What to ask before relying on it; empty if it is sure."""


def find_times(words: Sequence[str], language: str, received_at: datetime) -> list[TimeSaid]:
    """Return the times that were said, in order.

    Args:
        words: The words of a transcript, with their punctuation.
        language: ISO 639-1 code; empty: the one of the two that reads more. None are read in others.
        received_at: When the message was left, aware, in the account's zone.
    """
    if language:
        return _in_language(words, language, received_at) if language in _LANGUAGES else []
    return max((_in_language(words, each, received_at) for each in _LANGUAGES), key=len)


def _in_language(words: Sequence[str], language: str, received_at: datetime) -> list[TimeSaid]:
    tokenize, grammar = _LANGUAGES[language]
    tokens, anchor = tokenize(words), Anchor(received_at)
    found = [
        phrase
        for row in phrases(tokens, words)
        if not is_name(row, words) and not follows_number(row, words)
        for phrase in read_phrase(row, grammar, anchor)
    ]
    replacing = [False, *(_replaces(earlier, later, words) for earlier, later in pairwise(found)), False]
    return [
        _said(phrase, words, language, anchor, is_correction=replacing[at])
        for at, phrase in enumerate(found)
        if not replacing[at + 1]
    ]


def _said(phrase: ReadPhrase, words: Sequence[str], language: str, anchor: Anchor, *, is_correction: bool) -> TimeSaid:
    meaning, span = phrase.meaning, range(phrase.first, phrase.last + 1)
    is_past = meaning.before and is_told_of_past(words, span, language)
    questions = (
        or_question([meaning.before], anchor.today) if meaning.before and is_past else "",
        *meaning.questions,
        "or moved from one to the other?" if meaning.is_range and is_about_moving(words, span, language) else "",
        "corrected while speaking" if is_correction or is_corrected(words, phrase.last) else "",
    )
    return TimeSaid(
        span,
        meaning.start,
        meaning.end,
        meaning.bound,
        joined("; ", dict.fromkeys(map(Words.of, questions))),
    )


def _replaces(earlier: ReadPhrase, later: ReadPhrase, words: Sequence[str]) -> bool:
    """Return whether a time corrects the one before it: "yarın, pardon, öbür gün"."""
    return is_corrected(words, earlier.last) and later.first - earlier.last <= CORRECTION_REACH + 1
