"""People whose assistants ask a team's servers now and then, in a thread of their own."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from team_rig.programs import TOKEN

PAUSE_SECONDS = (0.5, 2.5)
"""Between two questions: at least and at most."""
PATIENCE_SECONDS = 60.0
_DOUBTED = re.compile(r"\[\?([^\]]*)\]")


@dataclass
class Callers:
    """Ask for the unheard messages of an account, then for the transcript of one of them, until the block ends."""

    addresses: Sequence[str]
    """Of the servers, such as ``http://127.0.0.1:8000``."""
    accounts: Sequence[str]
    said: Callable[[str], str]
    """Returns what is said in a message, by its uuid."""
    seed: float
    outcomes: Counter[str] = field(default_factory=Counter)
    """How the questions ended."""
    problems: list[str] = field(default_factory=list)
    """Wrong answers, in words."""

    def __enter__(self) -> Self:
        self._over = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._ask()), name="callers")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    async def _ask(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - repeatable, nothing secret
        while not await asyncio.to_thread(self._over.wait, chance.uniform(*PAUSE_SECONDS)):
            url = f"{chance.choice(self.addresses)}/mcp/{chance.choice(self.accounts)}"
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._visit(url, chance)
            except* TimeoutError:
                self.outcomes["no answer in a minute"] += 1
            except* (httpx2.HTTPError, OSError, MCPError):
                self.outcomes["server gone"] += 1

    async def _visit(self, url: str, chance: random.Random) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=PATIENCE_SECONDS) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            listed = await self._call(client, "list_voicemails", {"limit": 50})
            uuids = [row["uuid"] for row in listed.get("voicemails", ())]
            if uuids:
                answer = await self._call(client, "transcribe_voicemails", {"uuids": [chance.choice(uuids)]})
                self._check(answer.get("transcriptions", ()))

    async def _call(self, client: Client, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        self.outcomes[f"{tool}: {'error' if result.is_error else 'answer'}"] += 1
        return {} if result.is_error else dict(result.structured_content or {})

    def _check(self, transcriptions: Sequence[dict[str, Any]]) -> None:
        for item in transcriptions:
            text = _DOUBTED.sub(r"\1", str(item.get("text") or ""))
            if text and text != self.said(item["uuid"]):
                self.problems.append(f"somebody was shown the words of another message for {item['uuid']}")
            self.outcomes["transcript" if text else f"transcript {item.get('status')}"] += 1
