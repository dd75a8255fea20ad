"""mcp-use for Python: its session, and what its LangChain adapter gives a model."""

from mcp_use import MCPClient
from mcp_use.agents.adapters.langchain_adapter import LangChainAdapter
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    client = MCPClient({"mcpServers": {"voicemail": {"command": COMMAND[0], "args": COMMAND[1:]}}})
    session = await client.create_session("voicemail")
    adapter = LangChainAdapter()
    tools = {tool.name: tool for tool in await adapter.create_tools(client)}

    class Seen(Walked):
        async def tools(self):
            return {name: tool.description for name, tool in tools.items()}

        async def call(self, name, arguments):
            return await tools[name].ainvoke(arguments)

        async def resources(self):
            return [str(resource.uri) for resource in await session.list_resources()]

        async def read(self, uri):
            return (await session.read_resource(uri)).contents[0].text

        async def prompts(self):
            return [prompt.name for prompt in await session.list_prompts()]

        async def prompt(self, name, arguments):
            return (await session.get_prompt(name, arguments)).messages[0].content.text

    await walk(Seen())


run(main)
