#!/usr/bin/env bash
# mcp 2.3.0, the Python SDK: a tool with an argument `note: str | None`.
#
# Expected: a text that a client sends arrives as it is. The declared type is text, or nothing.
#
# Seen: the text is parsed as JSON first. "null" arrives as None, and a text that is a list or an object, such as "[1,
# 2]", is refused as "not a valid string". With `note: str = ""` each arrives unchanged. A note, a search or a name that
# a person typed so is lost or refused because of how its absence was declared.
#
# Run by hand: bash findings/mcp_reads_optional_text_as_json.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet mcp==2.3.0
venv/bin/python - <<'PYTHON'
import asyncio
from importlib.metadata import version

from mcp import Client
from mcp.server import MCPServer

server = MCPServer("notes", log_level="CRITICAL")


@server.tool()
def optional(note: str | None = None) -> str:
    return repr(note)


@server.tool()
def plain(note: str = "") -> str:
    return repr(note)


async def main():
    print("version", version("mcp"))
    found = {}
    async with Client(server) as client:
        for note in ("null", "[1, 2]", '{"room": 12}', "12", "true"):
            for tool in ("optional", "plain"):
                result = await client.call_tool(tool, {"note": note})
                found[tool, note] = "refused" if result.is_error else result.content[0].text
            print(f"{note!r}: optional {found['optional', note]}, plain {found['plain', note]}")
    assert all(text == repr(note) for (tool, note), text in found.items() if tool == "plain"), found
    assert [found["optional", note] for note in ("null", "[1, 2]", '{"room": 12}')] == ["None", "refused", "refused"]
    assert [found["optional", note] for note in ("12", "true")] == ["'12'", "'true'"]


asyncio.run(main())
PYTHON
