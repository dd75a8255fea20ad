"""List the unread voicemails through MCP, as a host does.

Set VM_MCP_API_KEY, and VM_MCP_BASE_URL for a simulated PBX. Then run:

    uv run python examples/list_unread.py
"""

import asyncio
import os
import sys

from mcp import Client, StdioServerParameters


async def main() -> int:
    """Start vm-mcp, call one tool, and print its text; return 1 if the text is an error."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("VM_MCP_")}
    server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=settings)
    async with Client(server) as client:
        result = await client.call_tool("list_voicemails", {"status": "unread", "since": "7d"})
        for block in result.content:
            print(getattr(block, "text", block.type))
    return int(result.is_error)


sys.exit(asyncio.run(main()))
