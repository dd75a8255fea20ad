"""The protocol's Inspector, on its command line: each request starts a server of its own."""

import json

from programs import output, parsed
from walk import COMMAND, Walked, run, walk


def asked(method: str, *options: str) -> list[str]:
    """Return a command."""
    return ["mcp-inspector", "--cli", *COMMAND, *options, "--method", method]


class Inspector(Walked):
    """What it offers."""

    async def tools(self):
        return {tool["name"]: tool["description"] for tool in (await parsed(*asked("tools/list")))["tools"]}

    async def call(self, name, arguments):
        return await output(*asked("tools/call", "--tool-name", name, "--tool-args-json", json.dumps(arguments)))

    async def give_up(self, name, arguments, seconds):
        options = ("--tool-name", name, "--tool-args-json", json.dumps(arguments))
        return await output(*asked("tools/call", *options), seconds=seconds + 5)

    async def resources(self):
        return [each["uri"] for each in (await parsed(*asked("resources/list")))["resources"]]

    async def templates(self):
        return [each["uriTemplate"] for each in (await parsed(*asked("resources/templates/list")))["resourceTemplates"]]

    async def prompts(self):
        return [each["name"] for each in (await parsed(*asked("prompts/list")))["prompts"]]

    async def prompt(self, name, arguments):
        options = ("--prompt-name", name, "--prompt-args", *(f"{key}={value}" for key, value in arguments.items()))
        return (await parsed(*asked("prompts/get", *options)))["messages"][0]["content"]["text"]


run(lambda: walk(Inspector()))
