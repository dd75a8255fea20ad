"""What a user typed into a search -> what must be found, as an FTS5 expression and as places in a text.

Bare words find what begins with them, since Turkish adds endings: ``randevu`` finds ``randevunuzu``. ``"Words in
quotes"`` are found as they are, in that order. All must be found, in the transcript or in the caller's name. Digits
that are written as a number also find the caller's number, and numbers said in the message, in any spelling and also
in words. Nothing of what is typed is query syntax.
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
_SHORTEST_SOFTENED = 4  # letters; shorter words would find too many others
_SOFTENED = {"k": "g", "p": "b", "t": "d"}


class QueryPart(Protocol):
    """One thing that must be found."""

    def expression(self) -> str:
        """Say it in FTS5's language."""
        ...

    def spans(self, said: SaidText) -> list[Span]:
        """Return where it was said."""
        ...


@dataclass(frozen=True, slots=True)
class Prefix:
    """A word that begins so. The last consonant of a Turkish word may soften before an ending: elektrik, elektriği."""

    word: str

    @property
    def beginnings(self) -> tuple[str, ...]:
        """What a word may begin with."""
        softened = _SOFTENED.get(self.word[-1]) if len(self.word) >= _SHORTEST_SOFTENED else None
        return (self.word, self.word[:-1] + softened) if softened else (self.word,)

    def expression(self) -> str:
        """Say it in FTS5's language."""
        return "{said name} : (" + " OR ".join(f"{_quoted(word)} *" for word in self.beginnings) + ")"

    def spans(self, said: SaidText) -> list[Span]:
        """Return where it was said."""
        return [(term.start, term.end) for term in said.terms if term.folded.startswith(self.beginnings)]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow one another, as they are."""

    words: tuple[str, ...]

    def expression(self) -> str:
        """Say it in FTS5's language."""
        return "{said name} : " + _quoted(" ".join(self.words))

    def spans(self, said: SaidText) -> list[Span]:
        """Return where it was said."""
        terms = said.terms
        count, folded = len(self.words), tuple(term.folded for term in terms)
        starts = [at for at in range(len(terms) - count + 1) if folded[at : at + count] == self.words]
        return [(terms[at].start, terms[at + count - 1].end) for at in starts]


@dataclass(frozen=True, slots=True)
class NumberPart:
    """Digits written as one number: a telephone number, or part of one, however spaced; or else words."""

    written: str

    def expression(self) -> str:
        """Say it in FTS5's language."""
        as_words = " AND ".join(part.expression() for part in self._words())
        digits = " OR ".join(
            _quoted(spelling) + " *" * (len(spelling) >= SHORTEST_PART)
            for spelling in sorted(number_spellings(self.written))
        )
        return f"(({as_words}) OR number : ({digits}))"

    def spans(self, said: SaidText) -> list[Span]:
        """Return where it was said."""
        whole = [(number.start, number.end) for number in said.numbers if finds_number(self.written, number.written)]
        found = [part.spans(said) for part in self._words()]
        return whole + [span for spans in found for span in spans] * all(found)

    def _words(self) -> list[Prefix]:
        return [Prefix(word) for word in folded_terms(self.written)]


def parse(query: str) -> list[QueryPart]:
    """Read what a user typed.

    Raises:
        InputError: It holds no word, or more than `MOST_WORDS`.
    """
    parts: list[QueryPart] = []
    at = 0
    for match in _QUOTED.finditer(query):
        parts += [*_bare(query[at : match.start()]), *_in_quotes(match[1])]
        at = match.end()
    parts += _bare(query[at:])
    if not parts:
        raise InputError("`query` holds no word. Give words that were said, a caller's name or a number.")
    if len(folded_terms(query)) > MOST_WORDS:
        raise InputError(f"`query` holds more than {MOST_WORDS} words. Give fewer.")
    return parts


def expression(parts: Iterable[QueryPart]) -> str:
    """Say in FTS5's language that all of them must be found."""
    return " AND ".join(f"({part.expression()})" for part in parts)


def find(parts: Iterable[QueryPart], said: SaidText) -> list[Span]:
    """Return all places of all parts in a text: in order, joined where they touch."""
    joined: list[Span] = []
    for start, end in sorted(span for part in parts for span in part.spans(said)):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


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
    """Words hold letters and digits alone, so none can end the string."""
    return f'"{words}"'
