"""A digest as HTML for mail programs: tables and inline styles alone, since Outlook lays out little else.

It fetches nothing, runs nothing and links nowhere. Every text is escaped, also our own.
"""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from vm_mcp.text import doubt_mark_spans
from vm_mcp.views.digest.digest_document import DigestDocument, DigestEntry, DigestMessage, DigestSection

_TABLE = 'role="presentation" border="0" cellpadding="0" cellspacing="0"'
_FONT = "font-family:Arial,Helvetica,sans-serif;word-break:break-word;"
_MARK = "background-color:#fff0b3;"
_PAGE = "#f3f4f6"
# Outlook knows no greatest width, so it gets a table of a fixed one; only it reads these comments.
_FOR_OUTLOOK = f'<!--[if mso]><table {_TABLE} width="640"><tr><td><![endif]-->'
_AFTER_OUTLOOK = "<!--[if mso]></td></tr></table><![endif]-->"


class _Style(NamedTuple):
    """How a row of text looks."""

    size: int
    """Height of the letters in px."""
    padding: str
    colour: str = "#1f2933"
    more: str = ""


_TITLE = _Style(22, "24px 24px 8px 24px", more="font-weight:bold;")
_SUMMARY = _Style(15, "2px 24px 2px 24px", "#3e4c59")
_HEADING = _Style(17, "24px 24px 4px 24px", "#0b4f8a", "font-weight:bold;")
_WHO = _Style(16, "16px 24px 2px 24px", more="font-weight:bold;border-top:1px solid #d9e0e6;")
_FACTS = _Style(14, "2px 24px 2px 24px", "#3e4c59")
_STATE = _Style(14, "2px 24px 2px 24px", "#7a4b00")
_QUOTE = _Style(15, "8px 12px 8px 12px", more="border-left:4px solid #9fb3c8;background-color:#f5f8fa;")
_REMARK = _Style(13, "2px 24px 2px 36px", "#52606d")
_FOOTER = _Style(12, "2px 24px 2px 24px", "#616e7c")
_GAP = '<tr><td height="16" style="height:16px;font-size:16px;line-height:16px;">&nbsp;</td></tr>'


def digest_html(document: DigestDocument) -> str:
    """Return a digest as a whole HTML document, which is also the HTML part of a mail."""
    rows = "\n".join(_rows(document))
    return f"""\
<!DOCTYPE html>
<html lang="{escape(document.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="format-detection" content="telephone=no">
<title>{escape(document.title)}</title>
</head>
<body style="margin:0;padding:0;background-color:{_PAGE};">
<table {_TABLE} width="100%" bgcolor="{_PAGE}"><tr><td align="center" style="padding:16px 8px 16px 8px;">
{_FOR_OUTLOOK}
<table {_TABLE} width="100%" bgcolor="#ffffff" style="max-width:640px;background-color:#ffffff;">
{rows}
</table>
{_AFTER_OUTLOOK}
</td></tr></table>
</body>
</html>
"""


def _rows(document: DigestDocument) -> Iterator[str]:
    yield _row(document.title, _TITLE)
    for line in document.summary:
        yield _row(line, _SUMMARY)
    for section in document.sections:
        yield from _section(section)
    yield _GAP
    for line in document.footer:
        yield _row(line, _FOOTER)
    yield _GAP


def _section(section: DigestSection) -> Iterator[str]:
    yield _row(section.heading, _HEADING)
    for entry in section.entries:
        yield from _entry(entry)


def _entry(entry: DigestEntry) -> Iterator[str]:
    yield _row(entry.who, _WHO)
    if entry.facts:
        yield _row(entry.facts, _FACTS)
    for message in entry.messages:
        yield from _message(message)


def _message(message: DigestMessage) -> Iterator[str]:
    yield _row(message.facts, _FACTS)
    if message.state:
        yield _row(message.state, _STATE)
    if message.quote:
        table = f'<table {_TABLE} width="100%">{_row(message.quote, _QUOTE)}</table>'
        yield f'<tr><td style="padding:6px 24px 6px 24px;">{table}</td></tr>'
    for remark in message.remarks:
        yield _row(remark, _REMARK)


def _row(text: str, style: _Style) -> str:
    look = (
        f"padding:{style.padding};{_FONT}font-size:{style.size}px;line-height:{round(style.size * 1.4)}px;"
        f"color:{style.colour};{style.more}"
    )
    return f'<tr><td align="left" style="{look}">{_marked(text)}</td></tr>'


def _marked(text: str) -> str:
    """Return escaped text in which doubtful words stand out."""
    parts, end = [], 0
    for start, stop in doubt_mark_spans(text):
        parts += [escape(text[end:start]), f'<span style="{_MARK}">{escape(text[start:stop])}</span>']
        end = stop
    return "".join([*parts, escape(text[end:])])
