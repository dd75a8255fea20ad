"""Agno's toolkit."""

import shlex

from agno.tools.mcp import MCPTools
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPTools(command=shlex.join(COMMAND), timeout_seconds=60) as toolkit:
        tools = toolkit.get_async_functions() if hasattr(toolkit, "get_async_functions") else toolkit.functions

        class Seen(Walked):
            async def tools(self):
                return {name: tool.description for name, tool in tools.items()}

            async def call(self, name, arguments):
                result = await tools[name].entrypoint(**arguments)
                return getattr(result, "content", result)

        await walk(Seen())


run(main)
