"""The words of a transcript as tokens of the time grammar.

A token is a short text, and a phrase is its tokens with a space after each, so that the rules of the grammar are
regular expressions over whole tokens: ``rel1 saat n14.l`` for "yarın saat on dörtte". Both languages write numbers and
days alike:

==============  ====================================================
``n14``         a number in words or digits, ``n09`` with its zero
``o3``          an ordinal
``t14:30``      a clock time with a colon, ``v14.30`` one with a dot
``s15/12``      a day and month with a slash or dots, ``s3/12/2026`` with the year
``i2026-12-03`` an ISO date
``r2-4``        two numbers with a dash, ``r14:00-16:00`` two times
``m12``         a month, ``w0`` to ``w6`` Monday to Sunday
``rel1``        today and the days around it: yesterday is ``rel-1``
``x``           something about time that no rule reads
``,``           a comma
==============  ====================================================

A Turkish token has its case after a dot (`vm_mcp.doubt.times.turkish_endings`).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from vm_mcp.doubt.number_words import core_of, largest_count, makes_amount

_SENTENCE_END = (".", "!", "?", "…", ";", ":")
_MOST_DIGITS = 6
"""More digits in a row are a telephone number or another long one."""
_CLOCK = r"(?:[01]?\d|2[0-4])"
_WRITTEN = (
    (re.compile(rf"({_CLOCK}):([0-5]\d)(?::00)?"), "t{}:{}"),
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)"), "i{}-{}-{}"),
    (re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"), "s{}/{}/{}"),
    (re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2})"), "s{}/{}/20{}"),
    (re.compile(r"(?!1/[234]$|2/3$|3/4$|24/7$)(\d{1,2})/(\d{1,2})"), "s{}/{}"),  # not the fractions
    (re.compile(r"(\d{1,2})\.(\d{1,2})"), "v{}.{}"),
    (re.compile(rf"({_CLOCK})[:.]([0-5]\d)[-–]({_CLOCK})[:.]([0-5]\d)"), "r{}:{}-{}:{}"),
    (re.compile(r"(\d{1,2})[-–](\d{1,2})"), "r{}-{}"),
    (re.compile(r"(\d+)"), "n{}"),
)


_MAY_LABEL = re.compile(r"[nvr]\d|s\d+/\d+(?:\.|$)")
"""Tokens that may be the number of a room or of a house."""


class TimeToken(NamedTuple):
    """A word, or several that make one number."""

    text: str
    """Empty for a word that is not about time."""
    first: int
    """Index of its first word."""
    last: int


def written(core: str) -> str:
    """Return the token of digits, of a date or of a time; empty if they are none of these."""
    for pattern, form in _WRITTEN:
        if found := pattern.fullmatch(core):
            return form.format(*found.groups())
    return ""


def is_number(token: str) -> bool:
    """Return whether a token is a number in words or plain digits."""
    return re.match(r"n\d", token) is not None


def ends_sentence(word: str) -> bool:
    """Return whether a sentence ends with a word. A full stop after "p.m." need not end one."""
    if re.fullmatch(r"[ap]\.m\.", word.lower()):
        return False
    return word.rstrip("\"'”’)").endswith(_SENTENCE_END)


def begins_name(words: Sequence[str], index: int) -> bool:
    """Return whether the word there is capitalised within a sentence."""
    if index >= len(words) or (index and ends_sentence(words[index - 1])):
        return False
    return core_of(words[index]).text[:1].isupper()


def without_counts(tokens: Sequence[TimeToken], words: Sequence[str], labels: frozenset[str]) -> list[TimeToken]:
    """Return the tokens with all numbers blanked that are no times: telephone numbers, amounts, counts, room numbers.

    Args:
        tokens: One for every word or number, in order.
        words: Of the transcript.
        labels: Folded words after which a number is a label: room, extension.
    """
    kept = _with_leading_zeros(tokens)
    for start, end in _number_runs(kept, words):
        counted = end < len(kept) and not kept[end].text and _counts(words, kept[end].first)
        last = end - 1 if kept[end - 1].text.startswith("bucuk") else end
        if _is_long(kept[start:last]) or _has_label(kept, start, words, labels):
            kept[start:end] = [token._replace(text="") for token in kept[start:end]]
        elif counted and not ends_sentence(words[kept[end - 1].last]):
            first = max(start, _cased_before(kept, start, end))
            kept[first:end] = [token._replace(text="") for token in kept[first:end]]
    return kept


def _with_leading_zeros(tokens: Sequence[TimeToken]) -> list[TimeToken]:
    """Return the tokens with a zero and the digit after it as one: "sıfır dokuz otuz", "nine oh five"."""
    kept: list[TimeToken] = []
    for token in tokens:
        if kept and kept[-1].text == "n0" and re.match(r"n\d(?:\.|$)", token.text):
            kept[-1] = TimeToken(f"n0{token.text[1:]}", kept[-1].first, token.last)
        else:
            kept.append(token)
    return kept


def _number_runs(tokens: Sequence[TimeToken], words: Sequence[str]) -> list[tuple[int, int]]:
    """Return start and end of each run of numbers within a sentence; a half after them belongs to it."""
    runs, at = [], 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and _MAY_LABEL.match(tokens[end].text):
            end += 1
            if ends_sentence(words[tokens[end - 1].last]):
                break
        if end > at:
            if end < len(tokens) and tokens[end].text == "bucuk":
                end += 1
            runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _cased_before(tokens: Sequence[TimeToken], start: int, end: int) -> int:
    """Return where the last number begins: after one that a case ending closes, as in "on dörtte iki kişi"."""
    closed = [at + 1 for at in range(start, end - 1) if "." in tokens[at].text]
    return closed[-1] if closed else start


def _is_long(tokens: Sequence[TimeToken]) -> bool:
    digits = [re.sub(r"\D", "", token.text) for token in tokens if is_number(token.text)]
    return sum(map(len, digits)) > _MOST_DIGITS or any(re.match(r"0\d\d", each) for each in digits)


def _has_label(tokens: Sequence[TimeToken], start: int, words: Sequence[str], labels: frozenset[str]) -> bool:
    if not start or tokens[start - 1].text:
        return False
    word = words[tokens[start - 1].last]
    core = core_of(word).text
    if ends_sentence(word) and core.lower() not in {"no", "tel"}:
        return False
    from vm_mcp.text import fold

    folded = fold(core).partition("'")[0]
    is_code = core.isupper() and 1 < len(core) <= 4 and core.isalpha()  # noqa: PLR2004 - TK 1984, 34 ABC 15
    return folded in labels or is_code


def _counts(words: Sequence[str], index: int) -> bool:
    return makes_amount(words[index]) or largest_count(words[index]) > 0
