"""Read a file of forms of times, and count which are read right, by language and kind.

uv run python benchmarks/said_times.py FILE [--left-at 2026-11-26T16:20] [--zone Europe/Istanbul] [--all]

The file holds ``{"forms": [{"text", "lang", "kind", "value", "also"}, …]}``. A value is an ISO date, an ISO time to the
minute, a time of day, an interval ``a/b``, or one of these behind ``<=``, ``<``, ``>=`` or ``>``; None if nothing may
be read. ``also`` lists other values that will do, and ``window`` the bounds that an interval of vague edges must keep
within. Each form is read bare and within a message.
"""

import argparse
import json
import time as clock
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from vm_mcp.doubt.times import TimeSaid, find_times

Verdict = Literal["right", "right, asked", "nothing", "wrong, asked", "wrong, told as sure"]
VERDICTS: tuple[Verdict, ...] = ("right", "right, asked", "nothing", "wrong, asked", "wrong, told as sure")
MESSAGES = {
    "bare": {"tr": "{}", "en": "{}"},
    "in a message": {
        "tr": "Merhaba, ben Elif Çelik. {} diye arıyorum, bana dönerseniz sevinirim.",
        "en": "Hello, this is Ellen Clark. {} please call me back when you can.",
    },
}
SIGNS = {"": "", "by": "<=", "before": "<", "from": ">=", "after": ">"}
ROUNDS = 20
"""How often all messages are read for their CPU time."""


class Judged(NamedTuple):
    """A form, how it was read, and what comes of that."""

    form: dict[str, Any]
    values: tuple[str, ...]
    verdict: Verdict


def main() -> None:
    """Print a table for each way of reading, the forms that were not read right, and the CPU time of a message."""
    arguments = _arguments()
    forms = json.loads(arguments.file.read_text(encoding="utf-8"))["forms"]
    left_at = datetime.fromisoformat(arguments.left_at).replace(tzinfo=ZoneInfo(arguments.zone))
    for name, messages in MESSAGES.items():
        judged = [_judge(form, messages[form["lang"]].format(form["text"]), left_at) for form in forms]
        print("\n".join([f"\n{name}", *_table(judged)]))
        for each in judged:
            if arguments.all or not each.verdict.startswith("right"):
                print(f"  {each.verdict}: {each.form['text']} -> {', '.join(each.values) or 'nothing'}")
    print(f"\nCPU time of a message: {_milliseconds(forms, left_at):.2f} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--left-at", default="2026-11-26T16:20", help="local time at which the messages were left")
    parser.add_argument("--zone", default="Europe/Istanbul")
    parser.add_argument("--all", action="store_true", help="print every form, not only those that went wrong")
    return parser.parse_args()


def _judge(form: dict[str, Any], text: str, left_at: datetime) -> Judged:
    found = find_times(text.split(), form["lang"], left_at)
    values = tuple(f"{_written(said)}{f' ({said.question})' if said.question else ''}" for said in found)
    return Judged(form, values, _verdict(form, found))


def _verdict(form: dict[str, Any], found: Sequence[TimeSaid]) -> Verdict:
    is_sure = any(not said.question for said in found)
    wanted = {form["value"], *form.get("also", ())} - {None}
    if not found:
        return "nothing" if wanted else "right"
    if wanted and all(_written(said) in wanted or _is_within(said, form.get("window")) for said in found):
        return "right" if is_sure else "right, asked"
    return "wrong, told as sure" if is_sure else "wrong, asked"


def _written(said: TimeSaid) -> str:
    return SIGNS[said.bound] + "/".join(_iso(value) for value in (said.value, said.end) if value is not None)


def _iso(value: date | datetime | time) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return f"{value:%H:%M}" if isinstance(value, time) else value.isoformat()


def _is_within(said: TimeSaid, window: Sequence[str] | None) -> bool:
    if not window or said.end is None:
        return False
    return window[0] <= _iso(said.value) < _iso(said.end) <= window[1]


def _table(judged: Sequence[Judged]) -> Iterator[str]:
    yield f"{'':16}{'forms':>8}" + "".join(f"{verdict:>21}" for verdict in VERDICTS)
    kinds = sorted({(each.form["lang"], each.form["kind"]) for each in judged})
    for language, kind in kinds:
        those = [each for each in judged if (each.form["lang"], each.form["kind"]) == (language, kind)]
        yield _row(f"{language} {kind}", those)
    for language in sorted({language for language, _ in kinds}):
        yield _row(f"{language} all", [each for each in judged if each.form["lang"] == language])
    yield _row("all", judged)


def _row(name: str, judged: Iterable[Judged]) -> str:
    counts = Counter(each.verdict for each in judged)
    return f"{name:16}{counts.total():8}" + "".join(f"{counts[verdict]:21}" for verdict in VERDICTS)


def _milliseconds(forms: Sequence[dict[str, Any]], left_at: datetime) -> float:
    messages = [(MESSAGES["in a message"][form["lang"]].format(form["text"]), form["lang"]) for form in forms]
    start = clock.process_time()
    for _ in range(ROUNDS):
        for text, language in messages:
            find_times(text.split(), language, left_at)
    return (clock.process_time() - start) * 1000 / (ROUNDS * len(messages))


if __name__ == "__main__":
    main()
