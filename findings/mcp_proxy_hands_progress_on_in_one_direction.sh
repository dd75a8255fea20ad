#!/usr/bin/env bash
# mcp-proxy 0.13.0 (the one on PyPI), between a client and a server of MCP, in both directions that it offers.
#
# Expected: it hands a tool's progress on, from a server over HTTP to a client over pipes, and from a server over pipes to a
# client over HTTP: it is the same proxy.
#
# Seen: to a client over pipes every notice of progress arrives; to a client over HTTP none does, though the server was asked
# for progress and sent it. The answer arrives in both.
#
# Run by hand: bash findings/mcp_proxy_hands_progress_on_in_one_direction.sh. Fails if any of it changes.
set -euo pipefail
folder=$(mktemp -d)
running=()
stop() { for each in "${running[@]}"; do kill "$each" || true; done; rm -rf "$folder"; }
trap stop EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet mcp-proxy==0.13.0 mcp==1.30.0
cat >server.py <<'PYTHON'
import asyncio
import sys

from mcp.server.fastmcp import Context, FastMCP

server = FastMCP("steps", port=int((sys.argv + ["0"])[1]))


@server.tool()
async def steps(ctx: Context) -> str:
    for step in range(3):
        await ctx.report_progress(step + 1, 3)
        await asyncio.sleep(0.3)
    return "done"


server.run("streamable-http" if len(sys.argv) > 1 else "stdio")
PYTHON
venv/bin/python server.py 18765 >served 2>&1 & running+=($!)
venv/bin/mcp-proxy --port 18766 -- venv/bin/python server.py >proxied 2>&1 & running+=($!)
venv/bin/python - <<'PYTHON'
import asyncio
import os
import socket
import time
from importlib.metadata import version

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client


async def told(streams) -> int:
    events = []

    async def note(*event: object) -> None:
        events.append(event)

    async with streams as (read, write, *_), ClientSession(read, write) as session:
        await session.initialize()
        answer = await session.call_tool("steps", {}, progress_callback=note)
        assert answer.content[0].text == "done"
    return len(events)


def pipes(*command: str):
    quiet = open(os.devnull, "w")
    return stdio_client(StdioServerParameters(command=command[0], args=list(command[1:])), errlog=quiet)


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)


async def main() -> None:
    for port in (18765, 18766):
        wait_for(port)
    seen = {
        "no proxy": await told(streamablehttp_client("http://127.0.0.1:18765/mcp")),
        "to pipes": await told(pipes("venv/bin/mcp-proxy", "--transport", "streamablehttp", "http://127.0.0.1:18765/mcp")),
        "to HTTP": await told(streamablehttp_client("http://127.0.0.1:18766/mcp")),
    }
    print("version", version("mcp-proxy"), "- notices of progress that arrived:", seen)
    assert seen == {"no proxy": 3, "to pipes": 3, "to HTTP": 0}


asyncio.run(main())
PYTHON
