"""Match callers with what a person types: a number in any spelling, or a name."""

from collections.abc import Callable, Iterable

from vm_mcp.telephone import is_number, is_same_number, number_spellings
from vm_mcp.text import fold_words

_NEAR = 0.75
"""Similarity, 0 to 1, from which two spellings count as the same but for a slip."""


def caller_matcher(caller: str) -> Callable[[str, str], bool]:
    """Return a function of a number and a name: whether they are the caller's, a number or a whole name."""
    wanted, can_be_number = fold_words(caller), is_number(caller)

    def is_theirs(number: str, name: str) -> bool:
        return bool(wanted and fold_words(name) == wanted) or (can_be_number and is_same_number(caller, number))

    return is_theirs


def callers_like(wanted: str, known: Iterable[tuple[str, str]], limit: int = 5) -> list[str]:
    """Return known callers: those whose name or number contains ``wanted``, then those that nearly match it.

    CPU-bound: microseconds a caller. Each is ``name, number``, or the one of them that is known.

    Args:
        wanted: What was typed.
        known: Numbers and names, in the order in which equally good ones are returned.
        limit: At most this many.
    """
    from difflib import get_close_matches

    # A caller has several spellings, and callers may share one: the name of a family, the number of a company.
    callers: dict[str, list[str]] = {}
    for number, name in known:
        for spelling in sorted({fold_words(name), *number_spellings(number)} - {""}):
            callers.setdefault(spelling, []).append(", ".join(part for part in (name, number) if part))
    typed = sorted((number_spellings(wanted) if is_number(wanted) else {fold_words(wanted)}) - {""})
    containing = [spelling for part in typed for spelling in callers if part in spelling]
    near = [spelling for whole in typed for spelling in get_close_matches(whole, callers, cutoff=_NEAR)]
    return list(dict.fromkeys(caller for spelling in [*containing, *near] for caller in callers[spelling]))[:limit]
