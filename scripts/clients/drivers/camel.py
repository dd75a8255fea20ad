"""CAMEL's client."""

from camel.utils.mcp_client import MCPClient, ServerConfig
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPClient(ServerConfig(command=COMMAND[0], args=COMMAND[1:], timeout=60), timeout=60) as client:
        tools = {tool.get_function_name(): tool for tool in client.get_tools()}

        class Seen(Walked):
            async def tools(self):
                return {name: tool.get_function_description() for name, tool in tools.items()}

            async def call(self, name, arguments):
                return await tools[name].async_call(**arguments)

        await walk(Seen())


run(main)
