"""Count which forms of telephone numbers are read right: those of a file, and generated ones.

    uv run python benchmarks/number_forms.py FILE [--seed 1] [--rounds 100] [--show]

FILE is a JSON object with a list of ``{"kind", "text", "numbers"}``, numbers as national digits without a leading zero.
For every kind is printed how many forms there are, and in how many of them

- right: every number is listed, and none that is told as valid is wrong;
- sure: right, and every number is told as valid, except local ones, which never are;
- missing: a number is not listed;
- wrong: a number is listed that was not said;
- wrong valid: one of these is told as valid.
"""

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from spoken_numbers import Form, forms

from vm_mcp.doubt import show
from vm_mcp.models import PhoneNumber, Segment, Transcript
from vm_mcp.telephone import LOCAL_DIGITS

COUNTS = ("forms", "right", "sure", "missing", "wrong", "wrong valid")
SHORT_NUMBER = "444"


def main() -> None:
    """Print a table for the file and one for generated forms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100, help="generated forms of each kind, about")
    parser.add_argument("--show", action="store_true", help="print each form that is not right")
    chosen = parser.parse_args()
    show(transcript(Form("", "0532 417 28 93", ())))  # imports the numbering plans
    report(chosen.file.name, from_file(chosen.file), detail=chosen.show)
    report(f"generated, seed {chosen.seed}", forms(chosen.seed, chosen.rounds), detail=chosen.show)


def from_file(path: Path) -> list[Form]:
    """Return the forms in a file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    rows = next(value for value in content.values() if isinstance(value, list))
    return [Form(row["kind"], row["text"], tuple(row["numbers"]), row.get("language", "tr")) for row in rows]


def report(title: str, listed: Iterable[Form], *, detail: bool) -> None:
    """Print the counts of every kind, and how long a form took."""
    kinds: dict[str, Counter[str]] = {}
    started = time.perf_counter()
    for form in listed:
        heard = show(transcript(form)).phone_numbers
        counts = judge(form, heard)
        kinds.setdefault(form.kind, Counter()).update(counts)
        if detail and "right" not in counts:
            print(f"{form.kind}: {form.text}\n    {[(each.number, each.is_valid) for each in heard]} {form.numbers}")
    seconds = time.perf_counter() - started
    total = sum(kinds.values(), Counter[str]())
    print(f"\n{title}\n{'kind':34}" + "".join(f"{name:>12}" for name in COUNTS))
    for kind, sums in [*sorted(kinds.items()), ("all", total)]:
        print(f"{kind:34}" + "".join(f"{sums[name]:12}" for name in COUNTS))
    print(f"{1000 * seconds / total['forms']:.2f} ms a form")


def judge(form: Form, heard: Iterable[PhoneNumber]) -> set[str]:
    """Return which of `COUNTS` a form adds to."""
    wanted = set(form.numbers)
    valid = {national(number) for number in heard if number.is_valid}
    listed = {national(number) for number in heard if number.number}
    facts = {
        "forms": True,
        "right": wanted <= listed and valid <= wanted,
        "sure": valid == set(filter(is_whole, wanted)) and wanted <= listed,
        "missing": not wanted <= listed,
        "wrong": not listed <= wanted,
        "wrong valid": not valid <= wanted,
    }
    return {name for name, is_so in facts.items() if is_so}


def is_whole(national_digits: str) -> bool:
    """Return whether a number is more than a local one."""
    return len(national_digits) != LOCAL_DIGITS or national_digits.startswith(SHORT_NUMBER)


def national(number: PhoneNumber) -> str:
    """Return a number's digits without the zero or the country code of Turkey."""
    return re.sub(r"\D", "", number.e164.removeprefix("+90") or number.number).lstrip("0")


def transcript(form: Form) -> Transcript:
    """Return a transcript of a form, every word of it as sure."""
    segment = Segment(text=form.text, start_seconds=0, end_seconds=9, avg_logprob=-0.3, no_speech_prob=0.1)
    return Transcript(language=form.language, segments=(segment,), duration_seconds=9, engine="none", model="none")


if __name__ == "__main__":
    main()
