"""Runs of number words as callers dictate them: with hesitations, ``çift sıfır``, an area code, a correction.

What is said between the groups of a number is taken out or rewritten before the runs are found, and the runs then point
to the words as they were said.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import NamedTuple

from vm_mcp.doubt.digit_groups import Run, find_runs
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.number_words import Vocabulary, WordMeaning, core_of, stem_of
from vm_mcp.text import fold

_DOUBLE, _TRIPLE, _FOURFOLD, _THOUSAND = "2x", "3x", "4x", "1000x"
_SHORTHAND: dict[str, WordMeaning] = {
    _DOUBLE: ("repeat", "2"),
    _TRIPLE: ("repeat", "3"),
    _FOURFOLD: ("repeat", "4"),
    _THOUSAND: ("thousand", "000"),
}
"""Words that no vocabulary needs, because only a dictated number has them."""
_REPETITIONS: dict[tuple[str, ...], str] = {
    ("cift",): _DOUBLE,
    ("iki", "tane"): _DOUBLE,
    ("iki", "adet"): _DOUBLE,
    ("uc", "tane"): _TRIPLE,
    ("uc", "adet"): _TRIPLE,
    ("dort", "tane"): _FOURFOLD,
    ("dort", "adet"): _FOURFOLD,
}

# Said while the next group comes to mind. `ve` and `and` are not among them: they also join two numbers.
_HESITATION = re.compile(
    r"e+|i+|aa+|ah|o{2,}|h?m{2,}|hm+|u+[hm]+|er+m?"
    r"|sey|hani|evet|efendim|sonra|ardindan|tamam|bosluk|nokta|then|okay|ok|well|yes|right"
)
_HESITATING = {("ondan", "sonra"), ("tamam", "mi"), ("and", "then"), ("alan", "kodu"), ("alan", "kodlu")}
_AREA_CODE = {
    ("alan", "kodu"),
    ("alan", "kodumuz"),
    ("alan", "kodum"),
    ("sehir", "kodu"),
    ("area", "code"),
    ("il", "kodu"),
}
_AFTER_AREA_CODE = re.compile(r"numara\w*|telefon\w*|ise|da|de|the|my|our|number|is|and|then|ve")
_MOST_BEFORE_AREA_CODE, _MOST_AFTER_AREA_CODE = 4, 4

_CORRECTION = re.compile(r"pardon|yanlis\w*|duzelt\w*|ozur|affeders\w*|sorry|correction|scratch|wrong")
_REFUSAL = re.compile(r"yok|hayir|degil|no|not|wait")
"""Words that correct a number only if they follow it at once."""
_MOST_CORRECTING = 5
"""The longest correction, in words: ``pardon, yanlış söyledim, sonu öyle değil``."""
_AT = re.compile(r"(?:\d['’]|(?:bir|iki|uc|dort|bes|alti|yedi|sekiz|dokuz|on|yirmi|otuz))[dt][ae]$")
_MAX_DAY = 31
_DIGITS_BEFORE_THOUSANDS = 5
"""Number words before ``iki bin sekiz yüz doksan üç`` that make it the end of a telephone number."""


class _Token(NamedTuple):
    text: str
    word: int
    """Index of the word that it stands for."""


def dictated_runs(words: Sequence[str], vocabulary: Vocabulary) -> list[Run]:
    """Return the runs of number words among all words of a transcript, as `find_runs` does, read as dictation."""
    numeric = [bool(vocabulary.read(word).parts) for word in words]
    if not any(numeric):
        return []
    folded = [_folded(word) for word in words]
    tokens = _Rewriter(words, folded, numeric, vocabulary).tokens()
    found = find_runs([token.text for token in tokens], _with_shorthand(vocabulary))
    runs = [_with_hour(placed, folded, words) for run in found if (placed := _placed(run, tokens)).parts]
    return _with_corrections(_with_gaps(runs, folded, vocabulary), folded)


@lru_cache(maxsize=4096)
def _folded(word: str) -> str:
    return fold(stem_of(word))


@cache
def _with_shorthand(vocabulary: Vocabulary) -> Vocabulary:
    return replace(vocabulary, plain=vocabulary.plain | _SHORTHAND)


class _Rewriter(NamedTuple):
    """Takes what is no number out of a dictated one."""

    words: Sequence[str]
    folded: Sequence[str]
    numeric: Sequence[bool]
    """Whether each word is a number word."""
    vocabulary: Vocabulary

    def tokens(self) -> list[_Token]:
        """Return the words without hesitations inside a number, and with the words of `_SHORTHAND`."""
        tokens: list[_Token] = []
        at = 0
        while at < len(self.words):
            if skipped := self._interruption(at):
                tokens[-1] = _paused(tokens[-1])
                at += skipped
            else:
                size, text = self._shorthand(at)
                tokens.append(_Token(text or self.words[at], at))
                at += size
        return tokens

    def _interruption(self, at: int) -> int:
        """Return how many words from here on interrupt a number; 0 if none, or if no number goes on after them."""
        if not at or not self.numeric[at - 1] or self.numeric[at]:
            return 0
        end = at
        while size := self._hesitation(end):
            end += size
        if self._follows_area_code(at):
            most = min(len(self.words), at + _MOST_AFTER_AREA_CODE)
            while end < most and _AFTER_AREA_CODE.fullmatch(self.folded[end]):
                end += 1
        return end - at if end < len(self.words) and self.numeric[end] else 0

    def _follows_area_code(self, at: int) -> bool:
        """Return whether the number words before here are said to be an area code."""
        first = at
        while first and self.numeric[first - 1]:
            first -= 1
        return any(self._begins(start, _AREA_CODE) for start in range(max(0, first - _MOST_BEFORE_AREA_CODE), first))

    def _hesitation(self, at: int) -> int:
        if at >= len(self.words) or self.numeric[at]:
            return 0
        return self._begins(at, _HESITATING) or int(_HESITATION.fullmatch(self.folded[at]) is not None)

    def _begins(self, at: int, phrases: Iterable[tuple[str, ...]]) -> int:
        """Return the number of words of the phrase that begins here; 0 if none does."""
        fitting = (phrase for phrase in phrases if phrase[0] == self.folded[at])
        return next((len(phrase) for phrase in fitting if tuple(self.folded[at : at + len(phrase)]) == phrase), 0)

    def _shorthand(self, at: int) -> tuple[int, str]:
        """Return how many words from here on are one, and the word of `_SHORTHAND` for them; "" for none."""
        size = self._begins(at, _REPETITIONS)
        if size and self._is_digit(at + size):
            return size, _REPETITIONS[tuple(self.folded[at : at + size])]
        is_thousand = self.folded[at] == "bin" and all(self.numeric[max(0, at - _DIGITS_BEFORE_THOUSANDS) : at])
        return 1, _THOUSAND if is_thousand and at > _DIGITS_BEFORE_THOUSANDS else ""

    def _is_digit(self, at: int) -> bool:
        parts = self.vocabulary.read(self.words[at]).parts if at < len(self.words) else ()
        return len(parts) == 1 and len(parts[0][1]) == 1


def _paused(token: _Token) -> _Token:
    return token if token.text[-1] in ",.;:!?…" else token._replace(text=f"{token.text},")


def _placed(run: Run, tokens: Sequence[_Token]) -> Run:
    """Return a run of the words as they were said, with what they show of its groups."""
    parts = [
        part if tokens[part.word].word == part.word else replace(part, word=tokens[part.word].word)
        for part in run.parts
    ]
    while parts and parts[-1].kind == "repeat":
        parts.pop()  # "double room" after a number
    marked = tuple(
        _in_context(before, part, following)
        for before, part, following in zip([None, *parts], parts, [*parts[1:], None], strict=False)
    )
    return replace(run, parts=marked, counted=min(run.counted, len(parts)))


def _with_hour(run: Run, folded: Sequence[str], words: Sequence[str]) -> Run:
    """Return a run with its last number counted as an hour or a day if it says so: ``15'te``, ``on beşte``."""
    last = run.parts[-1]
    spelled = fold(core_of(words[last.word]).text) if last.kind == "written" else folded[last.word]
    if run.counted or not _AT.search(spelled) or len(last.digits) > len("31"):
        return run
    follows_tens = last.kind == "digit" and len(run.parts) > 1 and run.parts[-2].kind == "tens"
    value = int(last.digits) + (int(run.parts[-2].digits) if follows_tens else 0)
    if not 0 < value <= _MAX_DAY:
        return run
    return replace(run, counted=2 if follows_tens else 1, is_hour=True)


