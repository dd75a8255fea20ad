"""Write conditions as queries of PostgreSQL.

The index knows which words a message has, not where. So a query of it finds too much where words must stand in a row,
or are longer than its terms, and `exact_clause` is the condition that such a message must meet as well.
"""

from collections.abc import Iterator
from typing import NamedTuple

from psycopg import sql

from vm_mcp.archive.conditions import AllOf, AnyOf, Condition, Kind, Match
from vm_mcp.archive.postgres.search_index import LONGEST_TERM, account_terms, spaced

_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "said": ("said", "name"),
    "number": ("number",),
    "misheard": ("misheard", "name"),
}


class Needle(NamedTuple):
    """What is counted in a message to rank it."""

    text: str
    """As `search_index.spaced` writes it."""
    kind: Kind
    query: str
    """What finds the messages that have it."""


def term_query(condition: Condition, number: int) -> str:
    """Return a ``tsquery`` that every message matches which meets a condition.

    Folded words are letters and digits only, so nothing in them can end a quoted term.

    Args:
        condition: The condition.
        number: The account's, from ``search_accounts``.
    """
    match condition:
        case Match(kind, words, is_prefix):
            terms = [f"'{term}'" for term in account_terms(number, kind, words)]
            return "(" + " & ".join(terms) + ":*" * is_prefix + ")"
        case AllOf(conditions):
            return "(" + " & ".join(term_query(each, number) for each in conditions) + ")"
        case AnyOf(conditions):
            return "(" + " | ".join(term_query(each, number) for each in conditions) + ")"


def is_exact(condition: Condition) -> bool:
    """Return whether only messages that meet a condition match its `term_query`."""
    match condition:
        case Match(_, words, _):
            return len(words) == 1 and len(words[0]) <= LONGEST_TERM
        case AllOf(conditions) | AnyOf(conditions):
            return all(map(is_exact, conditions))


def exact_clause(condition: Condition, number: int) -> sql.Composable:
    """Return an expression over a row of ``search``: whether a message meets a condition."""
    match condition:
        case Match(kind, _, _):
            matches = sql.SQL("terms @@ {}::tsquery").format(sql.Literal(term_query(condition, number)))
            if is_exact(condition):
                return matches
            needle = sql.Literal(_needle(condition))
            has = (sql.SQL("strpos({}, {}) > 0").format(sql.Identifier(name), needle) for name in _COLUMNS[kind])
            return sql.SQL("({} AND ({}))").format(matches, sql.SQL(" OR ").join(has))
        case AllOf(conditions):
            return sql.SQL("({})").format(sql.SQL(" AND ").join(exact_clause(each, number) for each in conditions))
        case AnyOf(conditions):
            return sql.SQL("({})").format(sql.SQL(" OR ").join(exact_clause(each, number) for each in conditions))


def needles(condition: Condition, number: int) -> Iterator[Needle]:
    """Yield what is counted in a message that meets a condition."""
    match condition:
        case Match(kind, _, _):
            yield Needle(_needle(condition), kind, term_query(condition, number))
        case AllOf(conditions) | AnyOf(conditions):
            for each in conditions:
                yield from needles(each, number)


def _needle(match: Match) -> str:
    text = spaced(match.words)
    return text[:-1] if match.is_prefix else text
