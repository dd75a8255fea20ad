"""DSPy's tools over the protocol's SDK."""

import dspy
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = {tool.name: dspy.Tool.from_mcp_tool(session, tool) for tool in (await session.list_tools()).tools}

        class Seen(Walked):
            async def tools(self):
                return {name: tool.desc for name, tool in tools.items()}

            async def call(self, name, arguments):
                return await tools[name].acall(**arguments)

        await walk(Seen())


run(main)
