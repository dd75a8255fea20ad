"""Fit the weights by which a word's doubt is estimated, on messages whose words are known.

    uv run python benchmarks/fit_doubt.py FOLDER --keep FILE... [--write]

A logistic regression with a small ridge. What it would say of new messages is estimated by cross-validation: each
message is judged with weights that were fitted on the others. `benchmarks/truth.py` makes the file of transcripts, and
shows what the weights do. Without `--write`, nothing is changed.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from slots.alignment import align
from slots.messages import Message, load_messages, transcripts

from vm_mcp.doubt.number_words import vocabulary
from vm_mcp.doubt.said_words import said_words
from vm_mcp.doubt.word_doubts import FEATURES, features
from vm_mcp.models import Transcript

WEIGHTS = Path(__file__).parent.parent / "vm_mcp" / "doubt" / "doubt_weights.py"
_RIDGE, _STEPS, _FOLDS = 5.0, 30, 8

Rows = tuple["np.ndarray", "np.ndarray"]
"""Features of words, one row each, and whether each word is wrong."""


def main() -> None:
    """Fit and cross-validate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--keep",
        type=Path,
        required=True,
        nargs="+",
        metavar="FILE",
        help="files of transcripts: read if they exist, else written. The least change of the sound changes some word, "
        "so several hearings of a message make better weights",
    )
    parser.add_argument("--model", default="base")
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    arguments = parser.parse_args()
    messages = load_messages(arguments.folder)
    hearings = [transcripts(messages, arguments.model, with_names=False, kept=kept) for kept in arguments.keep]
    heard = [_all_rows(message, [made[message.name] for made in hearings]) for message in messages]
    rows = [each for each in heard if len(each[1])]
    cross_validate(rows)
    weights, constant = _fit(rows)
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"{name:20}{weight:8.3f}")
    if arguments.write:
        _write(dict(zip(FEATURES, weights.tolist(), strict=True)), constant, arguments, len(rows))


def cross_validate(rows: list[Rows]) -> None:
    """Print how well doubts tell wrong words from right ones in messages that were not fitted on."""
    doubts, wrong = [], []
    for fold in range(_FOLDS):
        weights, constant = _fit([row for at, row in enumerate(rows) if at % _FOLDS != fold])
        for values, is_wrong in rows[fold::_FOLDS]:
            doubts.append(_probabilities(values @ weights + constant))
            wrong.append(is_wrong)
    doubt, is_wrong = np.concatenate(doubts), np.concatenate(wrong)
    print(f"{len(doubt)} words, {100 * is_wrong.mean():.0f} % wrong; area under the curve {_area(doubt, is_wrong):.3f}")
    for low in np.arange(0, 1, 0.1):
        inside = (doubt >= low) & (doubt < low + 0.1)
        if inside.any():
            print(
                f"doubt {low:.1f}-{low + 0.1:.1f}: {inside.sum():5} words, {100 * is_wrong[inside].mean():3.0f} % wrong"
            )


def _all_rows(message: Message, hearings: Sequence[Transcript]) -> Rows:
    """Return the rows of all hearings of a message together, for what is fitted on one tells of the others."""
    values, wrong = zip(*(_rows(message, transcript) for transcript in hearings), strict=True)
    return np.concatenate(values), np.concatenate(wrong)


def _rows(message: Message, transcript: Transcript) -> Rows:
    said = said_words(transcript)
    if any(word.logprob is None for word in said):
        return np.empty((0, len(FEATURES))), np.empty(0, bool)
    words = [word.text for word in said]
    rows = features(said, transcript.language, vocabulary(transcript.language, words))
    alignment = align(message.text.split(), words)
    values = [[float(row[name]) for name in FEATURES] for row in rows]
    return np.array(values).reshape(-1, len(FEATURES)), np.array([each.errors > 0 for each in alignment.heard], bool)


def _fit(rows: list[Rows]) -> "tuple[np.ndarray, float]":
    """Return weights and constant, by Newton's method on standardised features."""
    values, wrong = np.concatenate([each for each, _ in rows]), np.concatenate([each for _, each in rows])
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    inputs = np.column_stack([(values - mean) / spread, np.ones(len(values))])
    ridge = np.diag([_RIDGE] * values.shape[1] + [0.0])
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        likely = _probabilities(inputs @ weights)
        slope = inputs.T @ (likely - wrong) + ridge @ weights
        curvature = (inputs * (likely * (1 - likely))[:, None]).T @ inputs + ridge
        weights -= np.linalg.solve(curvature, slope)
    return weights[:-1] / spread, float(weights[-1] - (weights[:-1] * mean / spread).sum())


def _probabilities(scores: "np.ndarray") -> "np.ndarray":
    return np.asarray(1 / (1 + np.exp(-scores)))


def _area(doubt: "np.ndarray", wrong: "np.ndarray") -> float:
    """Return how probable it is that a wrong word has more doubt than a right one."""
    ranks = np.empty(len(doubt))
    ranks[np.argsort(doubt)] = np.arange(len(doubt))
    return float((ranks[wrong].mean() - (wrong.sum() - 1) / 2) / (~wrong).sum())


def _write(weights: dict[str, float], constant: float, arguments: argparse.Namespace, messages: int) -> None:
    lines = "\n".join(f'    "{name}": {weight:.3f},' for name, weight in weights.items())
    WEIGHTS.write_text(
        f'"""Weights of what a word\'s doubt depends on, see `word_doubts.FEATURES`.\n\n'
        f"Fitted by `benchmarks/fit_doubt.py` on {messages} messages, as `{arguments.model}` heard them. They add\n"
        f"up to the log odds of wrong.\n"
        f'"""\n\nCONSTANT = {constant:.3f}\nWEIGHTS = {{\n{lines}\n}}\n',
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
