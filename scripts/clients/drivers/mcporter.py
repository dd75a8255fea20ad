"""MCPorter: each request starts a server of its own."""

import json
import shlex

from programs import output, parsed
from walk import COMMAND, Walked, run, walk

SERVER = ["--stdio", shlex.join(COMMAND), "--name", "voicemail"]


class Mcporter(Walked):
    """What it offers."""

    async def tools(self):
        listed = await parsed("mcporter", "list", *SERVER, "--json", "--schema")
        return {tool["name"]: tool.get("description") for tool in listed.get("tools", [])}

    async def call(self, name, arguments):
        return await output("mcporter", "call", *SERVER, "--tool", name, "--args", json.dumps(arguments))

    async def give_up(self, name, arguments, seconds):
        options = ("--tool", name, "--args", json.dumps(arguments), "--timeout", str(int(seconds * 1000)))
        return await output("mcporter", "call", *SERVER, *options)


run(lambda: walk(Mcporter()))
