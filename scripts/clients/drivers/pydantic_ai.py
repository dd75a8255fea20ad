"""Pydantic AI, as an agent calls a tool for a model."""

from fastmcp.client.transports import StdioTransport
from pydantic_ai.mcp import MCPToolset
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPToolset(StdioTransport(COMMAND[0], COMMAND[1:])) as toolset:

        class Seen(Walked):
            async def tools(self):
                return {tool.name: tool.description for tool in await toolset.list_tools()}

            async def call(self, name, arguments):
                return await toolset.direct_call_tool(name, arguments)

            async def resources(self):
                return [str(resource.uri) for resource in await toolset.list_resources()]

            async def read(self, uri):
                return str(await toolset.read_resource(uri))

            async def templates(self):
                return [str(each) for each in await toolset.list_resource_templates()]

            async def prompts(self):
                return [prompt.name for prompt in await toolset.list_prompts()]

            async def prompt(self, name, arguments):
                return str(await toolset.get_prompt(name, arguments))

        await walk(Seen())


run(main)
