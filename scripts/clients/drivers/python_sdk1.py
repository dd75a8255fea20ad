"""The protocol's own Python SDK, 1.x, which most frameworks stand on."""

from datetime import timedelta

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import PromptReference
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    parameters = StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()

        class Seen(Walked):
            async def tools(self):
                return {tool.name: tool.description for tool in (await session.list_tools()).tools}

            async def call(self, name, arguments):
                return (await session.call_tool(name, arguments)).model_dump(exclude_none=True)

            async def call_watched(self, name, arguments, take):
                async def on_progress(*event):
                    take(*event)

                return (await session.call_tool(name, arguments, progress_callback=on_progress)).model_dump()

            async def give_up(self, name, arguments, seconds):
                try:
                    await session.call_tool(name, arguments, read_timeout_seconds=timedelta(seconds=seconds))
                except Exception as error:  # noqa: BLE001 - shown
                    return f"gave up: {error}"
                return "answered"

            async def resources(self):
                return [str(resource.uri) for resource in (await session.list_resources()).resources]

            async def read(self, uri):
                return (await session.read_resource(uri)).contents[0].text

            async def templates(self):
                return [each.uriTemplate for each in (await session.list_resource_templates()).resourceTemplates]

            async def prompts(self):
                return [prompt.name for prompt in (await session.list_prompts()).prompts]

            async def prompt(self, name, arguments):
                return (await session.get_prompt(name, arguments)).messages[0].content.text

            async def complete(self, name, argument, typed):
                reference = PromptReference(type="ref/prompt", name=name)
                return (await session.complete(reference, {"name": argument, "value": typed})).completion.values

            async def ping(self):
                return await session.send_ping()

        await walk(Seen())


run(main)
