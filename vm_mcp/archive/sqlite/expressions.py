"""Write conditions as expressions of FTS5."""

from vm_mcp.archive.conditions import AllOf, AnyOf, Condition, Kind, Match

_COLUMNS: dict[Kind, str] = {"said": "{said name}", "number": "number", "misheard": "{misheard name}"}


def expression(condition: Condition) -> str:
    """Return an FTS5 expression that matches where a condition is met.

    Folded words are letters and digits only, so nothing in them can end a quoted string.
    """
    match condition:
        case Match(kind, words, is_prefix):
            return f'{_COLUMNS[kind]} : "{" ".join(words)}"' + " *" * is_prefix
        case AllOf(conditions):
            return "(" + " AND ".join(map(expression, conditions)) + ")"
        case AnyOf(conditions):
            return "(" + " OR ".join(map(expression, conditions)) + ")"
