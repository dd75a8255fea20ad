#!/usr/bin/env bash
# camel-ai 0.2.90, its client of MCP over a server's pipes.
#
# Expected: ServerConfig(timeout=60) says how long the client waits for that server, so a call of 12 seconds is answered.
#
# Seen: the call fails after 10 seconds. A second timeout, an argument of MCPClient whose default is 10, limits each
# request; the one in the server's configuration limits the connection alone. The server isn't told that the call was given
# up either, and works on.
#
# Run by hand: bash findings/camel_ends_a_call_after_ten_seconds.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet camel-ai==0.2.90 "mcp==1.30.0"
cat >server.py <<'PYTHON'
import asyncio
from pathlib import Path

from mcp.server.fastmcp import FastMCP

server = FastMCP("slow")


@server.tool()
async def slow() -> str:
    try:
        await asyncio.sleep(12)
    except asyncio.CancelledError:
        Path("cancelled").touch()
        raise
    return "answered"


server.run("stdio")
PYTHON
venv/bin/python - <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version
from pathlib import Path

from camel.utils.mcp_client import MCPClient, ServerConfig


async def outcome(**options: float) -> str:
    async with MCPClient(ServerConfig(command=sys.executable, args=["server.py"], timeout=60), **options) as client:
        try:
            return (await client.call_tool("slow", {})).content[0].text
        except Exception as error:
            was_told = Path("cancelled").exists()
            return f"{error} - the server {'was' if was_told else 'was not'} told"


async def main() -> None:
    seen = [await outcome(), await outcome(timeout=60)]
    print("version", version("camel-ai"), "- a call of 12 s:", seen[0], "- with timeout=60 of the client too:", seen[1])
    assert "Waited 10.0 seconds" in seen[0]
    assert seen[0].endswith("was not told")
    assert seen[1] == "answered"


asyncio.run(main())
PYTHON
