"""Build the bundle for Claude Desktop: the code, and a manifest with the code's tools, prompts and version.

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

from mcp_types import GetPromptResult, TextContent

import vm_mcp
from vm_mcp.asr import open_transcriber
from vm_mcp.config import Settings
from vm_mcp.inbox import Inbox
from vm_mcp.server.prompts import VoicemailPrompts
from vm_mcp.server.tools import offered

ROOT = Path(__file__).resolve().parent.parent
FILES = ("pyproject.toml", "README.md", "README.tr.md", "PRIVACY.md", "PRIVACY.tr.md", "CHANGELOG.md", "LICENSE")
SCREENSHOTS = sorted((ROOT / "docs").glob("inbox-*.png"))
"""Those that `scripts/screenshots.py` takes of the inbox page."""
ANY_UUID = "00000000-0000-0000-0000-000000000000"
"""Stands in a prompt's text where the manifest has a placeholder."""


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
    for picture in SCREENSHOTS:
        (folder / "screenshots").mkdir(exist_ok=True)
        shutil.copy2(picture, folder / "screenshots")
    text = json.dumps(manifest(), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(f"{text}\n", encoding="utf-8")


def manifest() -> dict[str, Any]:
    """Return the manifest, with what the code and the screenshots say filled in."""
    written: dict[str, Any] = json.loads((ROOT / "bundle" / "manifest.json").read_text(encoding="utf-8"))
    settings = Settings(api_key=None, languages=("en", "tr"))
    inbox = Inbox(settings, open_transcriber(settings.model_copy(update={"engine": "none"})))
    filled = {
        "version": vm_mcp.__version__,
        "tools": [
            {"name": tool.name, "description": tool.description}
            for tool in offered(inbox)
            if tool.page_part != "helper"
        ],
        "prompts": prompts(inbox),
        "screenshots": [f"screenshots/{picture.name}" for picture in SCREENSHOTS],
    }
    return written | {key: value for key, value in filled.items() if value}


def prompts(inbox: Inbox) -> list[dict[str, Any]]:
    """Return the prompts, with texts that take only the required arguments; the server takes the optional ones too."""
    served = VoicemailPrompts(inbox)
    return [
        {
            "name": prompt.name,
            "description": prompt.description,
            "arguments": (required := [argument.name for argument in prompt.arguments or () if argument.required]),
            "text": _text(served.get(prompt.name, dict.fromkeys(required, ANY_UUID))),
        }
        for prompt in served.listed
    ]


def _text(filled: GetPromptResult) -> str:
    """Return a prompt's text, with a placeholder in place of the uuid, the only argument that any requires."""
    texts = [message.content.text for message in filled.messages if isinstance(message.content, TextContent)]
    return "\n".join(texts).replace(ANY_UUID, "${arguments.uuid}")


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
