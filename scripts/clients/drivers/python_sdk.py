"""The protocol's own Python SDK, 2.x; also what is put in front of gateways, at COMMAND or at URL."""

import os

from mcp import Client, StdioServerParameters
from mcp_types import PromptReference
from walk import COMMAND, URL, Walked, run, walk


async def main() -> None:
    target = URL or StdioServerParameters(command=COMMAND[0], args=COMMAND[1:])
    async with Client(target, mode=os.environ.get("VM_CLIENT_MODE", "auto")) as client:
        seen = Walked()

        async def tools():
            return {tool.name: tool.description for tool in (await client.list_tools()).tools}

        async def call(name, arguments):
            return (await client.call_tool(name, arguments)).model_dump(by_alias=True, exclude_none=True)

        async def call_watched(name, arguments, take):
            async def on_progress(*event):
                take(*event)

            return (await client.call_tool(name, arguments, progress_callback=on_progress)).model_dump(by_alias=True)

        async def give_up(name, arguments, seconds):
            try:
                await client.call_tool(name, arguments, read_timeout_seconds=seconds)
            except Exception as error:  # noqa: BLE001 - shown
                return f"gave up: {error}"
            return "answered"

        async def resources():
            return [str(resource.uri) for resource in (await client.list_resources()).resources]

        async def read(uri):
            return (await client.read_resource(uri)).contents[0].text

        async def templates():
            return [each.uri_template for each in (await client.list_resource_templates()).resource_templates]

        async def prompts():
            return [prompt.name for prompt in (await client.list_prompts()).prompts]

        async def prompt(name, arguments):
            return (await client.get_prompt(name, arguments)).messages[0].content.text

        async def complete(name, argument, typed):
            reference = PromptReference(type="ref/prompt", name=name)
            return (await client.complete(reference, {"name": argument, "value": typed})).completion.values

        for step in (tools, call, call_watched, give_up, resources, read, templates, prompts, prompt, complete):
            setattr(seen, step.__name__, step)
        seen.ping = client.send_ping
        await walk(seen)


run(main)
