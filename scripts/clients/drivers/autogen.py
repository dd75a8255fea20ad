"""AutoGen's workbench."""

from autogen_ext.tools.mcp import McpWorkbench, StdioServerParams
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    async with McpWorkbench(StdioServerParams(command=COMMAND[0], args=COMMAND[1:], read_timeout_seconds=60)) as bench:

        class Seen(Walked):
            async def tools(self):
                return {tool["name"]: tool.get("description") for tool in await bench.list_tools()}

            async def call(self, name, arguments):
                return (await bench.call_tool(name, arguments)).to_text()

            async def resources(self):
                return [str(resource.uri) for resource in (await bench.list_resources()).resources]

            async def read(self, uri):
                return str((await bench.read_resource(uri)).contents[0].text)

            async def templates(self):
                return [str(each) for each in (await bench.list_resource_templates()).resourceTemplates]

            async def prompts(self):
                return [prompt.name for prompt in (await bench.list_prompts()).prompts]

            async def prompt(self, name, arguments):
                return (await bench.get_prompt(name, arguments)).messages[0].content.text

        await walk(Seen())


run(main)
