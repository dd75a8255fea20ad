"""Print a morning briefing: what was said in each unread voicemail, by mailbox.

Set VM_MCP_API_KEY, and VM_MCP_BASE_URL for a simulated PBX. Then run:

    uv run python examples/morning_briefing.py

Transcribing marks the messages as read in the phone system.
"""

import asyncio
import os
import sys
from itertools import groupby
from operator import itemgetter
from typing import Any

from mcp import Client, StdioServerParameters


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool, and return its structured result.

    Raises:
        RuntimeError: The tool failed; the text is the tool's.
    """
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(getattr(result.content[0], "text", "no answer"))
    return dict(result.structured_content)


async def transcribe(client: Client, uuids: list[str]) -> dict[str, dict[str, Any]]:
    """Call again while messages are pending; return the entries by uuid."""
    while True:
        answer = await call(client, "transcribe_voicemails", uuids=uuids)
        entries = {entry["uuid"]: entry for entry in answer["transcriptions"]}
        if all(entry["status"] != "pending" for entry in entries.values()):
            return entries


async def briefing(client: Client) -> str:
    """List and transcribe the messages, and return the briefing; if a tool fails, return its error text."""
    try:
        messages = (await call(client, "list_voicemails", status="unread", limit=20))["voicemails"]
        spoken = await transcribe(client, [message["uuid"] for message in messages]) if messages else {}
    except RuntimeError as error:
        return str(error)
    lines = []
    for extension, group in groupby(sorted(messages, key=itemgetter("extension")), key=itemgetter("extension")):
        lines.append(f"\nMailbox {extension}")
        for message in group:
            entry = spoken[message["uuid"]]
            who = message.get("caller_id_name") or message.get("caller_id_number") or "unknown caller"
            lines.append(f"  {message['received_at']}  {who}: {entry.get('text') or entry['status']}")
    return "\n".join(lines) or "No unread voicemail."


async def main() -> None:
    """Start vm-mcp and print the briefing."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("VM_MCP_")}
    server = StdioServerParameters(command=sys.executable, args=["-m", "vm_mcp"], env=settings)
    async with Client(server) as client:
        print(await briefing(client))


asyncio.run(main())
