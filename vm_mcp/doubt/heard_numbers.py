"""How far to trust a telephone number in a transcript: its confidence, and a verdict in words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vm_mcp.doubt.digit_groups import DigitPart, Reading
from vm_mcp.doubt.numbering_plan import Line, compare, written_groups
from vm_mcp.doubt.thresholds import DIGITS, GUESS, SHARPNESS
from vm_mcp.models import PhoneNumber
from vm_mcp.telephone import NATIONAL_DIGITS


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

    def judge(
        self, said: Sequence[DigitPart], reading: Reading, line: Line | None, rivals: list[str], lines: list[str]
    ) -> HeardNumber:
        """Return a number with its confidence and verdict.

        Args:
            said: The parts that it was read from.
            reading: How they were read.
            line: The valid number that the digits make up; None if they don't.
            rivals: Digits of other readings that are as good.
            lines: Other lines that were named with it.
        """
        words = tuple(dict.fromkeys(part.word for part in said))
        # A valid number is the same with or without the zero in front, so a doubtful zero does not matter.
        significant = said[1:] if line and said[0].digits == "0" else said
        matches, relation = compare(reading.digits, line, self.caller)
        length = "" if line else f"not a {'complete' if len(reading.digits) < NATIONAL_DIGITS else 'valid'} number"
        facts = [*self._relations(relation, lines), length, *([] if matches else self._doubts(significant, rivals))]
        number = PhoneNumber(
            number=line.formatted if line else written_groups(reading.groups),
            heard=" ".join(self.words[word] for word in words).strip(".,;:!? "),
            e164=line.e164 if line else "",
            is_valid=line is not None,
            confidence=self._confidence(significant, len(rivals)),
            same_as_caller=matches,
            verdict="; ".join(fact for fact in facts if fact),
        )
        return HeardNumber(number, words, frozenset(part.word for part in said if part.is_guess), tuple(lines))

    def _relations(self, relation: str, lines: Sequence[str]) -> Iterator[str]:
        """Yield how the number relates to the caller ID, which may be one of its other lines, and what these are."""
        callers = self.caller.formatted if self.caller else ""
        yield f"the caller ID is its other line {callers}" if callers in lines else relation
        named = [line for line in lines if line != callers]
        if named:
            yield f"{'other lines are' if len(named) > 1 else 'another line is'} {' and '.join(named)}"

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

    def _doubts(self, parts: Sequence[DigitPart], rivals: list[str]) -> Iterator[str]:
        doubtful = sum(_count_digits(part) for part in parts if part.is_guess or self._is_unsure(part))
        if doubtful:
            yield f"uncertain: {doubtful} of its digits {'are' if doubtful > 1 else 'is'} in doubt"
        if rivals:
            yield f"may also be {' or '.join(rivals)}"

    def _is_unsure(self, part: DigitPart) -> bool:
        probability = self.probabilities[part.word]
        return probability is not None and probability < DIGITS


def _count_digits(part: DigitPart) -> int:
    """Return how many digits are wrong if a part is: all of a written group, two of ``fourteen``, one of ``kırk``."""
    return len(part.digits) if part.kind in {"written", "teen"} else 1
