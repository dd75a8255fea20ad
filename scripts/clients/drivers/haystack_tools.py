"""Haystack's toolset."""

import asyncio

from haystack_integrations.tools.mcp import MCPToolset, StdioServerInfo
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    server = StdioServerInfo(command=COMMAND[0], args=COMMAND[1:])

    def opened():
        toolset = MCPToolset(server_info=server, invocation_timeout=60)
        toolset.warm_up()
        return {tool.name: tool for tool in toolset}

    tools = await asyncio.to_thread(opened)

    class Seen(Walked):
        async def tools(self):
            return {name: tool.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return await asyncio.to_thread(lambda: tools[name].invoke(**arguments))

    await walk(Seen())


run(main)
