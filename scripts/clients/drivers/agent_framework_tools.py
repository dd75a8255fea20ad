"""Microsoft's Agent Framework."""

from agent_framework import MCPStdioTool
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPStdioTool(name="voicemail", command=COMMAND[0], args=COMMAND[1:], request_timeout=60) as tool:

        class Seen(Walked):
            async def tools(self):
                return {each.name: each.description for each in tool.functions}

            async def call(self, name, arguments):
                result = await tool.call_tool(name, **arguments)
                return result if isinstance(result, str) else [getattr(each, "text", str(each)) for each in result]

            async def prompt(self, name, arguments):
                return str(await tool.get_prompt(name, **arguments))

        await walk(Seen())


run(main)
