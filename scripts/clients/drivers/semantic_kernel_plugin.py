"""Semantic Kernel's plugin."""

from semantic_kernel.connectors.mcp import MCPStdioPlugin
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with MCPStdioPlugin(name="voicemail", command=COMMAND[0], args=COMMAND[1:], request_timeout=60) as plugin:

        class Seen(Walked):
            async def tools(self):
                functions = [getattr(plugin, name) for name in dir(plugin) if not name.startswith("_")]
                return {
                    each.__kernel_function_name__: each.__kernel_function_description__
                    for each in functions
                    if hasattr(each, "__kernel_function_name__")
                }

            async def call(self, name, arguments):
                return [str(each) for each in await plugin.call_tool(name, **arguments)]

            async def prompt(self, name, arguments):
                return [str(each) for each in await plugin.get_prompt(name, **arguments)]

        await walk(Seen())


run(main)