def _in_context(before: DigitPart | None, part: DigitPart, following: DigitPart | None) -> DigitPart:
    """Return a part marked as hundreds that the next word may complete, or with the pause after a compound word."""
    if following is None or following.word == part.word:
        return part
    is_round = part.kind == "written" and re.fullmatch("0?[1-9]00|000", part.digits) is not None
    ends_compound = part.kind != "written" and before is not None and before.word == part.word
    pause = part.pause or ("," if ends_compound else "")
    takes_ones = is_round or part.kind == "zeros"
    return replace(part, takes_ones=takes_ones, pause=pause) if takes_ones or pause != part.pause else part


def _with_gaps(runs: Sequence[Run], folded: Sequence[str], vocabulary: Vocabulary) -> list[Run]:
    """Return the runs, those marked that only a misheard number word separates from the one before."""
    return [
        replace(run, continues=before is not None and _is_gap(before, run, folded, vocabulary))
        for before, run in zip([None, *runs], runs, strict=False)
    ]


def _is_gap(before: Run, run: Run, folded: Sequence[str], vocabulary: Vocabulary) -> bool:
    between = folded[before.parts[-1].word + 1 : run.parts[0].word]
    return len(between) == 1 and vocabulary.resembles(between[0])


def _with_corrections(runs: Sequence[Run], folded: Sequence[str]) -> list[Run]:
    """Return the runs, those marked that the speaker took back, and those that replace them."""
    marked = list(runs)
    for at, run in enumerate(marked):
        following = marked[at + 1] if at + 1 < len(marked) else None
        first = run.parts[-1].word + 1
        between = folded[first : following.parts[0].word if following else first + 1]
        is_number = following and not following.is_amount and following.counted < len(following.parts)
        if following and is_number and _corrects(between):
            marked[at], marked[at + 1] = replace(marked[at], is_corrected=True), replace(following, corrects=True)
        elif between and between[0] == "degil":
            marked[at] = replace(marked[at], is_corrected=True)
    return marked


def _corrects(between: Sequence[str]) -> bool:
    if not between or len(between) > _MOST_CORRECTING:
        return False
    spoken = [word for word in between if not _HESITATION.fullmatch(word)]
    is_refusal = bool(spoken) and _REFUSAL.fullmatch(spoken[0]) is not None
    return is_refusal or any(_CORRECTION.fullmatch(word) for word in between)
