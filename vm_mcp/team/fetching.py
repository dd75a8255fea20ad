"""Retrieve a message's recording, once, and hold it for whoever transcribes it."""

from typing import TYPE_CHECKING

from vm_mcp.archive import Lease
from vm_mcp.inbox.account import Account
from vm_mcp.inbox.reading_recordings import list_once
from vm_mcp.inbox.recordings import Recordings
from vm_mcp.models import Transcript, TranscriptKey
from vm_mcp.people import Access, Person
from vm_mcp.team.job_failures import Later
from vm_mcp.team.work_queue import Work, add

if TYPE_CHECKING:
    from collections.abc import Callable

    from vm_mcp.archive import Archive
    from vm_mcp.inbox import Inbox
    from vm_mcp.models import Recording
    from vm_mcp.team.held_recordings import HeldRecordings

BUSY_SECONDS = 5.0
"""When to look again after another worker was found at work on the message."""


async def fetch(
    held: "HeldRecordings", inbox: "Inbox", work: Work, priority: int, on_asked_again: "Callable[[], None]"
) -> None:
    """Retrieve a message's recording unless it is held already, and add the job that transcribes it.

    Recording and job are stored in one transaction. So the PBX is asked again only where a worker died after it asked
    and before that.

    Args:
        held: Where recordings are held.
        inbox: The account's.
        work: The message.
        priority: Of the job that is added.
        on_asked_again: Called if the recording was asked for before.

    Raises:
        Later: Another worker is at it.
        VmError: Whatever the PBX or the archive raises.
    """
    archive = await inbox.account.archive()
    async with archive.holding(await _lease(archive, work.uuid)):
        recording = None
        if not await held.is_held(work.account, work.uuid):
            recording = await retrieve(inbox, work, on_asked_again)
        async with held.keeping(work.account, recording) as connection:
            await add(connection, "transcribe", [work], priority)


async def retrieve(inbox: "Inbox", work: Work, on_asked_again: "Callable[[], None]") -> "Recording":
    """Return a message's recording from the PBX, which marks it as read; arguments as for `fetch`.

    Raises:
        VmError: Whatever the PBX or the archive raises.
    """
    archive = await inbox.account.archive()
    listed = await inbox.known.of_uuids([work.uuid])
    await list_once(inbox.account, inbox.known, work.uuid, listed)
    if work.uuid in await archive.retrievals([work.uuid]):
        on_asked_again()
    # Who asked is kept with the retrieval.
    asking = Account(inbox.settings, inbox.account.clock, inbox.account.backing, Access(Person("", work.by)))
    try:
        return await Recordings(asking).fetch(work.uuid)
    finally:
        await asking.aclose()


async def _lease(archive: "Archive", uuid: str) -> Lease:
    """Return the right to retrieve a message's recording, whatever language it will be read as.

    Raises:
        Later: Another worker has it.
    """
    lease = await archive.acquire(TranscriptKey(uuid, "fetch", "", ""))
    if lease is None or isinstance(lease, Transcript):
        raise Later(BUSY_SECONDS)
    return lease
