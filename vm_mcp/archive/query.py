"""Parse what a user typed into a search: into an FTS5 expression, and into a finder of the same things in a text.

A bare word matches all words that begin with it, because Turkish adds endings: ``randevu`` finds ``randevunuzu``.
``"Words in quotes"`` match exactly, in that order. All parts must match, in the transcript or in the caller's name.
Digits written as a number also match the caller's number, and numbers said in the message, in any spelling and also in
words. Nothing that a user types is query syntax.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from vm_mcp.archive.words import SHORTEST_PART, SaidText, finds_number, folded_terms, numbers
from vm_mcp.errors import InputError
from vm_mcp.telephone import number_spellings

MOST_WORDS = 32

Span = tuple[int, int]

_QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
_SHORTEST_NUMBER = 3  # digits; fewer are a time, a day or an amount
_SHORTEST_SOFTENED = 4  # letters; shorter words would match too many others
_SOFTENED = {"k": "g", "p": "b", "t": "d"}


class QueryPart(Protocol):
    """One part of a query. Both methods agree: a text that matches the expression has spans, and no other has."""

    def expression(self) -> str:
        """Return the part as an FTS5 expression."""
        ...

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        ...


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that may go on. Turkish softens a last consonant before an ending: ``elektrik``, ``elektriği``."""

    word: str

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What a matching word begins with."""
        softened = _SOFTENED.get(self.word[-1]) if len(self.word) >= _SHORTEST_SOFTENED else None
        return (self.word, self.word[:-1] + softened) if softened else (self.word,)

    def expression(self) -> str:
        """Return the part as an FTS5 expression."""
        return "{said name} : (" + " OR ".join(f"{_quoted(word)} *" for word in self.beginnings) + ")"

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        return [(term.start, term.end) for term in said.terms if term.folded.startswith(self.beginnings)]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Whole words, one after the other."""

    words: tuple[str, ...]

    def expression(self) -> str:
        """Return the part as an FTS5 expression."""
        return "{said name} : " + _quoted(" ".join(self.words))

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        terms = said.terms
        count, folded = len(self.words), tuple(term.folded for term in terms)
        starts = [at for at in range(len(terms) - count + 1) if folded[at : at + count] == self.words]
        return [(terms[at].start, terms[at + count - 1].end) for at in starts]


@dataclass(frozen=True, slots=True)
class NumberPart:
    """Digits written as one number.

    They may be a telephone number or a part of one, spaced in any way. They may also be words of the text, such as a
    price or a year, which are not indexed as numbers. So either may match.
    """

    written: str

    def expression(self) -> str:
        """Return the part as an FTS5 expression."""
        as_words = " AND ".join(part.expression() for part in self._words())
        # The index holds every ending of a number, so a prefix search finds any digits in a row (see `number_terms`).
        digits = " OR ".join(
            _quoted(spelling) + " *" * (len(spelling) >= SHORTEST_PART)
            for spelling in sorted(number_spellings(self.written))
        )
        return f"(({as_words}) OR number : ({digits}))"

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        whole = [(number.start, number.end) for number in said.numbers if finds_number(self.written, number.written)]
        by_word = [part.spans(said) for part in self._words()]
        return whole + [span for spans in by_word for span in spans] * all(by_word)

    def _words(self) -> list[Prefix]:
        return [Prefix(word) for word in folded_terms(self.written)]


def parse(query: str) -> list[QueryPart]:
    """Return the parts of what a user typed.

    Raises:
        InputError: It contains no words, or more than `MOST_WORDS`.
    """
    parts: list[QueryPart] = []
    at = 0
    for match in _QUOTED.finditer(query):
        parts += [*_bare(query[at : match.start()]), *_in_quotes(match[1])]
        at = match.end()
    parts += _bare(query[at:])
    if not parts:
        raise InputError("`query` contains no words. Give words that were said, a caller's name or a number.")
    if len(folded_terms(query)) > MOST_WORDS:
        raise InputError(f"`query` contains more than {MOST_WORDS} words. Give fewer.")
    return parts


def expression(parts: Iterable[QueryPart]) -> str:
    """Return an FTS5 expression that matches where all parts do."""
    return " AND ".join(f"({part.expression()})" for part in parts)


def find(parts: Iterable[QueryPart], said: SaidText) -> list[Span]:
    """Return where any of the parts occurs in a text, in order; spans that overlap or touch are merged."""
    merged: list[Span] = []
    for start, end in sorted(span for part in parts for span in part.spans(said)):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _bare(text: str) -> list[QueryPart]:
    parts: list[QueryPart] = []
    at = 0
    for number in numbers(text):
        if number.digit_count >= _SHORTEST_NUMBER:
            parts += [*map(Prefix, folded_terms(text[at : number.start])), NumberPart(number.written)]
            at = number.end
    return [*parts, *map(Prefix, folded_terms(text[at:]))]


def _in_quotes(text: str) -> list[QueryPart]:
    words = tuple(folded_terms(text))
    return [Phrase(words)] if words else []


def _quoted(words: str) -> str:
    """Return an FTS5 string. Folded words are letters and digits only, so nothing in them can end it."""
    return f'"{words}"'
