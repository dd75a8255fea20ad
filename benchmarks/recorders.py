"""Make recordings as recorders write them, and compare our decoder with a second one.

    uv run --with soundfile python benchmarks/recorders.py [--only WORD] [--keep FOLDER] [--markdown]

Every recording holds the same message. Of each, our decoder's length, level and sound are compared with those of
another library; a recording that says nothing of what it is must be refused. They are made by SoX, FFmpeg, LAME,
speexenc, opusenc, oggenc and libsndfile, on Debian:

    apt install sox libsox-fmt-all ffmpeg lame speex opus-tools vorbis-tools
    apt install libbcg729-0 libvo-amrwbenc0 libopencore-amrwb0

Where one is missing, the line says so. Exits with status 1 if any of our results is wrong.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from recorder_files import asterisk, clouds, containers, switches
from recorder_files.cases import Case
from recorder_files.codecs import by_bcg729, by_opencore
from recorder_files.comparison import compare
from recorder_files.programs import ProgramMissingError
from recorder_files.second import NAMES

from vm_mcp.audio import decode
from vm_mcp.errors import AudioDecodeError

if TYPE_CHECKING:
    from vm_mcp.audio import Samples

_SECOND = NAMES | {by_bcg729: "libbcg729", by_opencore: "libopencore-amrwb"}
_GROUPS = (asterisk.CASES, switches.CASES, clouds.WAV_CASES, clouds.MP3_CASES, containers.CASES)
_WORKS, _DIFFERS, _REFUSED, _WRONG, _UNKNOWN = "works", "differs", "is refused", "WRONG", "not made"


class Line(NamedTuple):
    """A line of the table."""

    verdict: str
    case: Case
    figures: str


def main() -> None:
    """Make each recording, decode it twice, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD", help="recordings in whose line this occurs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the recordings are left")
    parser.add_argument("--markdown", action="store_true", help="print a table for a document")
    arguments = parser.parse_args()
    cases = [case for group in _GROUPS for case in group if arguments.only in f"{case.recorder} {case.what}"]
    lines = [_line(case, number, arguments.keep) for number, case in enumerate(cases)]
    for line in lines:
        print(_row(line) if arguments.markdown else _text(line))
    counts = Counter(line.verdict for line in lines)
    print("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
    sys.exit(1 if counts[_WRONG] else 0)


def _line(case: Case, number: int, keep: Path | None) -> Line:
    try:
        data = case.make()
    except ProgramMissingError as error:
        return Line(_UNKNOWN, case, str(error))
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{number:03}{case.suffix}").write_bytes(data)
    try:
        ours = decode(data)
    except AudioDecodeError as error:
        is_known = case.is_refused and "not in an audio format" in str(error)
        return Line(_REFUSED if is_known else _WRONG, case, str(error).split(".")[0])
    if case.is_refused:
        return Line(_WRONG, case, f"{len(ours) / 16_000:.2f} s of something")
    return _compared(case, data, ours)


def _compared(case: Case, data: bytes, ours: "Samples") -> Line:
    try:
        theirs = decode(case.second(data, case.suffix))
    except ProgramMissingError as error:
        return Line(_UNKNOWN, case, str(error))
    likeness = compare(ours, theirs)
    figures = (
        f"{len(theirs) / 16_000:.2f} s, {likeness.seconds:+.3f} s, {likeness.decibels:+.2f} dB, "
        f"{likeness.correlation:.4f}, {likeness.later * 1_000:+.0f} ms; {_SECOND.get(case.second, 'what was recorded')}"
    )
    if likeness.is_same(is_joined=case.is_joined):
        return Line(_WORKS, case, figures)
    return Line(_DIFFERS, case, f"{figures}; {case.differs}") if case.differs else Line(_WRONG, case, figures)


def _text(line: Line) -> str:
    return f"{line.verdict:10} {line.case.recorder:10} {line.case.what:48} {line.figures}"


def _row(line: Line) -> str:
    return f"| {line.case.recorder} | {line.case.what} | {line.verdict} | {line.figures} |"


if __name__ == "__main__":
    main()
