"""The English words about time, as tokens: numbers, ordinals, days, months, and the words between them."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.number_words import core_of, vocabulary
from vm_mcp.doubt.times.time_tokens import TimeToken, begins_name, ends_sentence, is_number, without_counts, written
from vm_mcp.text import fold

_NUMBERS = {
    word: int(value)
    for word, (kind, value) in vocabulary("en", []).plain.items()
    if kind in {"digit", "teen", "tens"} and word != "o"
}
_TEENS_AND_UNITS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {word: value for value, word in enumerate(_TEENS_AND_UNITS.split(), 1)} | {"thirtieth": 30}
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_FIXED = {
    **{name: f"w{index}" for index, name in enumerate(_WEEKDAYS)},
    **{f"{name}'s": f"w{index}" for index, name in enumerate(_WEEKDAYS)},
    **{f"{name}s": "x" for name in _WEEKDAYS},
    **{name: f"m{index}" for index, name in enumerate(_MONTHS, 1)},
    "today": "rel0",
    "today's": "rel0",
    "tomorrow": "rel1",
    "tomorrow's": "rel1",
    "yesterday": "rel-1",
    "yesterday's": "rel-1",
    "day": "day",
    "days": "day",
    "days'": "day",
    "week": "week",
    "weeks": "week",
    "week's": "week",
    "month": "month",
    "months": "month",
    "month's": "month",
    "year": "year",
    "years": "year",
    "hour": "hour",
    "hours": "hour",
    "minute": "minute",
    "minutes": "minute",
    "fortnight": "fortnight",
    "weekend": "weekend",
    "half": "half",
    "quarter": "quarter",
    "o'clock": "oclock",
    "oclock": "oclock",
    "am": "am",
    "a.m": "am",
    "pm": "pm",
    "p.m": "pm",
    "noon": "noon",
    "midday": "noon",
    "midnight": "midnight",
    "morning": "morning",
    "afternoon": "afternoon",
    "evening": "evening",
    "tonight": "tonight",
    "night": "night",
    "time": "time",
    "now": "now",
    "ago": "ago",
    "later": "x",
    "earlier": "x",
    "end": "end",
    "start": "start",
    "beginning": "start",
    "close": "close",
    "business": "business",
    "christmas": "christmas",
    "eve": "eve",
    "new": "new",
    "year's": "year",
    "next": "next",
    "last": "last",
    "this": "this",
    "coming": "coming",
    "following": "x",
    "previous": "x",
    "every": "x",
    "each": "x",
    "other": "x",
    "not": "x",
    "except": "x",
    "couple": "x",
    "few": "x",
    "several": "x",
    "easter": "x",
    "thanksgiving": "x",
    "lunch": "x",
    "lunchtime": "x",
    "dinner": "x",
    "breakfast": "x",
    "early": "x",
    "late": "x",
    "mid": "x",
    "seconds": "x",
    "mornings": "x",
    "evenings": "x",
    "nights": "x",
    "weekends": "x",
    "weekdays": "x",
    "at": "at",
    "on": "on",
    "in": "in",
    "by": "by",
    "before": "before",
    "after": "after",
    "past": "past",
    "to": "to",
    "till": "until",
    "until": "until",
    "through": "until",
    "from": "from",
    "since": "since",
    "starting": "from",
    "within": "within",
    "between": "between",
    "and": "and",
    "or": "or",
    "the": "the",
    "of": "of",
    "a": "a",
    "an": "a",
    "than": "than",
    "about": "about",
    "around": "about",
    "approximately": "about",
    "roughly": "about",
    "exactly": "about",
    "sharp": "sharp",
    "no": "no",
}
_LABELS = frozenset(
    ["room", "floor", "flight", "gate", "table", "extension", "ext", "number", "no", "line", "suite", "apartment", "unit", "order", "invoice", "button", "press", "option", "code", "pin", "model", "version", "level", "line", "bus", "train", "platform", "seat", "page", "reference", "ref", "ticket", "case", "file", "bay", "lane", "dial", "address", "street", "highway", "route", "item", "lot"]
)
_SUFFIXED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)", re.ASCII)
_WITH_MERIDIEM = re.compile(r"(\d{1,2}(?:[:.]\d\d)?)([ap])\.?m", re.ASCII)
_AFTER_DAY = frozenset(
    ["please", "and", "or", "on", "in", "if", "is", "to", "for", "but", "so", "then", "at", "when", "with", "because", "thanks", "thank", "i", "we", "you", "he", "she", "they", "it", "works", "would", "will", "can", "could", "should", "from", "until", "till", "by", "that", "this", "works", "was", "has"]
)


def english_tokens(words: Sequence[str]) -> list[TimeToken]:
    """Return the tokens of an English transcript; a word with its "pm" is two."""
    tokens: list[TimeToken] = []
    at = 0
    while at < len(words):
        found = _number(words, at) or _meridiem(words, at) or [TimeToken(_word(words[at]), at, at)]
        tokens += found
        at = found[-1].last + 1
    return _without_homonyms(without_counts(tokens, words, _LABELS), words)


def _word(word: str) -> str:
    core = core_of(word).text.replace("’", "'")
    if found := _SUFFIXED.fullmatch(core.lower()):
        return f"o{found[1]}"
    if token := written(core):
        return token
    folded = fold(core)
    if folded in {"may", "march"} and not core[:1].isupper():
        return ""
    return _FIXED.get(folded, "")


def _meridiem(words: Sequence[str], at: int) -> list[TimeToken] | None:
    found = _WITH_MERIDIEM.fullmatch(core_of(words[at]).text.lower())
    if not found:
        return None
    return [TimeToken(written(found[1]), at, at), TimeToken(f"{found[2]}m", at, at)]


def _number(words: Sequence[str], at: int) -> list[TimeToken] | None:
    """Return the number in words that begins there: up to 99, an ordinal, or a year."""
    value, kind, end = _small(words, at)
    if value is None:
        return None
    goes_on = kind == "n" and not _closes(words[end - 1])
    second, second_kind, second_end = _small(words, end) if goes_on else (None, "", end)
    if goes_on and value and end < len(words) and fold(core_of(words[end]).text) == "thousand":
        skip = end + 1 + (end + 1 < len(words) and fold(words[end + 1]) == "and")
        rest, rest_kind, rest_end = _small(words, skip)
        if rest and rest_kind == "n":
            return [TimeToken(f"n{value * 1000 + rest}", at, rest_end - 1)]
    if value == 20 and second_kind == "n" and second and second > 9 and second_end > end:  # noqa: PLR2004 - twenty twenty-six
        return [TimeToken(f"n{value * 100 + second}", at, second_end - 1)]
    return [TimeToken(f"{kind}{value}", at, end - 1)]


def _small(words: Sequence[str], at: int) -> tuple[int | None, str, int]:
    """Return value, kind and end of a number up to 99; None if there is none."""
    if at >= len(words):
        return None, "", at
    pieces = fold(core_of(words[at]).text).split("-")
    value, kind = _piece(pieces[0])
    if value is None or len(pieces) > 2:  # noqa: PLR2004 - twenty-first
        return None, "", at
    is_tens = kind == "n" and value >= 20 and value % 10 == 0  # noqa: PLR2004 - twenty to ninety
    if len(pieces) > 1:
        unit, unit_kind = _piece(pieces[1])
        return (value + unit, unit_kind, at + 1) if is_tens and unit and unit < 10 else (None, "", at)  # noqa: PLR2004 - a digit
    if is_tens and at + 1 < len(words) and not _closes(words[at]):
        unit, unit_kind = _piece(fold(core_of(words[at + 1]).text))
        if unit and unit < 10:  # noqa: PLR2004 - a digit
            return value + unit, unit_kind, at + 2
    return value, kind, at + 1


def _piece(folded: str) -> tuple[int | None, str]:
    if folded in _NUMBERS:
        return _NUMBERS[folded], "n"
    return (_ORDINALS[folded], "o") if folded in _ORDINALS else (None, "")


def _closes(word: str) -> bool:
    return not word.endswith(core_of(word).text)


def _without_homonyms(tokens: list[TimeToken], words: Sequence[str]) -> list[TimeToken]:
    """Return the tokens without words that mean something else here: "I am", "no", "a second", "at two places"."""
    return [token._replace(text="") if _is_homonym(tokens, at, words) else token for at, token in enumerate(tokens)]


def _is_homonym(tokens: Sequence[TimeToken], at: int, words: Sequence[str]) -> bool:
    token = tokens[at]
    before = tokens[at - 1].text if at and not ends_sentence(words[tokens[at - 1].last]) else ""
    stops = at + 1 == len(tokens) or ends_sentence(words[token.last])
    after = "" if stops else tokens[at + 1].text
    match token.text:
        case "am":
            return re.match(r"n\d|t\d|v\d|oclock", before) is None
        case "a":
            return re.match(r"week|fortnight|hour|day|month|year|half|quarter", after) is None
        case "n1":
            return (
                words[token.first].lower() == "one" and after[:1].isalpha() is False and before not in {"at", "about"}
            )
        case "next" | "last" | "this":
            return (
                re.match(r"w\d|week|month|year|morning|afternoon|evening|night|coming|o\d|n\d|fortnight", after) is None
            )
        case "coming":
            return re.match(r"w\d|week", after) is None
        case "no":
            return fold(words[tokens[at + 1].first]) != "later" if at + 1 < len(tokens) else True
        case "new":
            return after != "year"
        case "eve" | "business" | "than" | "sharp" | "oclock" | "time":
            return not before
        case "close" | "end" | "start":
            return after != "of"
        case "day" | "week" | "month" | "year" | "now":
            return not before and not after
    if token.text.startswith("o") and token.text[1:].isdigit():
        return not (stops or after or _is_function_word(words, token.last + 1))
    if is_number(token.text) and before in {"at", "about"} and not after and not stops:
        return not _is_function_word(words, token.last + 1)
    if token.text.startswith("m") and begins_name(words, token.first) and at and not tokens[at - 1].text:
        return _is_title(words[tokens[at - 1].last])
    return False


def _is_function_word(words: Sequence[str], at: int) -> bool:
    return at < len(words) and fold(core_of(words[at]).text) in _AFTER_DAY


def _is_title(word: str) -> bool:
    return fold(core_of(word).text) in {"mr", "mrs", "ms", "miss", "dr", "aunt", "uncle"}
