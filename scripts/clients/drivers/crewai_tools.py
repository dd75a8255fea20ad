"""CrewAI's adapter."""

import asyncio

from crewai_tools import MCPServerAdapter
from mcp import StdioServerParameters
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    adapter = await asyncio.to_thread(MCPServerAdapter, parameters)
    tools = {tool.name: tool for tool in adapter.tools}

    class Seen(Walked):
        async def tools(self):
            return {name: tool.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return await asyncio.to_thread(lambda: tools[name].run(**arguments))

    await walk(Seen())


run(main)
