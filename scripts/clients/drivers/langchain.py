"""LangChain's adapters, as an agent gets the tools."""

from langchain_mcp_adapters.callbacks import Callbacks
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.prompts import load_mcp_prompt
from langchain_mcp_adapters.resources import load_mcp_resources
from langchain_mcp_adapters.tools import load_mcp_tools
from walk import COMMAND, Walked, run, walk

TAKERS = []


async def on_progress(progress, total, message, _context):
    for take in TAKERS:
        take(progress, total, message)


async def main() -> None:
    server = {"transport": "stdio", "command": COMMAND[0], "args": COMMAND[1:]}
    client = MultiServerMCPClient({"voicemail": server}, callbacks=Callbacks(on_progress=on_progress))
    async with client.session("voicemail") as session:
        tools = {
            tool.name: tool
            for tool in await load_mcp_tools(session, callbacks=client.callbacks, server_name="voicemail")
        }

        class Seen(Walked):
            async def tools(self):
                return {name: tool.description for name, tool in tools.items()}

            async def call(self, name, arguments):
                message = await tools[name].ainvoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
                return {"content": message.content, "status": message.status}

            async def call_watched(self, name, arguments, take):
                TAKERS.append(take)
                return await self.call(name, arguments)

            async def resources(self):
                blobs = await load_mcp_resources(session)
                return [str(blob.metadata.get("uri")) for blob in blobs]

            async def prompt(self, name, arguments):
                return (await load_mcp_prompt(session, name, arguments=arguments))[0].content

        await walk(Seen())


run(main)
