"""AG2's toolkit, which starts a server for every call."""

import json
from types import SimpleNamespace

from ag2.events import ToolCallEvent
from ag2.tools.toolkits.mcp_server import MCPStdioServerConfig, MCPToolkit
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    toolkit = MCPToolkit(MCPStdioServerConfig(command=COMMAND[0], args=COMMAND[1:], server_label="voicemail"))
    context = SimpleNamespace(variables={})
    schemas = await toolkit.schemas(context)
    tools = toolkit._tools  # noqa: SLF001 - a call needs a whole agent otherwise

    class Seen(Walked):
        async def tools(self):
            return {schema.function.name: schema.function.description for schema in schemas}

        async def call(self, name, arguments):
            event = ToolCallEvent(name=name, arguments=json.dumps(arguments))
            answer = await tools[name](event, context)
            if hasattr(answer, "error"):
                raise RuntimeError(str(answer.error))
            return "\n".join(str(getattr(part, "content", part)) for part in answer.result.parts)

    await walk(Seen())


run(main)
