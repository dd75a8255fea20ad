"""Rules of the time grammar: patterns over tokens, and what they mean on the day of the message."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vm_mcp.doubt.times.time_items import TimeItem


@dataclass(frozen=True, slots=True)
class Anchor:
    """When the message was left."""

    moment: datetime
    """Aware, in the account's zone."""

    @property
    def today(self) -> date:
        """The day on which it was left."""
        return self.moment.date()


Meaning = TimeItem | tuple[TimeItem, ...] | None
"""None: the tokens match, but there is no such day or time."""


@dataclass(frozen=True, slots=True)
class TimeRule:
    """Tokens, and what they mean."""

    pattern: re.Pattern[str]
    """Matches whole tokens, each with its space."""
    build: Callable[[re.Match[str], Anchor], Meaning]


def rule(tokens: str, build: Callable[[re.Match[str], Anchor], Meaning]) -> TimeRule:
    """Return a rule for tokens between spaces."""
    return TimeRule(re.compile(f"(?:{tokens}) ", re.ASCII), build)


def fixed(tokens: str, *items: TimeItem) -> TimeRule:
    """Return a rule whose meaning doesn't depend on the message."""
    return rule(tokens, lambda _found, _anchor: items)


def read_all(text: str, rules: Sequence[TimeRule], anchor: Anchor) -> list[TimeItem] | None:
    """Return the items that the tokens mean; None unless the rules read every one of them.

    The first reading in the order of the rules is taken. Whether the rest can be read depends only on where it begins,
    so each beginning is tried once.
    """
    known: dict[int, list[TimeItem] | None] = {len(text): []}

    def rest(start: int) -> list[TimeItem] | None:
        if start not in known:
            known[start] = next((found for each in rules if (found := step(each, start)) is not None), None)
        return known[start]

    def step(each: TimeRule, start: int) -> list[TimeItem] | None:
        found = each.pattern.match(text, start)
        after = rest(found.end()) if found else None
        meaning = each.build(found, anchor) if found and after is not None else None
        if meaning is None or after is None:
            return None
        return [*(meaning if isinstance(meaning, tuple) else (meaning,)), *after]

    return rest(0)
