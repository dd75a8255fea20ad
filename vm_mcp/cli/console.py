"""The terminal: results go to stdout; progress, and what is said about results, to stderr."""

import io
import json
import sys
from typing import TYPE_CHECKING

from vm_mcp.cli.spoken_language import spoken
from vm_mcp.wording import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table
    from rich.text import Text

WIDE = 120
"""Columns of a table that goes into a file or a pipe."""


def write(text: str) -> None:
    """Write text to stdout; the stream itself writes this platform's line ends."""
    tolerate_encoding(sys.stdout)
    sys.stdout.write(text.replace("\r\n", "\n"))
    sys.stdout.flush()


def print_json(answer: object) -> None:
    """Write a result for programs to stdout."""
    write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


def say(text: str, /, **values: object) -> None:
    """Write a line about the result to stderr, in the person's language.

    Args:
        text: English, with placeholders if there are ``values``.
        values: For the placeholders.
    """
    tolerate_encoding(sys.stderr)
    print(spoken(words(text, **values)), file=sys.stderr, flush=True)


def tell(text: str, /, **values: object) -> None:
    """Write a line to stdout, in the person's language; see `say`."""
    tolerate_encoding(sys.stdout)
    print(spoken(words(text, **values)), flush=True)


def output() -> "Console":
    """Return the console for results; without a terminal it is `WIDE` columns wide."""
    from rich.console import Console

    tolerate_encoding(sys.stdout)
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def progress() -> "Progress":
    """Return a progress bar on stderr; it shows only on a terminal, and disappears when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    tolerate_encoding(sys.stderr)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def table(*columns: str) -> "Table":
    """Return an empty table of messages that fits 80 columns; its first column is for `message_text.message`."""
    from rich import box
    from rich.table import Table

    messages = Table(box=box.SIMPLE_HEAD, show_lines=True)
    messages.add_column(spoken("Message"), width=38, overflow="fold")
    for name in columns:
        messages.add_column(spoken(name), overflow="fold")
    return messages


def cells(*values: "str | Text") -> "Iterable[Text]":
    """Return cells of plain text: rich would read markup in what a caller chose. Words are translated."""
    from rich.text import Text

    return (value if isinstance(value, Text) else Text(_cell(value)) for value in values)


def _cell(value: str) -> str:
    return spoken(value) if isinstance(value, Words) else value


def tolerate_encoding(stream: object) -> None:
    """Have a stream write ``?`` for letters that it can't encode: a redirected Windows console has no Turkish ones."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
