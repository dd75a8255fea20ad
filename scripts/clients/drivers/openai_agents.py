"""OpenAI's Agents SDK, as its runner calls a tool for a model."""

import json

from agents import RunContextWrapper
from agents.mcp import MCPServerStdio, MCPUtil
from agents.tool_context import ToolContext
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPServerStdio(
        params={"command": COMMAND[0], "args": COMMAND[1:]}, client_session_timeout_seconds=60
    ) as server:
        tools = {
            tool.name: tool for tool in await MCPUtil.get_function_tools(server, False, RunContextWrapper(None), None)
        }

        class Seen(Walked):
            async def tools(self):
                return {name: tool.description for name, tool in tools.items()}

            async def call(self, name, arguments):
                encoded = json.dumps(arguments)
                context = ToolContext(context=None, tool_name=name, tool_call_id="1", tool_arguments=encoded)
                return await tools[name].on_invoke_tool(context, encoded)

            async def resources(self):
                return [str(resource.uri) for resource in (await server.list_resources()).resources]

            async def read(self, uri):
                return (await server.read_resource(uri)).contents[0].text

            async def templates(self):
                return [
                    str(each)
                    for each in (await server.list_resource_templates()).model_dump(by_alias=True)["resourceTemplates"]
                ]

            async def prompts(self):
                return [prompt.name for prompt in (await server.list_prompts()).prompts]

            async def prompt(self, name, arguments):
                return (await server.get_prompt(name, arguments)).messages[0].content.text

        await walk(Seen())


run(main)
