"""Langroid's tools, over fastmcp."""

from fastmcp.client.transports import StdioTransport
from langroid.agent.tools.mcp import FastMCPClient
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with FastMCPClient(StdioTransport(COMMAND[0], COMMAND[1:]), read_timeout_seconds=60) as client:
        tools = {tool.name(): tool for tool in await client.get_tools_async()}

        class Seen(Walked):
            async def tools(self):
                return {name: str(tool.default_value("purpose")) for name, tool in tools.items()}

            async def call(self, name, arguments):
                return await tools[name](**arguments).handle_async()

        await walk(Seen())


run(main)
