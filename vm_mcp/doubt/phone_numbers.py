"""Finds the telephone numbers in a transcript.

The words alone don't show where a number begins and ends and how its groups are read, but the numbering plan and the
groups in which people say numbers do. So all possible readings are made first, then those are kept that are valid and
grouped like that, and of these the ones that explain the words best. A number is told as valid only if the words can be
read in no other way.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vm_mcp.doubt.corrections import corrected_number, taken_back
from vm_mcp.doubt.digit_groups import Reading, Run
from vm_mcp.doubt.digit_parts import DigitPart
from vm_mcp.doubt.grouping import completes_hundreds, ends_country_code, has_more_groups, is_as_good, is_clear
from vm_mcp.doubt.heard_numbers import Claim, Evidence, HeardNumber, doubted
from vm_mcp.doubt.incomplete_numbers import incomplete_numbers
from vm_mcp.doubt.number_candidates import (
    Candidate,
    best_row,
    can_be_area_code,
    can_begin,
    can_end,
    candidate_readings,
    in_fewest_groups,
    is_complete,
    is_foreign,
    is_long,
    joined_tail,
    other_lines,
    without_run_ons,
)
from vm_mcp.doubt.numbering_plan import Line, caller_line, heard_line, written_groups
from vm_mcp.doubt.unread_numbers import with_unread
from vm_mcp.telephone import HOME_REGION
from vm_mcp.wording import words

_HOUR = words("its last digits may be an hour or a day")


def find_phones(
    words: Sequence[str], probabilities: Sequence[float | None], runs: Iterable[Run], caller_number: str
) -> list[HeardNumber]:
    """Return the telephone numbers in a transcript, in order, and those that were said and could not be read.

    Args:
        words: All words of the transcript.
        probabilities: Probability of each word, 0 to 1; None if the engine gave none.
        runs: The runs of number words among them.
        caller_number: As the PBX sent it. Extensions and hidden numbers are compared with nothing.
    """
    listed = list(runs)
    if not any(is_long(_with_corrected(before, run)) for before, run in zip([None, *listed], listed, strict=False)):
        return with_unread(words, listed, [])
    heard = _Finder(Evidence(words, probabilities, caller_line(caller_number))).find_all(listed)
    return with_unread(words, listed, heard)


@dataclass(frozen=True, slots=True)
class _Finder:
    evidence: Evidence

    def find_all(self, runs: Sequence[Run]) -> list[HeardNumber]:
        """Return the numbers in all runs; what a caller corrected is in doubt."""
        heard: list[HeardNumber] = []
        for before, run in zip([None, *runs], runs, strict=False):
            found = self.numbers_in(run) if is_long(run.parts) else []
            is_new = any(number.is_whole for number in found)
            if before and before.is_corrected and run.corrects and not is_new:
                old = {part.word for part in before.parts}
                whole = corrected_number(before.parts, run.parts, self.evidence)
                found = [whole] if whole else found
                heard = [number for number in heard if not whole or old.isdisjoint(number.words)]
            heard += [taken_back(number) for number in found] if run.is_corrected else found
        return heard

    def numbers_in(self, run: Run) -> list[HeardNumber]:
        """Return the numbers in a run, without the last parts if these count the word after the run.

        The run is read with and without those parts, because that word may also begin what comes next: in ``… 28 13 gün
        içinde`` (within the day) the number needs its 13. It gets the parts if they make it valid and no pause sets
        them apart. Parts before a currency never belong to a number.
        """
        whole = self._find(run.parts, is_amount=run.is_amount)
        if not run.counted:
            has_thousands = any(part.kind == "thousand" for part in run.parts)
            return [number for number in whole if number.is_whole] if has_thousands else whole
        uncounted = run.parts[: -run.counted]
        apart = self._rest(uncounted, is_amount=False)
        usual = self._count_clear(uncounted, is_amount=False)
        usual_of_all = self._count_clear(run.parts, is_amount=run.is_amount)
        if run.is_amount:
            return apart if usual > usual_of_all else whole
        needs_them = usual_of_all > usual or (not usual and any(each.number.is_valid for each in whole))
        is_better = needs_them or not apart
        if not whole or not is_better or _is_set_apart(uncounted, whole[-1]):
            return apart
        return [*whole[:-1], doubted(whole[-1], _HOUR)] if run.is_hour else whole

    def _find(self, parts: Sequence[DigitPart], *, is_amount: bool) -> list[HeardNumber]:
        """Return the valid numbers in the parts, and from the rest those that are as long as one."""
        candidates = list(self._candidates(parts, is_amount=is_amount))
        row = best_row(candidates, len(parts), self.evidence.is_callers)
        if not is_amount and not _explains_all(row, parts):
            row = self._unmarked_row(parts) or row
        if not row:
            return [] if is_amount else list(self._incomplete(parts))
        heard: list[HeardNumber] = []
        done = 0
        next_starts = [*(candidate.reading.start for candidate in row[1:]), len(parts)]
        for candidate, next_start in zip(row, next_starts, strict=True):
            heard += self._rest(parts[done : candidate.reading.start], is_amount=False)
            tail = joined_tail(parts[:next_start], candidate.reading.end)
            heard.append(self._number(parts, candidate, candidates, tail))
            done = candidate.reading.end + len(tail)
        return heard + self._rest(parts[done:], is_amount=is_amount)

    def _rest(self, parts: Sequence[DigitPart], *, is_amount: bool) -> list[HeardNumber]:
        return self._find(parts, is_amount=is_amount) if is_long(parts) else []

    def _candidates(self, parts: Sequence[DigitPart], *, is_amount: bool) -> Iterator[Candidate]:
        """Yield the valid numbers that begin and end where a number can."""
        ends = {0}
        for start in range(len(parts)):
            if not (start in ends or can_begin(parts, start)) or not is_long(parts[start:]):
                continue
            is_fresh = start in ends or (parts[start - 1].ends_sentence and not can_be_area_code(parts[:start]))
            fitting = [
                item
                for item in self._readings(parts, start)
                if can_end(item, parts, is_fresh=is_fresh, is_amount=is_amount)
            ]
            for candidate in without_run_ons(self._valid(fitting, parts), parts):
                ends.add(candidate.reading.end)
                yield candidate

    def _readings(self, parts: Sequence[DigitPart], start: int) -> list[Reading]:
        caller = self.evidence.caller
        return candidate_readings(parts, start, may_be_foreign=caller is not None and caller.region != HOME_REGION)

    def _count_clear(self, parts: Sequence[DigitPart], *, is_amount: bool) -> int:
        """Return how many valid numbers the parts hold, each read in the only way that it can be."""
        clear = (item for item in self._candidates(parts, is_amount=is_amount) if is_clear(item.reading, parts))
        return len(best_row(clear, len(parts), self.evidence.is_callers))

    def _unmarked_row(self, parts: Sequence[DigitPart]) -> list[Candidate]:
        """Return complete numbers in a row without a pause or a zero between them; only if they explain every word."""
        ends: set[int] = {0}
        candidates: list[Candidate] = []
        for start in range(len(parts)):
            if start in ends:
                full = self._valid([item for item in self._readings(parts, start) if is_complete(item)], parts)
                found = without_run_ons(full, parts)
                candidates += found
                ends |= {candidate.reading.end for candidate in found}
        row = best_row(candidates, len(parts), self.evidence.is_callers)
        return row if _explains_all(row, parts) else []

    def _valid(self, fitting: Sequence[Reading], parts: Sequence[DigitPart]) -> list[Candidate]:
        lines = {dialled: heard_line(dialled, self.evidence.caller) for dialled in {item.dialled for item in fitting}}
        valid = {item: line for item in fitting if (line := lines[item.dialled]) and _is_dialled(item, parts, line)}
        at_home = {(item.start, item.end) for item, line in valid.items() if line.region == HOME_REGION}
        likely = [
            item for item, line in valid.items() if line.region == HOME_REGION or (item.start, item.end) not in at_home
        ]
        return [Candidate(item, valid[item]) for item in in_fewest_groups(likely)]

    def _number(
        self, parts: Sequence[DigitPart], chosen: Candidate, others: Iterable[Candidate], tail: list[DigitPart]
    ) -> HeardNumber:
        reading, line = chosen
        named = [heard_line(item.dialled, self.evidence.caller) for item in other_lines(reading, tail)]
        lines = [other.formatted for other in named if other]
        if self.evidence.is_callers(line):
            return self.evidence.judge(Claim(parts, reading, line, (), lines))
        rivals = _rivals(reading, parts, [other for other, _ in others])
        return self.evidence.judge(Claim(parts, reading, line, rivals, lines, _why_unclear(reading, parts)))

    def _incomplete(self, parts: Sequence[DigitPart]) -> Iterator[HeardNumber]:
        for said, best, others, tail in incomplete_numbers(parts):
            lines = [written_groups(other.groups) for other in other_lines(best, tail)]
            rivals = [other.digits for other in others if other.digits != best.digits]
            yield self.evidence.judge(Claim(said, best, None, rivals, lines))


def _with_corrected(before: Run | None, run: Run) -> Sequence[DigitPart]:
    return [*before.parts, *run.parts] if before and run.corrects else run.parts


def _is_dialled(reading: Reading, parts: Sequence[DigitPart], line: Line) -> bool:
    """Return whether a number with a country code was said with the code apart from the rest."""
    return not is_foreign(reading) or ends_country_code(reading, parts, _country_digits(reading, line))


def _country_digits(reading: Reading, line: Line) -> int:
    """Return the length of a foreign number's country code, with the ``00`` in front of it."""
    return 2 * reading.dialled.startswith("00") + len(line.e164.removeprefix("+")) - len(line.national)


