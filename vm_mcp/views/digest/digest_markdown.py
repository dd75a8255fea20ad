"""A digest as Markdown: no name and no word of a caller becomes a heading, a link, HTML or anything but itself."""

import re
from collections.abc import Iterator

from vm_mcp.views.digest.digest_document import DigestDocument, DigestEntry, DigestMessage, DigestSection

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]")
# Where GitHub's kind of Markdown makes a link of what is written without brackets.
_LINK = re.compile(r":(?=//)|(?<=\b[Ww]{3})\.|@")
# At the start of a line: a list, a rule, a heading made by the line below.
_START = re.compile(r"^([-+=])|^(\d{1,9})([.)])")


def digest_markdown(document: DigestDocument) -> str:
    """Return a digest as Markdown."""
    blocks = [
        f"# {escaped(document.title)}",
        *map(escaped, document.summary),
        *(block for section in document.sections for block in _section(section)),
        *(["---", *map(escaped, document.footer)] if document.footer else []),
    ]
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Return text for a line of its own, with a backslash before whatever Markdown would read as its own sign."""
    plain = _LINK.sub(lambda found: f"\\{found[0]}", _SPECIAL.sub(lambda found: f"\\{found[0]}", text))
    return _START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", plain)


def _section(section: DigestSection) -> Iterator[str]:
    yield f"## {escaped(section.heading)}"
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: DigestEntry) -> Iterator[str]:
    yield f"### {escaped(entry.who)}"
    if entry.facts:
        yield escaped(entry.facts)
    for message in entry.messages:
        yield from _message(message)


def _message(message: DigestMessage) -> Iterator[str]:
    yield f"**{escaped(message.facts)}**"
    yield from map(escaped, filter(None, (message.state,)))
    if message.quote:
        yield f"> {escaped(message.quote)}"
    if message.remarks:
        yield "\n".join(f"- {escaped(remark)}" for remark in message.remarks)
