"""The table of what became of the recordings, path by path."""

from collections.abc import Callable, Sequence

from slots.scoring import interval

from telephone.judging import Verdict
from telephone.one_call import Failed
from telephone.paths import TelephonePath

_HEADER = (
    "| path | what it is | recordings | words wrong, % | invented words | other language | no words | numbers right | "
    "told as valid, wrong | wrong without a warning | said, none listed | wrong words marked, % | speech cut, % |"
)


def table(verdicts: dict[TelephonePath, list[Verdict]]) -> str:
    """Return the counts of each path as a Markdown table."""
    lines = [_HEADER, "|---" * _HEADER.count(" | ") + "|---|"]
    return "\n".join([*lines, *(_row(path, found) for path, found in verdicts.items())])


def _row(path: TelephonePath, found: Sequence[Verdict]) -> str:
    def total(part: Callable[[Verdict], int]) -> int:
        return sum(map(part, found))

    no_words, untold = total(lambda each: each.lost), total(lambda each: each.lost_untold)
    cells = [
        path.name,
        path.about,
        str(len(found)),
        str(interval(found, lambda each: each.errors, lambda each: each.words)),
        str(total(lambda each: each.invented)),
        str(total(lambda each: each.other_language)),
        f"{no_words}, {untold} of them untold" if untold else str(no_words),
        f"{total(lambda each: each.numbers_right)} of {total(lambda each: each.numbers)}",
        f"{total(lambda each: each.sure_wrong)} of {total(lambda each: each.sure)}",
        str(total(lambda each: each.unwarned)),
        str(total(lambda each: each.missed_untold)),
        str(interval(found, lambda each: each.wrong_marked, lambda each: each.wrong)),
        str(interval(found, lambda each: each.cut, lambda each: each.spoken)),
    ]
    return f"| {' | '.join(cells)} |"


def failures(failed: Sequence[Failed]) -> str:
    """Return a line for each call that came to nothing."""
    return "\n".join(f"- {each.path.name}, {each.caller.message.name}: {each.reason}" for each in failed)
