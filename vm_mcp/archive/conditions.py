"""What must be found in a message for a query to match it, before any database's own syntax."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["said", "number", "misheard"]
"""Where words stand: in the transcript or a name; among the numbers; among doubted words or in a name."""


@dataclass(frozen=True, slots=True)
class Match:
    """Folded words, one after the other; see `vm_mcp.archive.documents.Document`."""

    kind: Kind
    words: tuple[str, ...]
    is_prefix: bool = False
    """Whether the last word may go on."""


@dataclass(frozen=True, slots=True)
class AllOf:
    """Conditions that must all be met."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which one must be met."""

    conditions: tuple["Condition", ...]


Condition = Match | AllOf | AnyOf