def _explains_all(row: Iterable[Candidate], parts: Sequence[DigitPart]) -> bool:
    return sum(item.end - item.start for item, _ in row) == len(parts)


def _is_set_apart(uncounted: Sequence[DigitPart], last: HeardNumber) -> bool:
    """Return whether the only pause in a number is before the parts that may count the word after the run.

    If there is a pause between all groups, it says nothing about the last of them.
    """
    inside = [part for part in uncounted if part.word in last.words]
    return bool(inside and inside[-1].pause and not any(part.pause for part in inside[:-1]))


def _rivals(best: Reading, parts: Sequence[DigitPart], others: Iterable[Reading]) -> list[str]:
    """Return the digits of other readings that are as good: of the same words, or of ``500 32`` as it is written."""
    is_repair = completes_hundreds(best, parts)
    rivals = {
        other.digits
        for other in others
        if other.start == best.start
        and is_as_good(other, best, parts)
        and (other.end == best.end or (is_repair and not completes_hundreds(other, parts)))
    }
    return sorted(rivals - {best.digits})


def _why_unclear(reading: Reading, parts: Sequence[DigitPart]) -> str:
    """Return why digits may be missing or superfluous; "" if the words show that none is."""
    if not is_clear(reading, parts):
        return "the words can be grouped in another way, with digits missing"
    return "more digits are said before or after it" if has_more_groups(reading, parts) else ""
