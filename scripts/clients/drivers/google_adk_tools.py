"""Google's Agent Development Kit."""

from unittest.mock import MagicMock

from google.adk.tools.mcp_tool import McpToolset, StdioConnectionParams
from mcp import StdioServerParameters
from walk import COMMAND, Walked, run, walk

TAKERS = []


async def on_progress(*event):
    for take in TAKERS:
        take(*event)


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    connection = StdioConnectionParams(server_params=parameters, timeout=60)
    toolset = McpToolset(connection_params=connection, progress_callback=on_progress)
    tools = {tool.name: tool for tool in await toolset.get_tools()}
    context = MagicMock()  # a run's context, of which an MCP tool uses no more than that it may be anything

    class Seen(Walked):
        async def tools(self):
            return {name: tool.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return await tools[name]._run_async_impl(args=arguments, tool_context=context, credential=None)  # noqa: SLF001

        async def call_watched(self, name, arguments, take):
            TAKERS.append(take)
            return await self.call(name, arguments)

        async def resources(self):
            return list(await toolset.list_resources())

    await walk(Seen())


run(main)
