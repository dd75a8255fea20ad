"""Write the description of every tool to tests/server/tools.json, so that reviews show each change to it.

uv run python scripts/tools.py
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from vm_mcp.asr import open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox
from vm_mcp.server import build_server

SNAPSHOT = Path(__file__).parent.parent / "tests" / "server" / "tools.json"


def announced() -> list[dict[str, Any]]:
    """Return all tools as hosts get them, including those that READ_ONLY puts in place of others."""
    full, read_only = asyncio.run(_tools(read_only=False)), asyncio.run(_tools(read_only=True))
    return list({tool["name"]: tool for tool in [*read_only, *full]}.values())


async def _tools(*, read_only: bool) -> list[dict[str, Any]]:
    settings = load_settings({"engine": "faster-whisper", "read_only": read_only})
    inbox = Inbox(settings, open_transcriber(settings))
    tools = await build_server(inbox).list_tools()
    await inbox.aclose()
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


def main() -> None:
    """Write the snapshot."""
    SNAPSHOT.write_text(json.dumps(announced(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
