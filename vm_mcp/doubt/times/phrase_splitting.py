"""Finds the phrases about time in a row of tokens, and reads each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vm_mcp.doubt.times.phrase_meaning import meaning_of
from vm_mcp.doubt.times.time_questions import PhraseMeaning
from vm_mcp.doubt.times.time_rules import Anchor, TimeRule, read_all
from vm_mcp.doubt.times.time_tokens import TimeToken, ends_sentence

_LONGEST_PHRASE = 24
"""Tokens. A longer row is a list of numbers, not a time."""


@dataclass(frozen=True, slots=True)
class TimeGrammar:
    """What finds and reads the times of one language."""

    rules: tuple[TimeRule, ...]
    leading: frozenset[str]
    """Tokens that mean nothing at the start of a phrase."""
    trailing: frozenset[str]
    """Tokens that mean nothing at its end."""
    joints: frozenset[str]
    """Tokens between times that are told apart: a comma, "and"."""


@dataclass(frozen=True, slots=True)
class ReadPhrase:
    """A time, and the words that it was read from."""

    first: int
    last: int
    meaning: PhraseMeaning


def phrases(tokens: Sequence[TimeToken], words: Sequence[str]) -> Iterator[list[TimeToken]]:
    """Return the rows of tokens about time. The end of a sentence ends a row; a comma is a token of it."""
    row: list[TimeToken] = []
    for token in tokens:
        if token.text:
            row.append(token)
        if row and (not token.text or _ends(words, token.last)):
            yield row
            row = []
        elif token.text and words[token.last].endswith(","):
            row.append(TimeToken(",", token.last, token.last))
    if row:
        yield row


def read_phrase(row: Sequence[TimeToken], grammar: TimeGrammar, anchor: Anchor) -> list[ReadPhrase]:
    """Return the times in a row of tokens: the whole is one, or all parts between commas are; otherwise none."""
    whole = _read(row, grammar, anchor)
    if whole:
        return [whole]
    pieces = list(_pieces(row, grammar))
    found = [_read(piece, grammar, anchor) for piece in pieces] if len(pieces) > 1 else []
    return [each for each in found if each] if all(found) else []


def _read(row: Sequence[TimeToken], grammar: TimeGrammar, anchor: Anchor) -> ReadPhrase | None:
    """Return the time that a row means, with or without the tokens at its ends that may mean nothing."""
    for kept in dict.fromkeys((tuple(row), _trimmed(row, grammar))):
        if not kept or len(kept) > _LONGEST_PHRASE:
            continue
        items = read_all("".join(f"{token.text} " for token in kept), grammar.rules, anchor)
        meaning = meaning_of(items, anchor) if items else None
        if meaning:
            core = _trimmed(kept, grammar)
            return ReadPhrase(core[0].first, core[-1].last, meaning)
    return None


def _trimmed(row: Sequence[TimeToken], grammar: TimeGrammar) -> tuple[TimeToken, ...]:
    start, end = 0, len(row)
    while start < end and row[start].text in grammar.leading:
        start += 1
    while end > start and row[end - 1].text in grammar.trailing:
        end -= 1
    return tuple(row[start:end])


def _pieces(row: Sequence[TimeToken], grammar: TimeGrammar) -> Iterator[list[TimeToken]]:
    piece: list[TimeToken] = []
    for token in row:
        if token.text not in grammar.joints:
            piece.append(token)
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _ends(words: Sequence[str], at: int) -> bool:
    """Return whether a sentence ends there, and not only a written ordinal: "5. ayın 3'ü"."""
    is_ordinal = re.fullmatch(r"\d{1,2}\.", words[at]) and at + 1 < len(words) and words[at + 1][:1].islower()
    return ends_sentence(words[at]) and not is_ordinal
