"""Transcribe messages whose words are known, and compare what is shown with what was said.

    uv run python benchmarks/truth.py FOLDER [--with-names] [--keep FILE]

The folder's manifest.json lists each message's text, and its slots: names, telephone numbers, amounts, dates, with the
words that they cover. A slot is right if all of its words are; it is marked if any of its words has a doubt mark. Words
are aligned at the least cost, digits in whichever way they may have been said. In brackets: 95 % intervals, from a
bootstrap by message.
"""

import argparse
from pathlib import Path

from slots.messages import NUMERIC, load_messages, transcripts
from slots.scoring import Score, interval, score


def main() -> None:
    """Print the figures of one folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="base")
    parser.add_argument("--with-names", action="store_true", help="tell the engine who calls")
    parser.add_argument("--keep", type=Path, help="file of transcripts: read if it exists, else written")
    arguments = parser.parse_args()
    messages = load_messages(arguments.folder)
    made = transcripts(messages, arguments.model, with_names=arguments.with_names, kept=arguments.keep)
    report([score(message, made[message.name]) for message in messages])


def report(scores: list[Score]) -> None:
    """Print how much is right, and how much of what is wrong is marked."""
    rows = {
        "words wrong (WER)": interval(scores, lambda each: each.errors, lambda each: each.words),
        "wrong slots marked": interval(scores, lambda each: _slots(each, marked=True), _slots),
        "right slots marked": interval(
            scores, lambda each: _slots(each, right=True, marked=True), lambda each: _slots(each, right=True)
        ),
        "marked words that are wrong": interval(scores, lambda each: each.marked_wrong, lambda each: each.marked),
        "wrong words that are marked": interval(scores, lambda each: each.marked_wrong, lambda each: each.wrong),
        "telephone numbers right": interval(scores, lambda each: each.phones_right, lambda each: each.phones),
        "wrong among those told as valid": interval(scores, lambda each: each.sure_wrong, lambda each: each.sure),
        "numeric slots right": interval(
            scores, lambda each: _of_kind(each, numeric=True, right=True), lambda each: _of_kind(each, numeric=True)
        ),
        "names right": interval(
            scores, lambda each: _of_kind(each, numeric=False, right=True), lambda each: _of_kind(each, numeric=False)
        ),
    }
    print(f"{len(scores)} messages, {sum(len(each.slots) for each in scores)} slots; percent")
    for name, value in rows.items():
        print(f"{name:34}{value}")
    print(f"{'told as valid':34}{sum(each.sure for each in scores)} of {sum(each.phones for each in scores)} said")


def _slots(each: Score, *, right: bool = False, marked: bool | None = None) -> int:
    return sum(slot.is_right is right and marked in {None, slot.is_marked} for slot in each.slots)


def _of_kind(each: Score, *, numeric: bool, right: bool = False) -> int:
    return sum((slot.kind in NUMERIC) is numeric and (slot.is_right or not right) for slot in each.slots)


if __name__ == "__main__":
    main()
