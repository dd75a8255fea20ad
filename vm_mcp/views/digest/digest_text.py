"""A digest as plain text, which is also the text part of a mail."""

import textwrap
from collections.abc import Iterator

from vm_mcp.views.digest.digest_document import DigestDocument, DigestEntry, DigestMessage, DigestSection

WIDTH = 76
"""Columns: mail programs quote lines of up to 78 without breaking them."""


def digest_text(document: DigestDocument) -> str:
    """Return a digest as lines of at most `WIDTH` columns; a longer word keeps its line."""
    blocks = [
        f"{document.title}\n{'=' * min(len(document.title), WIDTH)}",
        "\n".join(_wrapped(document.summary)),
        *(block for section in document.sections for block in _section(section)),
        "\n".join(_wrapped(document.footer)),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _section(section: DigestSection) -> Iterator[str]:
    yield f"{section.heading}\n{'-' * min(len(section.heading), WIDTH)}"
    yield from map(_entry, section.entries)


def _entry(entry: DigestEntry) -> str:
    lines = [*_wrapped((entry.who,)), *_wrapped((entry.facts,), "  ")]
    for message in entry.messages:
        lines += _message(message)
    return "\n".join(lines)


def _message(message: DigestMessage) -> Iterator[str]:
    yield from _wrapped((message.facts, message.state), "  ")
    yield from _wrapped((message.quote,), "  > ")
    yield from _wrapped(message.remarks, "    ")


def _wrapped(lines: tuple[str, ...], indent: str = "") -> Iterator[str]:
    for line in filter(None, lines):
        yield from textwrap.wrap(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
