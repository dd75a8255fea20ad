"""Count the messages of each caller in the last seven days, with vm-mcp as a library: no MCP, no speech engine.

Set VM_MCP_API_KEY, and VM_MCP_BASE_URL for a simulated PBX. Then run:

    uv run python examples/callers_of_the_week.py
"""

import asyncio
from collections import Counter

from vm_mcp.config import load_settings
from vm_mcp.errors import VmError
from vm_mcp.inbox import ListRequest, open_inbox


async def main() -> None:
    """Read a week of messages page by page, and print the callers, the most frequent first."""
    callers: Counter[str] = Counter()
    async with open_inbox(load_settings()) as inbox:
        cursor = ""
        while True:
            page = await inbox.list_voicemails(ListRequest(since="7d", limit=100, cursor=cursor))
            callers.update(message.caller_id_number or "number hidden" for message in page.voicemails)
            cursor = page.next_cursor
            if not cursor:
                break
    for number, count in callers.most_common():
        print(f"{count:4}  {number}")


try:
    asyncio.run(main())
except VmError as error:
    raise SystemExit(str(error)) from None
