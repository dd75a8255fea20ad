"""Build the bundle for Claude Desktop: the code, and a manifest with the code's tools and version.

    uv run python scripts/bundle.py [FOLDER]

FOLDER (default: build/bundle) gets the files that `mcpb pack` takes. Beside it, `vm-mcp.mcpb` gets the same files as an
archive. Claude Desktop has its own uv, which installs the dependencies when the bundle is started first.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import vm_mcp
from vm_mcp.asr import open_transcriber
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.server.tools import offered

ROOT = Path(__file__).resolve().parent.parent
FILES = ("pyproject.toml", "README.md", "README.tr.md", "CHANGELOG.md", "LICENSE")


def main() -> None:
    """Build the bundle, and print its path and size."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    stage(folder)
    bundle = folder.with_name("vm-mcp.mcpb")
    pack(folder, bundle)
    print(f"{bundle}: {bundle.stat().st_size / 1e6:.1f} MB")  # noqa: T201 - its output


def stage(folder: Path) -> None:
    """Write the bundle's files into a new folder."""
    shutil.copytree(ROOT / "bundle", folder)
    shutil.copytree(ROOT / "vm_mcp", folder / "vm_mcp", ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder)
    text = json.dumps(manifest(), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(f"{text}\n", encoding="utf-8")


def manifest() -> dict[str, Any]:
    """Return the manifest, with the version and the tools taken from the code."""
    written: dict[str, Any] = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    settings = Settings(api_key=None)
    tools = offered(Inbox(settings, open_transcriber(settings.model_copy(update={"engine": "none"}))))
    listed = [{"name": tool.name, "description": tool.description} for tool in tools if tool.page_part != "helper"]
    return written | {"version": vm_mcp.__version__, "tools": listed}


def pack(folder: Path, target: Path) -> None:
    """Write the folder as a ZIP archive, reproducibly: in a fixed order and without timestamps."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                entry.compress_type = zipfile.ZIP_DEFLATED
                bundle.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    main()
