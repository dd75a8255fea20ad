"""Show where vm-mcp can be installed from wheels only, without a compiler, and which package is missing elsewhere.

Exits with status 1 if that differs from `BLOCKED`, or the tables in README.md and README.tr.md do.

uv run python scripts/platforms.py            with the versions of constraints.txt
uv run python scripts/platforms.py --newest   with the versions that a new installation gets today
uv run python scripts/platforms.py --write    write the tables of `BLOCKED` into both READMEs; asks no registry
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
    "x86_64-unknown-linux-gnu": "Linux x86-64",
    "aarch64-unknown-linux-gnu": "Linux arm64",
}
"""Platforms by uv's names, with their names in the table."""
MACOS = "14.0"
"""The oldest macOS for which av has wheels on Apple's processors."""
BLOCKED = {
    ("x86_64-apple-darwin", "3.14"): "onnxruntime",
    **dict.fromkeys(product(["aarch64-pc-windows-msvc"], PYTHONS), "ctranslate2"),
}
"""Where it can't be installed, with a package that has no wheels there."""
README_WORDS = {
    "README.md": {"macOS": "macOS {floor} or newer", "on ARM": "on ARM", "yes": "yes", "no": "no ({package})"},
    "README.tr.md": {
        "macOS": "macOS {floor} veya yenisi",
        "on ARM": "(ARM)",
        "yes": "evet",
        "no": "hayır ({package})",
    },
}
"""The words of each README's table."""
MARKS = ("<!-- machines: scripts/platforms.py --write -->", "<!-- /machines -->")
BARE = ("--no-header", "--no-annotate")


class ResolutionError(Exception):
    """uv found no versions that fit together; the text is the first package that it names."""


def uv(*command: str, folder: Path, given: str = "") -> str:
    """Run uv and return its output; exit with its error message if it fails for any other reason than a resolution.

    Raises:
        ResolutionError: uv found no versions that fit together.
    """
    ran = subprocess.run(  # noqa: S603  # only the commands below
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
    """Return the pinned package that has no wheel for a platform and Python; empty if all have one."""
    try:
        uv(*_compiling(machine), "--no-deps", "--only-binary", ":all:", "-", folder=folder, given=pins)
    except ResolutionError as error:
        return str(error)
    return ""


def missing_today(locked: str, machine: tuple[str, str], folder: Path) -> str:
    """Return the package without a wheel, whether vm-mcp is installed as a tool or run in a clone; empty if none."""
    try:
        tool = uv(*_compiling(machine), "pyproject.toml", "--extra", "whisper", "--extra", "keyring", folder=folder)
    except ResolutionError as error:
        return str(error)
    return missing(tool, machine, folder) or missing(locked, machine, folder)


def _compiling(machine: tuple[str, str]) -> tuple[str, ...]:
    platform, python = machine
    return ("pip", "compile", "--python-platform", platform, "--python-version", python, "--no-emit-index-url", *BARE)


def survey(*, newest: bool) -> dict[tuple[str, str], str]:
    """Return the package without a wheel for each platform and Python; empty where all have one."""
    machines = list(product(PLATFORMS, PYTHONS))
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(8) as threads:
        folder = Path(name)
        for file in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / file, folder)
        pins = uv("export", "--no-emit-project", "--no-hashes", *BARE, folder=folder) if newest else pinned()
        check = missing_today if newest else missing
        packages = threads.map(lambda machine: check(pins, machine, folder), machines)
        return dict(zip(machines, packages, strict=True))


def pinned() -> str:
    """Return the pins of constraints.txt, except the fuzzer, which only fuzzing on Linux needs."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.rstrip(" \\") for line in lines if line[:1].isalpha()]
    return "\n".join(pin for pin in pins if not pin.startswith("atheris=="))


def table(found: dict[tuple[str, str], str]) -> str:
    """Return a table with a line per platform and a column per Python: the missing package, or yes."""
    lines = [["", *PYTHONS]]
    lines += [[PLATFORMS[name], *(found[name, python] or "yes" for python in PYTHONS)] for name in PLATFORMS]
    return "\n".join(f"{first:<16}" + "".join(f"{cell:<14}" for cell in cells) for first, *cells in lines)


def readme_table(name: str) -> str:
    """Return the table of a README, in its language: a line per platform and a column per Python."""
    words = README_WORDS[name]
    rows = [["", *(f"Python {python}" for python in PYTHONS)], ["---"] * (1 + len(PYTHONS))]
    for platform, title in PLATFORMS.items():
        named = title.replace("macOS", words["macOS"].format(floor=MACOS.removesuffix(".0")))
        packages = [BLOCKED.get((platform, python), "") for python in PYTHONS]
        cells = [words["no"].format(package=package) if package else words["yes"] for package in packages]
        rows.append([named.replace("on ARM", words["on ARM"]), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(name: str) -> str:
    """Return a README with its table as it should be."""
    start, end = MARKS
    head, _, rest = (ROOT / name).read_text(encoding="utf-8").partition(start)
    return f"{head}{start}\n\n{readme_table(name)}\n\n{end}{rest.partition(end)[2]}"


def main() -> int:
    """Print the table; return 1 if it differs from `BLOCKED`, or a README from that."""
    parser = argparse.ArgumentParser(description="Show where vm-mcp can be installed from wheels only.")
    parser.add_argument("--newest", action="store_true", help="use the newest versions, not those of constraints.txt")
    parser.add_argument("--write", action="store_true", help="write the tables of the READMEs, and do nothing else")
    arguments = parser.parse_args()
    if arguments.write:
        for name in README_WORDS:
            (ROOT / name).write_text(with_table(name), encoding="utf-8", newline="\n")
        return 0
    found = survey(newest=arguments.newest)
    sys.stdout.write(table(found) + "\n")
    changed = BLOCKED.keys() ^ {machine for machine, package in found.items() if package}
    for platform, python in sorted(changed):
        sys.stdout.write(
            f"Changed: {PLATFORMS[platform]} with Python {python}. Correct BLOCKED, then run with --write.\n"
        )
    stale = [name for name in README_WORDS if with_table(name) != (ROOT / name).read_text(encoding="utf-8")]
    for name in stale:
        sys.stdout.write(f"{name} has another table: run with --write.\n")
    return 1 if changed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
