"""IBM's BeeAI."""

from beeai_framework.tools.mcp import MCPTool
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = {tool.name: tool for tool in await MCPTool.from_session(session)}

        class Seen(Walked):
            async def tools(self):
                return {name: tool.description for name, tool in tools.items()}

            async def call(self, name, arguments):
                return (await tools[name].run(arguments)).get_text_content()

        await walk(Seen())


run(main)
