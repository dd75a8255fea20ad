"""Fuzz search queries: each is an expression that SQLite accepts and highlights inside the text, or an `InputError`."""

import sqlite3

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.archive import query
    from vm_mcp.archive.sqlite.expressions import expression
    from vm_mcp.archive.sqlite.migrations import migrate
    from vm_mcp.archive.words import SaidText
    from vm_mcp.errors import InputError

from harness import fuzz, text_of

CONNECTION = sqlite3.connect(":memory:", isolation_level=None)
migrate(CONNECTION)


def read(data: bytes) -> None:
    """Search for the first line of an input in the lines after it."""
    asked, _, text = text_of(data).partition("\n")
    try:
        parts = query.parse(asked)
    except InputError:
        return
    CONNECTION.execute(
        "SELECT rowid FROM search WHERE search MATCH ?", (expression(query.condition(parts)),)
    ).fetchall()
    end = -1
    for start, stop in query.find(parts, SaidText(text)):
        assert end < start < stop <= len(text)
        end = stop


if __name__ == "__main__":
    fuzz(read, "query")
