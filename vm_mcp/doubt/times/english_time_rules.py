"""The grammar of English times: rules over the tokens of `vm_mcp.doubt.times.english_time_words`."""

from vm_mcp.doubt.times.english_clock_rules import ENGLISH_CLOCK_RULES
from vm_mcp.doubt.times.english_day_rules import ENGLISH_DAY_RULES
from vm_mcp.doubt.times.english_span_rules import ENGLISH_ELAPSED_RULES, ENGLISH_SPAN_RULES
from vm_mcp.doubt.times.time_items import ClockTime, Days, Filler, Link, TimeLimit
from vm_mcp.doubt.times.time_rules import TimeRule, fixed, rule

_WORDS = (
    fixed("no x than", TimeLimit("by")),
    fixed("by|until", TimeLimit("by")),
    fixed("on or before", TimeLimit("by")),
    fixed("on or after", TimeLimit("from")),
    fixed("before", TimeLimit("before")),
    fixed("after", TimeLimit("after")),
    fixed("from", TimeLimit("from")),
    fixed("since", TimeLimit("from", is_past=True)),
    fixed("to|-", Link()),
    fixed("between", Filler(anchors=True, opens_range=True)),
    fixed("and", Link(needs_opening=True)),
    fixed("at|about", Filler(anchors=True)),
    fixed("on|,|sharp|in", Filler()),
    rule(
        r"(?:the )?(?:close of business|end of (?:the )?business day)",
        lambda _found, _anchor: ClockTime(18, is_24h=True, anchored=True, question="closing time is the firm's own"),
    ),
    fixed(r"(?:the )?end of (?:the )?day(?: on)?(?= (?:w\d|rel))", Filler()),
    rule(
        r"(?:the )?end of (?:the )?day",
        lambda _found, anchor: Days(anchor.today, question="which day?", is_relative=True),
    ),
)

ENGLISH_RULES: tuple[TimeRule, ...] = (
    *ENGLISH_ELAPSED_RULES,
    *ENGLISH_DAY_RULES,
    *ENGLISH_SPAN_RULES,
    *ENGLISH_CLOCK_RULES,
    *_WORDS,
)
