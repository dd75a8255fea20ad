"""What all targets share: each is called with bytes that lead into new branches, until its seconds are over."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

HERE = Path(__file__).parent
MAX_LENGTH = 4096
"""Bytes of an input; what needs more to show a fault needs too much time to find it."""


def fuzz(target: Callable[[bytes], None], name: str) -> None:
    """Call a target until it raises, which is kept in ``crashes``, or ``argv[1]`` seconds are over.

    What is found on the way stays in a folder of its own; the kept corpus in ``corpus/NAME`` is only read. It never
    returns.
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
    """Read an input as text; what is no UTF-8 becomes lone surrogates, which JSON can carry too."""
    return data.decode("utf-8", "surrogateescape")
