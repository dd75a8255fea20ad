"""mcp2py, which turns a server into a Python module."""

import asyncio
import shlex

from mcp2py import load
from walk import COMMAND, Walked, run, walk


async def main() -> None:
    server = await asyncio.to_thread(load, shlex.join(COMMAND))

    class Seen(Walked):
        async def tools(self):
            return {tool.__name__: tool.__doc__ for tool in server.tools}

        async def call(self, name, arguments):
            return await asyncio.to_thread(lambda: getattr(server, name)(**arguments))

    await walk(Seen())


run(main)
