#!/usr/bin/env bash
# llama-index-tools-mcp 0.6.0, a client of MCP over a server's pipes.
#
# Expected: BasicMCPClient("command") starts the server once and asks it everything, as the protocol's own client does:
# over pipes, a connection is the life of the process.
#
# Seen: every request starts a server of its own, shakes hands and ends it: three calls, three processes, and one more for
# each list. What a server keeps in memory is gone by the next call, and work that it goes on with in the background ends
# with the call that began it. (AG2 1.2.1 does the same; langchain-mcp-adapters 0.3.2 does where tools come from
# get_tools() of the client, not from a session.)
#
# Run by hand: bash findings/llama_index_starts_a_server_for_every_request.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet llama-index-tools-mcp==0.6.0 mcp==2.3.0
cat >server.py <<'PYTHON'
import os
from pathlib import Path

from mcp.server import MCPServer

server = MCPServer("counted")
with Path("starts").open("a") as starts:
    starts.write(f"{os.getpid()}\n")


@server.tool()
def process() -> str:
    return str(os.getpid())


server.run("stdio")
PYTHON
venv/bin/python - <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version
from pathlib import Path

from llama_index.tools.mcp import BasicMCPClient


async def main() -> None:
    client = BasicMCPClient(sys.executable, args=["server.py"])
    answers = [(await client.call_tool("process", {})).content[0].text for _ in range(3)]
    calls = len(Path("starts").read_text().split())
    await client.list_tools()
    starts = len(Path("starts").read_text().split())
    print("version", version("llama-index-tools-mcp"), "- three calls:", len(set(answers)), "processes,", calls, "starts;",
          "with a list:", starts)
    assert (len(set(answers)), calls, starts) == (3, 3, 4)


asyncio.run(main())
PYTHON
