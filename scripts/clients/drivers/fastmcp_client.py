"""fastmcp's client."""

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with Client(StdioTransport(COMMAND[0], COMMAND[1:])) as client:

        class Seen(Walked):
            async def tools(self):
                return {tool.name: tool.description for tool in await client.list_tools()}

            async def call(self, name, arguments):
                result = await client.call_tool(name, arguments)
                return {
                    "text": [getattr(each, "text", "") for each in result.content],
                    "structured": result.structured_content,
                }

            async def call_watched(self, name, arguments, take):
                async def on_progress(*event):
                    take(*event)

                result = await client.call_tool(name, arguments, progress_handler=on_progress)
                return {
                    "text": [getattr(each, "text", "") for each in result.content],
                    "structured": result.structured_content,
                }

            async def give_up(self, name, arguments, seconds):
                try:
                    await client.call_tool(name, arguments, timeout=seconds)
                except Exception as error:  # noqa: BLE001 - shown
                    return f"gave up: {error}"
                return "answered"

            async def resources(self):
                return [str(resource.uri) for resource in await client.list_resources()]

            async def read(self, uri):
                return (await client.read_resource(uri))[0].text

            async def templates(self):
                return [str(each) for each in await client.list_resource_templates()]

            async def prompts(self):
                return [prompt.name for prompt in await client.list_prompts()]

            async def prompt(self, name, arguments):
                return (await client.get_prompt(name, arguments)).messages[0].content.text

            async def complete(self, name, argument, typed):
                from mcp.types import PromptReference

                reference = PromptReference(type="ref/prompt", name=name)
                return (await client.complete(reference, {"name": argument, "value": typed})).values

            async def ping(self):
                return await client.ping()

        await walk(Seen())


run(main)
