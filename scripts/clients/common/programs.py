"""Run a program once for each request, as a person does at a prompt."""

import asyncio
import json
from typing import Any


async def output(*command: str, seconds: float = 60) -> str:
    """Return what a program prints; interrupt it after so many seconds, and say so.

    Raises:
        RuntimeError: It failed; the text is what it printed.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    try:
        text, complaint = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        process.terminate()
        await process.wait()
        return "interrupted"
    if process.returncode:
        raise RuntimeError((complaint or text).decode()[-1000:])
    return text.decode()


async def parsed(*command: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a program prints as JSON."""
    return json.loads(await output(*command))
