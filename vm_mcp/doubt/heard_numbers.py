"""How far to trust a telephone number in a transcript: its confidence, and a verdict in words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from vm_mcp.doubt.digit_groups import Reading
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.doubtful_digits import braced, differing_digits, digit_words
from vm_mcp.doubt.numbering_plan import Line, compare, written_groups
from vm_mcp.doubt.thresholds import DIGITS, GUESS, SHARPNESS
from vm_mcp.models import PhoneNumber
from vm_mcp.telephone import NATIONAL_DIGITS
from vm_mcp.wording import Words, alternatives, enumeration, joined, plural, words


@dataclass(frozen=True, slots=True)
class HeardNumber:
    """A telephone number, and the words that it was read from."""

    number: PhoneNumber
    words: tuple[int, ...]
    """Indices of those words."""
    guesses: frozenset[int]
    """Those of them that only resemble number words."""
    other_lines: tuple[str, ...] = ()
    """The other lines that were named with it, as in ``12 34-35``, written as `PhoneNumber.number` is."""
    is_whole: bool = False
    """Whether its digits are a number in a country's numbering plan, even if they were read in one of several ways."""

    def with_number(self, **changes: object) -> Self:
        """Return it with other values in fields of its number."""
        return replace(self, number=self.number.model_copy(update=changes))

    def with_words(self, words: tuple[int, ...]) -> Self:
        """Return it as read from other words."""
        return replace(self, words=words)


@dataclass(frozen=True, slots=True)
class Claim:
    """How a number was read."""

    parts: Sequence[DigitPart]
    """All parts of its run."""
    reading: Reading
    line: Line | None
    """The valid number that the digits make up; None if they don't."""
    rivals: Sequence[str] = ()
    """Digits of other readings that are as good."""
    lines: Sequence[str] = ()
    """Other lines that were named with it."""
    unclear: str = ""
    """Why the words may be no number, or another one; empty if they are clear."""

    @property
    def said(self) -> Sequence[DigitPart]:
        """The parts that it was read from."""
        return self.parts[self.reading.start : self.reading.end]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a transcript, to judge the numbers in it by."""

    words: Sequence[str]
    probabilities: Sequence[float | None]
    """Probability of each word, 0 to 1; None if the engine gave none."""
    caller: Line | None
    """The caller's number; None if it is not known or not valid."""

    def is_callers(self, line: Line) -> bool:
        """Return whether a number is the caller's."""
        return bool(self.caller and line.e164 == self.caller.e164)

    def judge(self, claim: Claim) -> HeardNumber:
        """Return a number with its confidence and verdict."""
        said, reading, line = claim.said, claim.reading, claim.line
        spoken = tuple(range(said[0].word, said[-1].word + 1))
        # A valid number is the same with or without the zero in front, so a doubtful zero does not matter.
        significant = said[1:] if line and said[0].digits == "0" else said
        matches, relation = compare(reading.digits, line, self.caller)
        length = words("")
        if not line:
            is_short = len(reading.digits) < NATIONAL_DIGITS
            length = words("not a complete number") if is_short else words("not a valid number")
        doubtful = set() if matches else self._doubtful(claim)
        facts = [*self._relations(relation, claim.lines), length, *([] if matches else _doubts(claim, len(doubtful)))]
        formatted = line.formatted if line else written_groups(reading.groups)
        is_valid = line is not None and not claim.rivals and not claim.unclear
        number = PhoneNumber(
            number=formatted,
            in_doubt=braced(formatted, doubtful),
            heard=quoted(self.words, spoken),
            e164=line.e164 if line and is_valid else "",
            is_valid=is_valid,
            confidence=self._confidence(significant, max(len(claim.rivals), bool(claim.unclear))),
            same_as_caller=matches,
            verdict=joined("; ", facts),
        )
        guesses = frozenset(part.word for part in said if part.is_guess)
        return HeardNumber(number, spoken, guesses, tuple(claim.lines), is_whole=line is not None)

    def _relations(self, relation: Words, lines: Sequence[str]) -> Iterator[Words]:
        """Yield how the number relates to the caller ID, which may be one of its other lines, and what these are."""
        callers = self.caller.formatted if self.caller else ""
        yield words("the caller ID is its other line {number}", number=callers) if callers in lines else relation
        named = [line for line in lines if line != callers]
        if named:
            yield plural(
                "another line is {numbers}", "other lines are {numbers}", len(named), numbers=enumeration(named)
            )

    def _confidence(self, parts: Sequence[DigitPart], rivals: int) -> float | None:
        """Return an estimate of the probability that all digits are right; None if the engine gave no probabilities.

        The words' probabilities are multiplied, because one wrong word makes the number wrong, and divided among the
        readings that are equally good.
        """
        probabilities = [self.probabilities[word] for word in dict.fromkeys(part.word for part in parts)]
        known = [probability for probability in probabilities if probability is not None]
        if len(known) < len(probabilities):
            return None
        guesses = sum(part.is_guess for part in parts)
        return round(math.prod(known) ** SHARPNESS * GUESS**guesses / (1 + rivals), 2)

    def _doubtful(self, claim: Claim) -> set[int]:
        """Return the positions, from the end, of the digits that the engine was unsure of or that may be others."""
        unsure = {at for at, part in enumerate(claim.parts) if part.is_guess or self._is_unsure(part)}
        sources = reversed(digit_words(claim.reading, claim.parts))
        doubtful = {at for at, source in enumerate(sources) if source & unsure}
        doubtful.update(*(differing_digits(claim.reading.digits, rival) for rival in claim.rivals))
        return {at for at in doubtful if not claim.line or at < len(claim.line.national)}

    def _is_unsure(self, part: DigitPart) -> bool:
        probability = self.probabilities[part.word]
        return probability is not None and probability < DIGITS


def doubted(heard: HeardNumber, why: Words) -> HeardNumber:
    """Return a number that isn't told as valid, with the reason in its verdict."""
    verdict = joined("; ", (why, heard.number.verdict))
    return heard.with_number(is_valid=False, e164="", verdict=verdict)


def quoted(words: Sequence[str], indices: Sequence[int]) -> str:
    """Return words as one text, without the punctuation after it."""
    return " ".join(words[index] for index in indices).strip(".,;:!? ")


def _doubts(claim: Claim, doubtful: int) -> Iterator[Words]:
    if doubtful:
        yield plural(
            "uncertain: {count} of its digits is in doubt", "uncertain: {count} of its digits are in doubt", doubtful
        )
    if claim.rivals:
        yield words("may also be {numbers}", numbers=alternatives(claim.rivals))
    elif claim.unclear:
        yield words("uncertain: {reason}", reason=words(claim.unclear))
