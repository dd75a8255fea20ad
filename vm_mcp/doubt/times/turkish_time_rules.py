"""The grammar of Turkish times: rules over the tokens of `vm_mcp.doubt.times.turkish_time_words`."""

from vm_mcp.doubt.times.time_items import ClockTime, Filler, Link, TimeLimit
from vm_mcp.doubt.times.time_rules import TimeRule, fixed
from vm_mcp.doubt.times.turkish_clock_rules import CLOCK_RULES
from vm_mcp.doubt.times.turkish_day_rules import DAY_RULES
from vm_mcp.doubt.times.turkish_span_rules import ELAPSED_RULES, SPAN_RULES

_SLIPS = frozenset({"", "a", "l", "pl"})
_TO, _FROM = frozenset({"d", "pd"}), frozenset({"b", "pb"})
_CLOSING = ClockTime(18, is_24h=True, anchored=True, question="closing time is the firm's own")

_WORDS = (
    *(
        fixed(
            rf"mesai (?:bitim|son)(?:\.{case})",
            ClockTime(18, is_24h=True, anchored=True, case=case, question=_CLOSING.question),
        )
        for case in ("a", "pd", "pl", "pb")
    ),
    fixed("kadar", TimeLimit("by", _TO, _SLIPS)),
    fixed("en gec", TimeLimit("by")),
    fixed("once", TimeLimit("before", _FROM)),
    fixed("sonra", TimeLimit("after", _FROM)),
    fixed("itibaren", TimeLimit("from", _FROM)),
    fixed("beri", TimeLimit("from", _FROM, is_past=True)),
    fixed("icinde", TimeLimit("by", frozenset({""}))),
    fixed(r"ara\.(?:p|pl)|-", Link()),
    fixed("gibi", Filler(anchors=True)),
    fixed("saat(?= (?:sabah|oglen|aksam|gece))", Filler(anchors=True)),
    fixed(r"tam|,|ile|tarih(?:\.\w+)?", Filler()),
)

TURKISH_RULES: tuple[TimeRule, ...] = (*ELAPSED_RULES, *DAY_RULES, *SPAN_RULES, *CLOCK_RULES, *_WORDS)
