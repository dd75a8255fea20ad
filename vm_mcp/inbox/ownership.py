"""Ask the PBX which archive belongs to a key's account: one whose messages it lists to that key.

Asking for each archive's messages by uuid would take a minute where a computer has many archives, and hosts wait for
the first list. So one list of recent messages is compared with all archives. It identifies the account's archive. It
also rules out an archive whose latest messages are as recent but not listed. Only archives that were last used earlier
are asked for by uuid, the latest first. All requests together stay within the vendor's burst. None marks a message as
read.
"""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from vm_mcp.models import VoicemailQuery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vm_mcp.archive.sqlite.account_files import AccountFile
    from vm_mcp.pbx import PbxClient

RECENT = timedelta(days=30)
"""Range of one list; one request can cover it."""
COMPARED = 100
"""Most messages of one list, the newest: a full page of the PBX."""
MOST_BY_UUID = 6
"""Most messages to ask for by uuid."""

_SECOND = timedelta(seconds=1)


class _Listed(NamedTuple):
    """The messages that the PBX lists to the key."""

    uuids: frozenset[str]
    """Case-folded."""
    since: datetime
    """The list holds all messages that were left then or later."""


async def find_own(files: "Sequence[AccountFile]", client: "PbxClient", now: datetime) -> "AccountFile | None":
    """Return the archive whose messages the PBX lists to the client's key, or None.

    Args:
        files: Archives that hold messages.
        client: The account's.
        now: The current time, aware.

    Raises:
        PbxError: Any of its kinds.
    """
    from vm_mcp.archive.sqlite.account_files import knows_any

    files = sorted(files, key=_last_used, reverse=True)
    recent = await _list(client, now - RECENT, now)
    for file in files:
        if await asyncio.to_thread(knows_any, file.path, recent.uuids):
            return file
    return await _find_by_uuid([file for file in files if not _is_covered(file, recent)], client)


async def listed_part(file: "AccountFile", client: "PbxClient") -> Literal["all", "some", "none"]:
    """Return how many of an archive's latest messages the PBX lists to the client's key; takes one request.

    ``some``: the others were deleted at the PBX, or belong to another account.

    Raises:
        PbxError: Any of its kinds.
    """
    from vm_mcp.archive.sqlite.account_files import listed_between

    received = [known.near for known in file.sample if known.is_exact]
    if not received:
        return "none"
    until = max(received) + _SECOND
    listed = await _list(client, until - RECENT, until)
    archived = {uuid.casefold() for uuid in await asyncio.to_thread(listed_between, file.path, listed.since, until)}
    if not archived & listed.uuids:
        return "none"
    return "all" if archived <= listed.uuids else "some"


async def _list(client: "PbxClient", since: datetime, until: datetime) -> _Listed:
    page = await client.voicemails.list(VoicemailQuery(since=since, until=until), limit=COMPARED)
    if page.next_query:
        # The next page may begin within the same second.
        since = min((each.received_at for each in page.voicemails if each.received_at), default=until) + _SECOND
    return _Listed(frozenset(each.uuid.casefold() for each in page.voicemails), since)


async def _find_by_uuid(files: "Sequence[AccountFile]", client: "PbxClient") -> "AccountFile | None":
    """Ask for each archive's latest message, then for each one's second, since the PBX may have deleted the latest."""
    depth = max((len(file.sample) for file in files), default=0)
    asked = [(file, known) for nth in range(depth) for file in files for known in file.sample[nth : nth + 1]]
    for file, known in asked[:MOST_BY_UUID]:
        if await client.voicemails.is_listed(known.uuid, known.earliest, known.latest):
            return file
    return None


def _is_covered(file: "AccountFile", listed: _Listed) -> bool:
    """Return whether the list would hold the archive's latest messages if they were the account's."""
    return all(known.earliest >= listed.since for known in file.sample)


def _last_used(file: "AccountFile") -> float:
    return max((known.near.timestamp() for known in file.sample), default=0.0)
