"""Show on which machines vm-mcp can be installed from wheels alone, without a compiler, and what is missing elsewhere.

Status 1 when that is not what README.md says.

uv run python scripts/platforms.py            with the versions of constraints.txt
uv run python scripts/platforms.py --newest   with those that somebody gets today
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = {
    "x86_64-pc-windows-msvc": "Windows",
    "aarch64-pc-windows-msvc": "Windows on ARM",
    "aarch64-apple-darwin": "macOS, Apple",
    "x86_64-apple-darwin": "macOS, Intel",
    "x86_64-unknown-linux-gnu": "Linux",
    "aarch64-unknown-linux-gnu": "Linux on ARM",
}
"""Machines by uv's name for them, and how they are called here."""
MACOS = "14.0"
"""The oldest macOS that av has wheels for on Apple's processors."""
BLOCKED = {("x86_64-apple-darwin", "3.14"), *product(["aarch64-pc-windows-msvc"], PYTHONS)}
"""Where it can't be: onnxruntime has no wheels for the first, ctranslate2 none for the others."""
BARE = ("--no-header", "--no-annotate")


class ResolutionError(Exception):
    """uv found no versions that fit together; the text is the package it names first."""


def uv(*command: str, folder: Path, given: str = "") -> str:
    """Return what uv prints; end the program with what it says when it fails for another reason than those below.

    Raises:
        ResolutionError: It found no versions that fit.
    """
    ran = subprocess.run(  # noqa: S603  # the commands below
        [shutil.which("uv") or "uv", *command, "--quiet", "--python", sys.executable],
        cwd=folder,
        env=os.environ | {"MACOSX_DEPLOYMENT_TARGET": MACOS},
        input=given,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode == 0:
        return ran.stdout
    if named := re.search(r"No solution found.*?Because (?:only )?([\w-]+)", ran.stderr, re.DOTALL):
        raise ResolutionError(named[1])
    sys.exit(ran.stderr)


def missing(pins: str, machine: tuple[str, str], folder: Path) -> str:
    """Return the package of those pinned that has no wheel for such a machine; empty if all have one."""
    try:
        uv(*_compiling(machine), "--no-deps", "--only-binary", ":all:", "-", folder=folder, given=pins)
    except ResolutionError as error:
        return str(error)
    return ""


def missing_today(locked: str, machine: tuple[str, str], folder: Path) -> str:
    """Return the package that is missing for such a machine, be vm-mcp installed as a tool or run in a clone."""
    try:
        tool = uv(*_compiling(machine), "pyproject.toml", "--extra", "whisper", "--extra", "keyring", folder=folder)
    except ResolutionError as error:
        return str(error)
    return missing(tool, machine, folder) or missing(locked, machine, folder)


def _compiling(machine: tuple[str, str]) -> tuple[str, ...]:
    platform, python = machine
    return ("pip", "compile", "--python-platform", platform, "--python-version", python, "--no-emit-index-url", *BARE)


def survey(*, newest: bool) -> dict[tuple[str, str], str]:
    """Return the package that is missing for each kind of machine and each Python; empty where none is."""
    machines = list(product(PLATFORMS, PYTHONS))
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(8) as threads:
        folder = Path(name)
        for file in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / file, folder)
        pins = uv("export", "--no-emit-project", "--no-hashes", *BARE, folder=folder) if newest else pinned()
        look = missing_today if newest else missing
        found = threads.map(lambda machine: look(pins, machine, folder), machines)
        return dict(zip(machines, found, strict=True))


def pinned() -> str:
    """Return the pins of constraints.txt, but for the fuzzer, which only a Linux machine that fuzzes needs."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.rstrip(" \\") for line in lines if line[:1].isalpha()]
    return "\n".join(pin for pin in pins if not pin.startswith("atheris=="))


def table(found: dict[tuple[str, str], str]) -> str:
    """Return a line a platform, a column a Python: what is missing there, or yes."""
    lines = [["", *PYTHONS]]
    lines += [[PLATFORMS[name], *(found[name, python] or "yes" for python in PYTHONS)] for name in PLATFORMS]
    return "\n".join(f"{first:<16}" + "".join(f"{cell:<14}" for cell in cells) for first, *cells in lines)


def main() -> int:
    """Print the table; status 1 when it is not the one that is known."""
    parser = argparse.ArgumentParser(description="Show on which machines vm-mcp can be installed from wheels alone.")
    parser.add_argument("--newest", action="store_true", help="with the newest versions, not those of constraints.txt")
    found = survey(newest=parser.parse_args().newest)
    sys.stdout.write(table(found) + "\n")
    changed = BLOCKED ^ {machine for machine, package in found.items() if package}
    for platform, python in sorted(changed):
        sys.stdout.write(
            f"Not as known: {PLATFORMS[platform]} with Python {python}. Change BLOCKED and both READMEs.\n"
        )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
