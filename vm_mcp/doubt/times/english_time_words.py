"""The English words about time, as tokens: days, months, units, and the words between them."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.number_words import core_of
from vm_mcp.doubt.times.english_numbers import english_number
from vm_mcp.doubt.times.time_homonyms import Neighbours, lacks_neighbours, named, neighbours
from vm_mcp.doubt.times.time_tokens import TimeToken, is_number, without_counts, written
from vm_mcp.text import fold

# A token, then the words that mean it; ``x`` is what no rule reads.
_WORDS = named("""
w0 monday monday's
w1 tuesday tuesday's
w2 wednesday wednesday's
w3 thursday thursday's
w4 friday friday's
w5 saturday saturday's
w6 sunday sunday's
m1 january
m2 february
m3 march
m4 april
m5 may
m6 june
m7 july
m8 august
m9 september
m10 october
m11 november
m12 december
rel-1 yesterday yesterday's
rel0 today today's
rel1 tomorrow tomorrow's
day day days days'
week week weeks week's weeks'
month month months month's
year year years year's
hour hour hours
minute minute minutes
fortnight fortnight
weekend weekend
half half
quarter quarter
oclock o'clock oclock
am am a.m
pm pm p.m
noon noon midday
midnight midnight
morning morning
afternoon afternoon
evening evening
tonight tonight
night night
time time
now now
ago ago
end end
start start beginning
close close
business business
christmas christmas
eve eve
new new
next next
last last
this this
coming coming
at at
on on
in in
by by
before before
after after
past past
to to
until until till through
from from starting
since since
within within
between between
and and
or or
the the
of of
a a an
than than
about about around approximately roughly exactly
sharp sharp
no no
x later earlier following previous every each other not except couple few several early late mid seconds
x mondays tuesdays wednesdays thursdays fridays saturdays sundays mornings evenings nights weekends weekdays
x happy merry onwards onward easter thanksgiving lunch lunchtime dinner breakfast
""")
_LABEL_WORDS = """
room floor flight gate table extension ext number no line suite apartment unit order invoice button press option code
pin model version level bus train platform seat page reference ref ticket case file bay lane dial address street
highway route item lot
"""
_LABELS = frozenset(_LABEL_WORDS.split())
_FUNCTION_WORDS = """
please and or on in if is to for but so then at when with because thanks thank i we you he she they it works would will
can could should from until till by that this was has
"""
_AFTER_DAY = frozenset(_FUNCTION_WORDS.split())
"""What may follow "the second" or "at two" if these are a day and an hour, and no noun does."""
_TITLES = {"mr", "mrs", "ms", "miss", "dr", "aunt", "uncle"}
_UNIT = "week|fortnight|hour|day|month|year"
_NEEDED: dict[str, Neighbours] = {
    "am": (r"[ntv]\d|oclock", ""),
    "a": ("", rf"{_UNIT}|half|quarter"),
    **dict.fromkeys(("this", "next", "last"), ("", rf"w\d|{_UNIT}|morning|afternoon|evening|night|coming|[on]\d")),
    "coming": ("", r"w\d|week"),
    "no": ("", "x"),
    "new": ("", "year"),
    "christmas": ("by|before|after|until|at|on|since|from|for|the", "eve|day"),
    **dict.fromkeys(("eve", "business", "than", "sharp", "oclock", "time"), (".", "")),
    **dict.fromkeys(("close", "end", "start"), ("", "of")),
    **dict.fromkeys(("day", "week", "month", "year", "now"), (".", ".")),
}
_ONE: dict[str, Neighbours] = {"one": ("at|about|between|from|to|until|by|before|after|and|past|half", ".")}
_SUFFIXED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)
_WITH_MERIDIEM = re.compile(r"(\d{1,2}(?:[:.]\d\d)?)([ap])\.?m", re.ASCII)


def english_tokens(words: Sequence[str]) -> list[TimeToken]:
    """Return the tokens of an English transcript; a word with its "pm" is two."""
    tokens: list[TimeToken] = []
    at = 0
    while at < len(words):
        number = english_number(words, at)
        tokens += [number] if number else _tokens_of(words[at], at)
        at = tokens[-1].last + 1
    known = without_counts(tokens, words, _LABELS)
    return [token._replace(text="") if _is_homonym(known, at, words) else token for at, token in enumerate(known)]


def _tokens_of(word: str, at: int) -> list[TimeToken]:
    found = _WITH_MERIDIEM.fullmatch(core_of(word).text.lower())
    if found:
        return [TimeToken(written(found[1]), at, at), TimeToken(f"{found[2]}m", at, at)]
    return [TimeToken(_token_of(word), at, at)]


def _token_of(word: str) -> str:
    if word in {"-", "–"}:
        return "-"
    core = core_of(word).text.replace("’", "'")
    if found := _SUFFIXED.fullmatch(core.lower()):
        return f"o{found[1]}"
    folded = fold(core)
    if folded in {"may", "march"} and not core[:1].isupper():
        return ""
    return written(core) or _WORDS.get(folded, "")


def _is_homonym(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> bool:
    token, beside = tokens[at], neighbours(tokens, at, words)
    if re.match(r"[mw]\d", token.text) and at and _folded(words, token.first - 1) in _TITLES:
        return True
    if is_number(token.text) and lacks_neighbours(_folded(words, token.first), beside, _ONE):
        return True
    is_nth = re.match(r"o\d", token.text) is not None
    is_hour = is_number(token.text) and beside[0] in {"at", "about", "by", "until", "before", "after"}
    if is_nth or is_hour:
        return not beside[1] and _counts_next(words, token.last)
    return lacks_neighbours(token.text, beside, _NEEDED)


def _counts_next(words: Sequence[str], at: int) -> bool:
    """Return whether the word after a number may be a noun that it counts: "the second floor", "at two places"."""
    is_last = at + 1 == len(words) or not words[at].endswith(core_of(words[at]).text)
    return not is_last and _folded(words, at + 1) not in _AFTER_DAY


def _folded(words: Sequence[str], at: int) -> str:
    return fold(core_of(words[at]).text)
