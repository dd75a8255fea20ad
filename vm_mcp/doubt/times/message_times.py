"""The times in the words of a message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vm_mcp.doubt.number_words import core_of
from vm_mcp.doubt.times.english_time_rules import ENGLISH_RULES
from vm_mcp.doubt.times.english_time_words import english_tokens
from vm_mcp.doubt.times.phrase_meaning import TimeValue
from vm_mcp.doubt.times.phrase_splitting import ReadPhrase, TimeGrammar, phrases, read_phrase
from vm_mcp.doubt.times.time_items import TimeBound
from vm_mcp.doubt.times.time_questions import or_question
from vm_mcp.doubt.times.time_rules import Anchor
from vm_mcp.doubt.times.time_tokens import TimeToken, begins_name, ends_sentence
from vm_mcp.doubt.times.turkish_time_rules import TURKISH_RULES
from vm_mcp.doubt.times.turkish_time_words import turkish_tokens
from vm_mcp.text import fold

_TURKISH = TimeGrammar(
    TURKISH_RULES,
    leading=frozenset({",", "ve", "ile", "tam", "gibi", "kala"}),
    trailing=frozenset({",", "ve", "ile", "tam", "kala"}),
    joints=frozenset({",", "ve"}),
)
_ENGLISH = TimeGrammar(
    ENGLISH_RULES,
    leading=frozenset({",", "and", "or", "to", "at", "on", "in", "the", "of", "a", "about"}),
    trailing=frozenset({",", "and", "or", "to", "at", "on", "in", "the", "of", "a", "about", "from", "by", "between"}),
    joints=frozenset({",", "and", "or"}),
)
_LANGUAGES = {"tr": (turkish_tokens, _TURKISH), "en": (english_tokens, _ENGLISH)}
# Verbs in the past: "geldim", "aramıştım"; şimdi (now) and kendi (self) only look like one.
_PAST_VERBS = {
    "tr": re.compile(r"(?!simdi|kendi|hadi|haydi|yedi|adi)\w{2,}[dt][iu](?:m|k|n|niz|nuz|ler|lar)?"),
    "en": re.compile(r"was|were|had|did|came|called|spoke|bought|got|left|sent|went|saw|made|told|said|\w{3,}ed"),
}
_CORRECTIONS = frozenset(
    ["pardon", "yok", "hayir", "yanlis", "dogrusu", "duzeltiyorum", "sorry", "rather", "actually", "correction", "wait", "oops"]
)
_CORRECTION_REACH = 3
_TITLES = frozenset(
    ["bey", "hanim", "usta", "abi", "abla", "amca", "teyze", "dayi", "hoca", "efendi", "bayan", "mahallesi", "mah", "sokak", "sokagi", "cadde", "caddesi", "bulvari", "okulu", "ilkokulu", "lisesi", "parki", "universitesi", "meydani", "hastanesi", "eczanesi", "apartmani", "sitesi", "pastanesi", "namazi", "yeri", "pazari", "street", "road", "avenue"]
)


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
    question: str
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
        if not _is_name(row, words) and not _follows_number(row, tokens, words)
        for phrase in read_phrase(row, grammar, anchor)
    ]
    kept = [(phrase, _is_corrected(phrase, words)) for phrase in found]
    return [
        _said(phrase, words, language, anchor, is_correction=at > 0 and _replaces(kept[at - 1], phrase))
        for at, (phrase, corrected) in enumerate(kept)
        if not (corrected and at + 1 < len(kept) and _replaces(kept[at], kept[at + 1][0]))
    ]


def _said(phrase: ReadPhrase, words: Sequence[str], language: str, anchor: Anchor, *, is_correction: bool) -> TimeSaid:
    meaning = phrase.meaning
    questions = list(meaning.questions)
    if meaning.before and _is_told_of_past(words, phrase, language):
        questions.insert(0, or_question([meaning.before], anchor.today))
    if is_correction or _is_corrected(phrase, words):
        questions.append("corrected while speaking")
    return TimeSaid(
        range(phrase.first, phrase.last + 1),
        meaning.start,
        meaning.end,
        meaning.bound,
        "; ".join(dict.fromkeys(question for question in questions if question)),
    )


def _is_told_of_past(words: Sequence[str], phrase: ReadPhrase, language: str) -> bool:
    """Return whether a verb of the sentence is in the past: "cuma günü geldim" is another Friday."""
    start = next((at + 1 for at in range(phrase.first - 1, -1, -1) if ends_sentence(words[at])), 0)
    end = next((at + 1 for at in range(phrase.last, len(words)) if ends_sentence(words[at])), len(words))
    around = [*words[start : phrase.first], *words[phrase.last + 1 : end]]
    return any(_PAST_VERBS[language].fullmatch(fold(core_of(word).text)) for word in around)


def _is_corrected(phrase: ReadPhrase, words: Sequence[str]) -> bool:
    after = words[phrase.last + 1 : phrase.last + 1 + _CORRECTION_REACH]
    return any(fold(core_of(word).text) in _CORRECTIONS for word in after)


def _replaces(earlier: tuple[ReadPhrase, bool], later: ReadPhrase) -> bool:
    phrase, is_corrected = earlier
    return is_corrected and later.first - phrase.last <= _CORRECTION_REACH + 1


def _is_name(row: Sequence[TimeToken], words: Sequence[str]) -> bool:
    """Return whether the phrase ends with a month or weekday that is part of a name: Kasım Bey, 19 Mayıs Mahallesi."""
    last = row[-1]
    if not re.fullmatch(r"(?:m\d+|w\d)(?:\.a)?", last.text) or last.last + 1 >= len(words):
        return False
    if not words[last.last].endswith(core_of(words[last.last]).text):
        return False
    return fold(core_of(words[last.last + 1]).text) in _TITLES or begins_name(words, last.last + 1)


def _follows_number(row: Sequence[TimeToken], tokens: Sequence[TimeToken], words: Sequence[str]) -> bool:
    """Return whether a phrase of numbers alone goes on with a number before it, such as the end of a telephone number."""
    if not all(re.match(r"[nvr]\d|,", token.text) for token in row) or not row[0].first:
        return False
    before = core_of(words[row[0].first - 1]).text
    return any(char.isdigit() for char in before) or any(
        re.match(r"[nvr]\d", token.text) for token in tokens if token.last == row[0].first - 1
    )
