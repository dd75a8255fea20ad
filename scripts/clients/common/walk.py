"""What every Python client is asked to do. A client that has no way to do a step leaves the method out.

It runs in the client's own environment, so it uses nothing but the standard library.
"""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

COMMAND: list[str] = json.loads(os.environ.get("VM_CLIENT_SERVER", "[]"))
"""Starts the server over pipes."""
URL = os.environ.get("VM_CLIENT_URL", "")
"""Or where it serves."""
STEP_SECONDS = 60
GIVE_UP_SECONDS = 1.0
TWENTY = {"limit": 20}
PROMPT = ("triage_inbox", {"language": "tr"})
COMPLETION = ("triage_inbox", "language", "t")


class Walked:
    """What a client may offer; a driver overrides what its client has."""

    tools: Callable[[], Awaitable[Any]]
    """Returns the tools' descriptions by name, as a model gets them."""
    call: Callable[[str, dict[str, Any]], Awaitable[Any]]
    """Calls a tool, and returns what a model gets."""
    call_watched: Callable[[str, dict[str, Any], Callable[..., None]], Awaitable[Any]]
    """The same with progress, however the client offers it."""
    give_up: Callable[[str, dict[str, Any], float], Awaitable[Any]]
    """Calls a tool and gives up after so many seconds, as the client does."""
    resources: Callable[[], Awaitable[list[str]]]
    read: Callable[[str], Awaitable[str]]
    templates: Callable[[], Awaitable[list[str]]]
    prompts: Callable[[], Awaitable[list[str]]]
    prompt: Callable[[str, dict[str, str]], Awaitable[str]]
    complete: Callable[[str, str, str], Awaitable[list[str]]]
    ping: Callable[[], Awaitable[Any]]


async def walk(client: Any) -> None:  # noqa: ANN401 - a Walked, or what looks like one
    """Take each step, and print what came of it as one line of JSON."""
    seen: dict[str, Any] = {}
    progress: list[Any] = []
    if hasattr(client, "tools"):
        await _step(seen, "tools", client.tools)
    listed = await _step(seen, "twenty", lambda: client.call("list_voicemails", TWENTY))
    uuids = uuids_in(as_text(listed))
    heard = {"uuids": uuids[:3]}
    if hasattr(client, "call_watched"):
        take = lambda *event: progress.append(list(event))  # noqa: E731 - one expression
        await _step(seen, "transcribed", lambda: client.call_watched("transcribe_voicemails", heard, take))
        seen["progress"] = progress
    else:
        await _step(seen, "transcribed", lambda: client.call("transcribe_voicemails", heard))
    give_up = getattr(client, "give_up", None) or (lambda *call: _give_up(client, *call))
    await _step(seen, "gave_up", lambda: give_up("transcribe_voicemails", {"uuids": uuids[3:11]}, GIVE_UP_SECONDS))
    began = time.monotonic()
    await _step(seen, "again", lambda: client.call("transcribe_voicemails", {"uuids": uuids[3:5]}))
    seen["again_seconds"] = round(time.monotonic() - began, 1)
    await _step(seen, "afterwards", lambda: client.call("list_voicemails", {"limit": 1}))
    await _step(seen, "refused", lambda: client.call("list_voicemails", {"limit": 0}))
    if hasattr(client, "resources"):
        uris = await _step(seen, "resources", client.resources) or []
        transcript = next((uri for uri in uris if str(uri).endswith("/transcript")), "")
        if hasattr(client, "read") and transcript:
            await _step(seen, "read", lambda: client.read(str(transcript)))
    for name in ("templates", "prompts", "ping"):
        if hasattr(client, name):
            await _step(seen, name, getattr(client, name))
    if hasattr(client, "prompt"):
        await _step(seen, "prompt", lambda: client.prompt(*PROMPT))
    if hasattr(client, "complete"):
        await _step(seen, "complete", lambda: client.complete(*COMPLETION))
    print("\n" + json.dumps(seen, default=str), flush=True)  # noqa: T201 - its output


async def _step(seen: dict[str, Any], name: str, take: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - any result
    try:
        result = await asyncio.wait_for(take(), STEP_SECONDS)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        seen[name] = {"raised": f"{type(error).__name__}: {_root(error)}"[:600]}
        return None
    seen[name] = result if isinstance(result, dict | list) else as_text(result)
    return result


def _root(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _give_up(client: Any, tool: str, arguments: dict[str, Any], seconds: float) -> str:  # noqa: ANN401
    try:
        await asyncio.wait_for(client.call(tool, arguments), seconds)
    except TimeoutError:
        return "gave up"
    return "answered"


def as_text(result: object) -> str:
    """Return a result as a model would read it."""
    if isinstance(result, str):
        return result
    try:
        return json.dumps(result, ensure_ascii=False)
    except TypeError:
        return str(result)


def uuids_in(text: str) -> list[str]:
    """Return the messages' uuids, or the ends of them where only those are shown."""
    whole = re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text)
    ends = re.findall(r"(?:^|\n|\\n)([0-9a-f]{6})(?:\t|\\t)", text)
    return list(dict.fromkeys(ends or whole))  # a client may give answers uuids of its own


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a driver, and end at once: some clients leave threads and processes behind."""
    asyncio.run(main())
    sys.stdout.flush()
    os._exit(0)
