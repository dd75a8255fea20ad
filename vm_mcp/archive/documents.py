"""What a search finds a message by, composed in one place from all that is known of it.

A new source of words, such as a note, is added to `document` and to what the caller passes; a kind of words that must
be searched apart from the others is a field of `Document`, and becomes a column of the index by that name.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vm_mcp.archive.near_words import SHORTEST
from vm_mcp.archive.words import SHORTEST_NUMBER, Digits, SaidText, Term, folded_terms, number_terms, terms
from vm_mcp.models import Transcript
from vm_mcp.text import doubt_mark_spans

if TYPE_CHECKING:
    from vm_mcp.doubt.said_digits import SaidDigits


class Document(NamedTuple):
    """The words and numbers that find a message, and what is shown of it; words are folded, with spaces between."""

    said: str
    """Words of the transcript."""
    name: str
    """Words of the caller's name, the address book's and the note."""
    number: str
    """Index terms of numbers: the caller's, and all that were said; see `vm_mcp.archive.words.number_terms`."""
    misheard: str
    """Those words of the transcript that have a doubt mark, or that no dictionary knows."""
    shown: str
    """The transcript as readers see it, with doubt marks."""
    digits: str
    """Where numbers stand in ``shown``; see `said_text`."""


def document(
    transcript: Transcript | None,
    *,
    caller_number: str = "",
    caller_name: str = "",
    contact_names: Sequence[str] = (),
    note: str = "",
) -> Document:
    """Return what finds a message.

    CPU-bound: some milliseconds.

    Args:
        transcript: The latest one; None if there is none, and names, numbers and the note find it.
        caller_number: As the PBX sent it.
        caller_name: As the PBX sent it.
        contact_names: Who has the number in the address book, people and companies.
        note: What a person noted of the message.
    """
    names = " ".join(filter(None, (caller_name, *contact_names)))
    name, numbers = _joined(folded_terms(f"{names} {note}")), number_terms(caller_number)
    if transcript is None:
        return Document(said="", name=name, number=_joined(sorted(numbers)), misheard="", shown="", digits="[]")
    from vm_mcp import doubt  # a server starts without it

    shown = doubt.show(transcript, caller_number=caller_number, caller_name=names)
    found = terms(shown.text)
    digits = _placed(shown.text, shown.digits)
    return Document(
        said=_joined(term.folded for term in found),
        name=name,
        number=_joined(sorted(numbers.union(*(number_terms(each.written) for each in digits)))),
        misheard=_joined(dict.fromkeys(_misheard(shown.text, found, transcript.languages))),
        shown=shown.text,
        digits=json.dumps(digits),
    )


def said_text(shown: str, digits: str) -> SaidText:
    """Return the shown text of a document, with the numbers in it, for highlighting."""
    return SaidText(shown, tuple(Digits(*each) for each in json.loads(digits)))


def forgiven_words(misheard: str, name: str) -> set[str]:
    """Return the words of a document that can be found by others which they resemble."""
    words = f"{misheard} {name}".split()
    return {word for word in words if len(word) >= SHORTEST and word.isalpha()}


def _joined(words: Iterable[str]) -> str:
    return " ".join(words)


def _placed(text: str, found: Iterable["SaidDigits"]) -> list[Digits]:
    """Return numbers with their places in a text; those too short to be searched for as numbers are left out."""
    from vm_mcp.doubt.number_words import core_of

    words = list(re.finditer(r"\S+", text))
    placed = [
        Digits(
            written,
            words[each.first].start() + core_of(words[each.first][0]).start,
            words[each.last].start() + core_of(words[each.last][0]).end,
        )
        for each in found
        for written in each.numbers
    ]
    return [each for each in dict.fromkeys(placed) if each.digit_count >= SHORTEST_NUMBER]


def _misheard(text: str, found: Iterable[Term], languages: Collection[str]) -> Iterator[str]:
    from vm_mcp.doubt.word_frequencies import zipf_frequency

    marks = doubt_mark_spans(text)
    for term in found:
        is_marked = any(start < term.start < end for start, end in marks)
        word = text[term.start : term.end]
        if is_marked or not any(zipf_frequency(word, language) for language in languages):
            yield term.folded
