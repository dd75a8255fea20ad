"""Rules for days, which follow from the message's own day alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from vm_mcp.doubt.times.time_items import Days
from vm_mcp.doubt.times.time_rules import Anchor, Meaning, TimeRule, rule

_NIGHT_ENDS = 5
"""Hour until which callers may still count from the day before: left at half past midnight, "tomorrow" is open."""


def day_rule(tokens: str, build: Callable[[re.Match[str], date], Days | None]) -> TimeRule:
    """Return a rule for days.

    Args:
        tokens: Pattern of tokens. Its groups ``case`` and ``day_case`` are the Turkish case of its last word: that of
            "günü" (day), if it is there.
        build: Takes the match and the message's own day.
    """
    return rule(tokens, lambda found, anchor: _cased(found, build(found, anchor.today)))


def near_day_rule(tokens: str, shift: int | None = None) -> TimeRule:
    """Return a rule for a day counted from the message's own: today, tomorrow, the day after tomorrow.

    Args:
        tokens: As for `day_rule`.
        shift: Days from the message's own; None: the group ``n`` holds them.
    """

    def meaning(found: re.Match[str], anchor: Anchor) -> Meaning:
        number = int(found["n"]) if shift is None else shift
        meant = anchor.today + timedelta(days=number)
        others = (meant - timedelta(days=1),) if anchor.moment.hour < _NIGHT_ENDS else ()
        return _cased(found, Days(meant, others=others))

    return rule(tokens, meaning)


def _cased(found: re.Match[str], days: Days | None) -> Days | None:
    groups = found.groupdict()
    return replace(days, case=groups.get("day_case") or groups.get("case") or "") if days else None
