"""Several accounts on one computer, with one simulated PBX that answers as the vendor does to each key."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.simulator import SCENARIOS, Simulator
from vm_mcp.simulator.scenario import Message

A, B = "K11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "K22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb"

OpenAs = Callable[..., AbstractAsyncContextManager[Inbox]]


def messages_of(prefix: str, *, count: int = 4, age: timedelta = timedelta(hours=1)) -> list[Message]:
    """Return another business's messages; they share no uuid with the clinic's. ``age`` is the newest one's."""
    now = datetime.now(UTC)
    voice = SCENARIOS["clinic"](now).messages[0].voice
    return [
        Message(
            uuid=f"{prefix}-{number}",
            caller_id_name=f"{prefix} caller {number}",
            caller_id_number=f"0532417{number:04}",
            user_number="1001",
            received_at=now - age - timedelta(hours=number),
            voice=voice,
        )
        for number in range(count)
    ]


def becomes(simulator: Simulator, key: str, prefix: str, **which: Any) -> None:  # noqa: ANN401 - of `messages_of`
    """Make the simulator answer as the vendor does to another account's key."""
    simulator.scenario.api_key = key
    simulator.scenario.messages[:] = messages_of(prefix, **which)


async def listed(inbox: Inbox) -> list[str]:
    return [voicemail.uuid for voicemail in (await inbox.list_voicemails(ListRequest())).voicemails]


async def archived(inbox: Inbox) -> list[str]:
    """Return what the archive shows without asking the PBX."""
    return sorted(voicemail.uuid for voicemail in await inbox.listing.recent(100))


async def fill(open_as: OpenAs, simulator: Simulator, key: str, prefix: str, **settings: Any) -> None:  # noqa: ANN401 - any setting
    becomes(simulator, key, prefix)
    async with open_as(key, **settings) as inbox:
        await inbox.transcribing.transcribe(await listed(inbox))
