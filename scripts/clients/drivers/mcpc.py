"""mcpc, Apify's command-line client: a session in the background, asked by commands."""

import json
from pathlib import Path

from programs import output, parsed
from walk import COMMAND, Walked, run, walk

FILE = Path("mcp.json").resolve()


class Mcpc(Walked):
    """What it offers."""

    async def tools(self):
        return {
            tool["name"]: tool["description"] for tool in await parsed("mcpc", "--json", "@vm", "tools-list", "--full")
        }

    async def call(self, name, arguments):
        return await output("mcpc", "@vm", "tools-call", name, json.dumps(arguments))

    async def give_up(self, name, arguments, seconds):
        return await output("mcpc", "@vm", "tools-call", name, json.dumps(arguments), seconds=seconds)

    async def resources(self):
        return [each["uri"] for each in await parsed("mcpc", "--json", "@vm", "resources-list")]

    async def read(self, uri):
        return await output("mcpc", "@vm", "resources-read", uri)

    async def templates(self):
        return await parsed("mcpc", "--json", "@vm", "resources-templates-list")

    async def prompts(self):
        return [each["name"] for each in await parsed("mcpc", "--json", "@vm", "prompts-list")]

    async def prompt(self, name, arguments):
        return await output("mcpc", "@vm", "prompts-get", name, json.dumps(arguments))

    async def ping(self):
        return await output("mcpc", "@vm", "ping")


async def main() -> None:
    """Connect, walk, and close."""
    await output("mcpc", "connect", f"{FILE}:voicemail", "@vm")
    await walk(Mcpc())
    await output("mcpc", "@vm", "close")


FILE.write_text(
    json.dumps({"mcpServers": {"voicemail": {"command": COMMAND[0], "args": COMMAND[1:]}}}), encoding="utf-8"
)
run(main)
