"""Messages of a business of which a test decides everything, and what its inbox lists."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from support.simulator_requests import NOON
from vm_mcp.inbox import Inbox, ListedVoicemail, ListRequest
from vm_mcp.simulator import Simulator
from vm_mcp.simulator.scenario import Message

OpenInbox = Callable[..., AbstractAsyncContextManager[Inbox]]


def left(pbx: Simulator, uuid: str, number: str = "05321112233", hours_ago: float = 2, **fields: object) -> Message:
    given = {"user_number": "1001", "caller_id_name": "", "voice": "tr02_geri_ara", **fields}
    received_at = NOON - timedelta(hours=hours_ago)
    message = Message(uuid=uuid, caller_id_number=number, received_at=received_at, **given)  # type: ignore[arg-type]  # of a message
    pbx.scenario.messages.append(message)
    return message


async def listed(inbox: Inbox, **filters: str) -> dict[str, ListedVoicemail]:
    page = await inbox.list_voicemails(ListRequest(limit=100, **filters))
    return {voicemail.uuid: voicemail for voicemail in page.voicemails}


async def notice(inbox: Inbox, **filters: str) -> str:
    return (await inbox.list_voicemails(ListRequest(limit=100, **filters))).notice
