"""Run a fuzz target: call it with bytes that lead into new branches, until its time is over."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

HERE = Path(__file__).parent
MAX_LENGTH = 4096
"""Bytes of an input. Faults that need longer ones would take too long to find."""


def fuzz(target: Callable[[bytes], None], name: str) -> None:
    """Call a target until it raises or ``argv[1]`` seconds are over; never returns.

    An input that makes it raise is written to ``crashes``. The corpus in ``corpus/NAME`` is read only; new inputs go to
    a temporary folder.
    """
    seconds = sys.argv[1] if len(sys.argv) > 1 else "10"
    crashes = HERE / "crashes"
    crashes.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as found:
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={MAX_LENGTH}",
            f"-artifact_prefix={crashes}/{name}-",
            "-timeout=5",
            "-print_final_stats=1",
            "-verbosity=0",
        ]
        atheris.Setup([sys.argv[0], *options, found, str(HERE / "corpus" / name)], target)
        atheris.Fuzz()


def text_of(data: bytes) -> str:
    """Decode an input as text; bytes that are not UTF-8 become lone surrogates, which JSON can hold too."""
    return data.decode("utf-8", "surrogateescape")
