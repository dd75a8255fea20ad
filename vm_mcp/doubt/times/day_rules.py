"""Rules for days, which follow from the message's own day alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from vm_mcp.doubt.times.time_items import Days
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, TimeRule, rule


def day_rule(tokens: str, build: Callable[[re.Match[str], date], Days | None]) -> TimeRule:
    """Return a rule for days.

    Args:
        tokens: Pattern of tokens. Its groups ``case`` and ``day_case`` are the Turkish case of its last word: that of
            "günü" (day), if it is there.
        build: Takes the match and the message's own day.
    """

    def meaning(found: re.Match[str], anchor: Anchor) -> Meaning:
        days = build(found, anchor.today)
        groups = found.groupdict()
        return replace(days, case=groups.get("day_case") or groups.get("case") or "") if days else None

    return rule(tokens, meaning)
