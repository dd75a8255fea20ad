"""smolagents, over mcpadapt."""

import asyncio

from mcp import StdioServerParameters
from smolagents import MCPClient
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    client = await asyncio.to_thread(MCPClient, parameters, structured_output=False)
    tools = {tool.name: tool for tool in client.get_tools()}

    class Seen(Walked):
        async def tools(self):
            return {name: tool.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return await asyncio.to_thread(lambda: tools[name](**arguments))

    await walk(Seen())


run(main)
