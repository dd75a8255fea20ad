"""Parse what a user typed into a search: into a condition, and into a finder of the same things in a text.

A bare word matches all words that begin with it, because Turkish adds endings: ``randevu`` finds ``randevunuzu``.
``"Words in quotes"`` match exactly, in that order. All parts must match, in the transcript or in the caller's name.
A number, in digits or in words, also matches the caller's number, and numbers said in the message, in any spelling and
also in words. Nothing that a user types is query syntax.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from vm_mcp.archive.conditions import AllOf, AnyOf, Condition, Match
from vm_mcp.archive.words import SHORTEST_NUMBER, SHORTEST_PART, SaidText, Term, finds_number, folded_terms, numbers
from vm_mcp.errors import InputError
from vm_mcp.telephone import number_spellings

if TYPE_CHECKING:
    from vm_mcp.doubt.said_digits import SaidDigits

MOST_WORDS = 32

Span = tuple[int, int]

_QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
_SHORTEST_SOFTENED = 4  # letters; shorter words would match too many others
_SOFTENED = {"k": "g", "p": "b", "t": "d"}


class QueryPart(Protocol):
    """One part of a query. Both methods agree: a text that meets the condition has spans, and no other has."""

    def condition(self) -> Condition:
        """Return what a message that matches has."""
        ...

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        ...


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that may go on. Turkish softens a last consonant before an ending: ``elektrik``, ``elektriği``."""

    word: str
    near: tuple[str, ...] = ()
    """Words of the index that it may have been misheard as; they match as well."""

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What a matching word begins with."""
        softened = _SOFTENED.get(self.word[-1]) if len(self.word) >= _SHORTEST_SOFTENED else None
        return (self.word, self.word[:-1] + softened) if softened else (self.word,)

    def condition(self) -> Condition:
        """Return what a message that matches has."""
        exact = (Match("said", (word,), is_prefix=True) for word in self.beginnings)
        return AnyOf((*exact, *(Match("misheard", (word,)) for word in self.near)))

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        beginnings = self.beginnings
        return [
            (term.start, term.end)
            for term in said.terms
            if term.folded.startswith(beginnings) or term.folded in self.near
        ]

    def close_terms(self, terms: Iterable[Term]) -> list[Term]:
        """Return those of some words that only resemble the part's word."""
        return [term for term in terms if term.folded in self.near and not term.folded.startswith(self.beginnings)]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Whole words, one after the other."""

    words: tuple[str, ...]

    def condition(self) -> Condition:
        """Return what a message that matches has."""
        return Match("said", self.words)

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        terms = said.terms
        count, folded = len(self.words), tuple(term.folded for term in terms)
        starts = [at for at in range(len(terms) - count + 1) if folded[at : at + count] == self.words]
        return [(terms[at].start, terms[at + count - 1].end) for at in starts]


@dataclass(frozen=True, slots=True)
class NumberPart:
    """Digits written as one number, or a number in words.

    They may be a telephone number or a part of one, spaced in any way. They may also be words of the text, such as a
    price or a year written otherwise. So either may match.
    """

    as_words: tuple["QueryPart", ...]
    """The same as words of the text."""
    numbers: tuple[str, ...]
    """The digits, by each way to read them."""

    def condition(self) -> Condition:
        """Return what a message that matches has."""
        as_words = AllOf(tuple(part.condition() for part in self.as_words))
        # The index holds every ending of a number, so a prefix search finds any digits in a row (see `number_terms`).
        digits = (
            Match("number", (spelling,), is_prefix=len(spelling) >= SHORTEST_PART)
            for spelling in sorted(set().union(*map(number_spellings, self.numbers)))
        )
        return AnyOf((as_words, *digits))

    def spans(self, said: SaidText) -> list[Span]:
        """Return where the part occurs in a text."""
        whole = [(number.start, number.end) for number in said.numbers if self._finds(number.written)]
        by_word = [part.spans(said) for part in self.as_words]
        return whole + [span for spans in by_word for span in spans] * all(by_word)

    def _finds(self, number: str) -> bool:
        return any(finds_number(typed, number) for typed in self.numbers)


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
        raise InputError("`query` contains more than {most} words. Give fewer.", most=MOST_WORDS)
    return parts


def condition(parts: Iterable[QueryPart]) -> Condition:
    """Return what a message has in which all parts are found."""
    return AllOf(tuple(part.condition() for part in parts))


def find(parts: Iterable[QueryPart], said: SaidText) -> list[Span]:
    """Return where any of the parts occurs in a text, in order; spans that overlap or touch are merged."""
    return merge(span for part in parts for span in part.spans(said))


def merge(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those merged that overlap or touch."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _bare(text: str) -> list[QueryPart]:
    parts: list[QueryPart] = []
    at = 0
    for number in numbers(text):
        if number.digit_count >= SHORTEST_NUMBER:
            parts += [*_spoken(text[at : number.start]), _written(number.written)]
            at = number.end
    return [*parts, *_spoken(text[at:])]


def _spoken(text: str) -> list[QueryPart]:
    """Return the parts of a text without long numbers in digits: numbers in words, and other words."""
    # A server starts without it.
    from vm_mcp.doubt.said_digits import spoken_digits

    words = text.split()
    parts: list[QueryPart] = []
    at = 0
    for said in _longest(spoken_digits(words)):
        if said.first >= at:
            between, spoken = words[at : said.first], words[said.first : said.last + 1]
            phrase = Phrase(_folded(" ".join(spoken)))
            parts += [*_prefixes(" ".join(between)), NumberPart((phrase,), said.numbers)]
            at = said.last + 1
    return [*parts, *_prefixes(" ".join(words[at:]))]


def _longest(found: Iterable["SaidDigits"]) -> list["SaidDigits"]:
    """Return numbers of several words, in order; of those that begin with the same word, the longest first."""
    several = [
        said for said in found if said.last > said.first and all(len(each) >= SHORTEST_NUMBER for each in said.numbers)
    ]
    return sorted(several, key=lambda said: (said.first, -said.last))


def _written(number: str) -> NumberPart:
    return NumberPart(tuple(_prefixes(number)), (number,))


def _prefixes(text: str) -> list[Prefix]:
    return [Prefix(word) for word in folded_terms(text)]


def _folded(text: str) -> tuple[str, ...]:
    return tuple(folded_terms(text))


def _in_quotes(text: str) -> list[QueryPart]:
    words = _folded(text)
    return [Phrase(words)] if words else []
