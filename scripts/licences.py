"""List the licences of all packages that vm-mcp installs, as each package states it; fail at an unknown licence.

uv run python scripts/licences.py            all installed packages
uv run python scripts/licences.py --needed   only what users install: the dependencies, with the extra `whisper`
"""

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

ROOT = "vm-mcp"
KNOWN = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python[- ]Software|Python-2|MPL|Mozilla|Unlicense|Zlib|0BSD|CC0|LGPL|HPND|public domain",
    re.IGNORECASE,
)
"""Licences that let anybody use and redistribute an unchanged package."""
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?\s*([^;]*)(?:;(.*))?")


def licence_of(package: Distribution) -> str:
    """Return a package's SPDX expression, else its classifiers, its licence field, or the first line of its licence."""
    metadata = package.metadata.json
    if expression := metadata.get("license_expression"):
        return str(expression)
    named = [line.rpartition(" :: ")[2] for line in metadata.get("classifier", []) if line.startswith("License ::")]
    if any(name != "OSI Approved" for name in named):
        return ", ".join(named)
    return _first_line(str(metadata.get("license", ""))) or _first_line(_licence_file(package)) or "?"


def _licence_file(package: Distribution) -> str:
    files = [file for file in package.files or [] if "licen" in file.name.lower()]
    return files[0].read_text(encoding="utf-8") if files else ""


def _first_line(text: str) -> str:
    return next((line.strip()[:60] for line in text.splitlines() if line.strip()), "")


def needed(name: str, extras: frozenset[str] = frozenset(), seen: set[str] | None = None) -> Iterator[Distribution]:
    """Yield a package's dependencies and theirs, if they are installed here."""
    seen = set() if seen is None else seen
    for line in distribution(name).requires or []:
        match = _REQUIREMENT.fullmatch(line)
        assert match, line  # noqa: S101 - packaging wrote it
        wanted = re.findall(r"""extra\s*==\s*['"]([^'"]+)""", match[4] or "")
        if match[1].lower() in seen or (wanted and not extras & set(wanted)):
            continue
        seen.add(match[1].lower())
        try:
            yield distribution(match[1])
        except PackageNotFoundError:
            continue  # only for another platform
        yield from needed(match[1], frozenset((match[2] or "").split(",")), seen)


def main() -> int:
    """Print one line per package; return 1 if a licence is unknown."""
    parser = argparse.ArgumentParser(description="List the licences of all packages that vm-mcp installs.")
    parser.add_argument("--needed", action="store_true", help="only what users install, with the extra `whisper`")
    packages = needed(ROOT, frozenset({"whisper"})) if parser.parse_args().needed else distributions()
    rows = sorted(
        {(package.name, package.version, licence_of(package)) for package in packages if package.name != ROOT}
    )
    unknown = [row for row in rows if not KNOWN.search(row[2])]
    for name, version, licence in rows:
        sys.stdout.write(f"{name} {version}: {licence}\n")
    sys.stdout.write(f"{len(rows)} packages, {len(unknown)} with an unknown licence")
    sys.stdout.write(f": {', '.join(name for name, *_ in unknown)}\n" if unknown else "\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
