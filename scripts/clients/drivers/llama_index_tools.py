"""LlamaIndex's tools."""

from llama_index.tools.mcp import BasicMCPClient, McpToolSpec
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    client = BasicMCPClient(COMMAND[0], args=COMMAND[1:], timeout=60)
    spec = McpToolSpec(client=client, include_resources=True)
    tools = {tool.metadata.name: tool for tool in await spec.to_tool_list_async()}

    class Seen(Walked):
        async def tools(self):
            return {name: tool.metadata.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return str((await tools[name].acall(**arguments)).content)

        async def resources(self):
            return [str(resource.uri) for resource in (await client.list_resources()).resources]

        async def read(self, uri):
            return str(await client.read_resource(uri))

        async def templates(self):
            return [str(each) for each in (await client.list_resource_templates()).resource_templates]

        async def prompts(self):
            return [prompt.name for prompt in (await client.list_prompts()).prompts]

        async def prompt(self, name, arguments):
            return str(await client.get_prompt(name, arguments))

    await walk(Seen())


run(main)
