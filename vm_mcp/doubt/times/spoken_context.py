"""What the words around a phrase make of it: a name, the end of a number, something past, a slip of the tongue."""

import re
from collections.abc import Sequence

from vm_mcp.doubt.number_words import core_of
from vm_mcp.doubt.times.time_tokens import TimeToken, begins_name, ends_sentence
from vm_mcp.doubt.times.turkish_numbers import spoken_number
from vm_mcp.text import fold

# Verbs in the past: "geldim", "aramıştım"; şimdi (now) and kendi (self) only look like one.
_PAST_VERBS = {
    "tr": re.compile(r"(?!simdi|kendi|hadi|haydi|yedi|adi|alti|ustu)\w{2,}[dt][iu](?:m|k|n|niz|nuz|ler|lar)?"),
    "en": re.compile(r"was|were|had|did|came|called|spoke|bought|got|left|sent|went|saw|made|told|said|\w{3,}ed"),
}
_MOVING_VERBS = {
    "tr": re.compile(
        r"al(?:alim|in|ir|ab|mak|di|sak|ma)\w*|ertele\w*|degis\w*|kaydir\w*|cek\w*|tasi\w*|otele\w*|aktar\w*"
    ),
    "en": re.compile(r"(?:mov|chang|reschedul|postpon|shift|push|switch|bring|brought)\w*"),
}
_CORRECTIONS = {"pardon", "dogrusu", "duzeltiyorum", "sorry", "correction", "oops"}
_EXCLAMATIONS = {"yok", "hayir", "yanlis", "no", "wait", "actually", "rather"}
"""Corrections only before a pause: "yarın yerim yok" is none."""
_REACH = 20
"""Words of a sentence before and after a time. A recogniser may write a whole message without a full stop."""
CORRECTION_REACH = 3
"""Words between a time and its correction."""
_NAME_WORDS = """
bey hanim usta abi abla amca teyze dayi hoca efendi bayan mahallesi mah sokak sokagi cadde caddesi bulvari okulu
ilkokulu lisesi parki universitesi meydani hastanesi eczanesi apartmani sitesi pastanesi yeri yerinde yerine tezgahi
arabasi pazari street road avenue
"""
_NAMES = frozenset(_NAME_WORDS.split())


def is_told_of_past(words: Sequence[str], span: range, language: str) -> bool:
    """Return whether a verb of the sentence is in the past: "cuma günü geldim" is another Friday.

    Args:
        words: Of the transcript.
        span: Indices of the words of the time.
        language: ISO 639-1 code.
    """
    return any(_PAST_VERBS[language].fullmatch(word) for word in _around(words, span))


def is_about_moving(words: Sequence[str], span: range, language: str) -> bool:
    """Return whether the sentence moves an appointment: "salıdan perşembeye alalım" is no range."""
    return any(_MOVING_VERBS[language].fullmatch(word) for word in _around(words, span))


def _around(words: Sequence[str], span: range) -> list[str]:
    """Return the other words of the sentence, folded, as far as `_REACH`."""
    least, most = max(0, span[0] - _REACH), min(len(words), span[-1] + 1 + _REACH)
    start = next((at + 1 for at in range(span[0] - 1, least - 1, -1) if ends_sentence(words[at])), least)
    end = next((at + 1 for at in range(span[-1], most) if ends_sentence(words[at])), most)
    return [fold(core_of(word).text) for word in (*words[start : span[0]], *words[span[-1] + 1 : end])]


def is_corrected(words: Sequence[str], last: int) -> bool:
    """Return whether the caller takes back what ends at that word."""
    after = words[last + 1 : last + 1 + CORRECTION_REACH]
    folded = [fold(core_of(word).text) for word in after]
    breaks_off = any(word in _EXCLAMATIONS and said[-1:] in set(",!") for word, said in zip(folded, after, strict=True))
    return breaks_off or any(word in _CORRECTIONS for word in folded)


def is_name(row: Sequence[TimeToken], words: Sequence[str]) -> bool:
    """Return whether tokens end with a month or weekday that is part of a name: Kasım Bey, 19 Mayıs Mahallesi."""
    last = row[-1]
    if not re.fullmatch(r"(?:m\d+|w\d)(?:\.a)?", last.text) or last.last + 1 >= len(words):
        return False
    if not words[last.last].endswith(core_of(words[last.last]).text):
        return False
    return fold(core_of(words[last.last + 1]).text) in _NAMES or begins_name(words, last.last + 1)


def follows_number(row: Sequence[TimeToken], words: Sequence[str]) -> bool:
    """Return whether numbers alone go on with a number before them: they may be the end of a telephone number."""
    first = row[0].first
    if not first or not all(re.match(r"[nvr]\d|,", token.text) for token in row):
        return False
    before = words[first - 1]
    return any(char.isdigit() for char in before) or spoken_number([before], 0) is not None
