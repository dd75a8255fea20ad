"""Build vm_mcp/page/inbox.html, the inbox page, from the modules and styles beside it.

    uv run python scripts/page/build.py           # writes it
    uv run python scripts/page/build.py --check   # checks the modules' types, and that the page is what they make

The compiler and the bundler are installed beside this file, with the versions and digests that package-lock.json pins;
that requires npm. The page itself requires neither: it is one file, and part of the package. It holds a digest of its
sources, so that a test without npm sees whether it was built from them.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE = HERE / "node_modules"
PAGE = HERE.parent.parent / "vm_mcp" / "page"
BUILT = PAGE / "inbox.html"
MOST_BYTES = 60_000
_MINIFY = ("--bundle", "--minify", "--charset=utf8", "--target=es2023")


def main() -> None:
    """Build the page, or check it."""
    install()
    if "--check" not in sys.argv[1:]:
        BUILT.write_text(built(), encoding="utf-8", newline="\n")
        return
    run("tsc", "-p", str(HERE / "tsconfig.json"))
    if built() != BUILT.read_text(encoding="utf-8"):
        raise SystemExit("vm_mcp/page/inbox.html is not what its sources make: run scripts/page/build.py.")


def install() -> None:
    """Install the pinned tools, unless they are installed."""
    locked = HERE / "package-lock.json"
    if not _is_installed(locked):
        npm = shutil.which("npm") or "npm"
        options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        subprocess.run([npm, "ci", *options], cwd=HERE, check=True)  # noqa: S603 - the pinned tools
        shutil.copyfile(locked, NODE / "installed-lock.json")


def built() -> str:
    """Return the page that the sources make.

    Raises:
        ValueError: It is too large, or holds what would end its script.
    """
    script = run("esbuild", str(PAGE / "src" / "main.js"), "--format=iife", *_MINIFY)
    style = run("esbuild", str(PAGE / "inbox.css"), *_MINIFY)
    if "</" in script or "<!--" in script or "</" in style:
        raise ValueError("The script or the styles hold a text that ends or changes their element.")
    page = (PAGE / "page.html").read_text(encoding="utf-8")
    page = page.replace("/* digest */", digest()).replace("/* inbox.css */", style).replace("/* src/main.js */", script)
    if (size := len(page.encode())) > MOST_BYTES:
        raise ValueError(f"The page has {size} bytes, more than {MOST_BYTES}.")
    return page


def digest() -> str:
    """Return the SHA-256 of what the page is made of: its sources, and the versions of what builds it."""
    sources = [PAGE / "page.html", PAGE / "inbox.css", *sorted((PAGE / "src").glob("*.js"))]
    versions = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    found = hashlib.sha256(f"esbuild {versions['esbuild']} {' '.join(_MINIFY)}".encode())
    for path in sources:
        text = path.read_text(encoding="utf-8")
        found.update(f"\n{path.name} {len(text)}\n{text}".encode())
    return found.hexdigest()


def run(name: str, *arguments: str, given: str = "", cwd: Path = HERE) -> str:
    """Run a pinned tool with a text as its input, and return its output; exit with it if it fails."""
    program = str(NODE / ".bin" / (f"{name}.cmd" if os.name == "nt" else name))
    done = subprocess.run(  # noqa: S603 - pinned
        [program, *arguments], input=given, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode:
        raise SystemExit(f"{name}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _is_installed(locked: Path) -> bool:
    installed = NODE / "installed-lock.json"
    return installed.is_file() and installed.read_bytes() == locked.read_bytes()


if __name__ == "__main__":
    main()
