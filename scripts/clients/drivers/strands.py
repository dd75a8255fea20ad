"""Strands, the agents of AWS."""

import asyncio

from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from strands.tools.mcp import MCPClient
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    client = MCPClient(lambda: stdio_client(StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])))
    await asyncio.to_thread(client.start)

    class Seen(Walked):
        async def tools(self):
            return {
                tool.tool_name: tool.tool_spec["description"]
                for tool in await asyncio.to_thread(client.list_tools_sync)
            }

        async def call(self, name, arguments):
            return await client.call_tool_async("1", name, arguments)

        async def resources(self):
            return [str(each.uri) for each in (await asyncio.to_thread(client.list_resources_sync)).resources]

        async def read(self, uri):
            return (await asyncio.to_thread(client.read_resource_sync, uri)).contents[0].text

        async def templates(self):
            return (await asyncio.to_thread(client.list_resource_templates_sync)).model_dump(by_alias=True)[
                "resourceTemplates"
            ]

        async def prompts(self):
            return [each.name for each in (await asyncio.to_thread(client.list_prompts_sync)).prompts]

        async def prompt(self, name, arguments):
            return (await asyncio.to_thread(client.get_prompt_sync, name, arguments)).messages[0].content.text

    await walk(Seen())


run(main)
