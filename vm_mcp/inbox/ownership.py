"""Asks the PBX which archive is an account's: one whose messages it lists to the account's key. Marks nothing as read.

To ask about each archive by itself would take a minute where a computer has many, and a host waits for its first list.
So one list of the last days is held against all of them. It shows which archive is the account's and, where an
archive's latest messages are as new as that and not on the list, that it isn't. Only what was last used before is asked
about by uuid, the latest first. All of it stays within the burst that the vendor allows.
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
"""What one request can list."""
COMPARED = 100
"""Messages of that list, the newest: a page of the PBX."""
MOST_ASKED = 6
"""Messages asked about by uuid."""

_SECOND = timedelta(seconds=1)


class _Listed(NamedTuple):
    """What the PBX lists to the key."""

    uuids: frozenset[str]
    """In lower case."""
    since: datetime
    """All that were left then or later are among them."""


async def find_own(files: "Sequence[AccountFile]", client: "PbxClient", now: datetime) -> "AccountFile | None":
    """Return the archive whose messages the PBX lists to the client's key; None where it lists none of any.

    Args:
        files: Archives that hold messages.
        client: The account's.
        now: The time.

    Raises:
        PbxError: One of its kinds.
    """
    from vm_mcp.archive.sqlite.account_files import knows_any

    files = sorted(files, key=_last_used, reverse=True)
    recent = await _list(client, now - RECENT, now)
    for file in files:
        if await asyncio.to_thread(knows_any, file.path, recent.uuids):
            return file
    return await _ask_by_uuid([file for file in files if not _is_covered(file, recent)], client)


async def how_much_is_listed(file: "AccountFile", client: "PbxClient") -> Literal["all", "some", "none"]:
    """Return how many of an archive's latest messages the PBX lists to the client's key; it takes one request.

    ``some`` where others are missing among them: they were deleted at the PBX, or another account's are among them.

    Raises:
        PbxError: One of its kinds.
    """
    from vm_mcp.archive.sqlite.account_files import listed_between

    if not file.newest_at:
        return "none"
    until = file.newest_at + _SECOND
    listed = await _list(client, until - RECENT, until)
    known = {uuid.casefold() for uuid in await asyncio.to_thread(listed_between, file.path, listed.since, until)}
    if not known & listed.uuids:
        return "none"
    return "all" if known <= listed.uuids else "some"


async def _list(client: "PbxClient", since: datetime, until: datetime) -> _Listed:
    page = await client.voicemails.list(VoicemailQuery(since=since, until=until), limit=COMPARED)
    if page.next_query:
        # The next page begins within the second at which this one ends.
        since = min((each.received_at for each in page.voicemails if each.received_at), default=until) + _SECOND
    return _Listed(frozenset(each.uuid.casefold() for each in page.voicemails), since)


async def _ask_by_uuid(files: "Sequence[AccountFile]", client: "PbxClient") -> "AccountFile | None":
    """Ask about the latest message of each archive, then about the one before: the PBX may have deleted the latest."""
    depth = max((len(file.sample) for file in files), default=0)
    asked = [(file, known) for nth in range(depth) for file in files for known in file.sample[nth : nth + 1]]
    for file, known in asked[:MOST_ASKED]:
        if await client.voicemails.is_listed(known.uuid, known.earliest, known.latest):
            return file
    return None


def _is_covered(file: "AccountFile", listed: _Listed) -> bool:
    """Whether the messages to ask about would be on the list already, were they the account's."""
    return all(known.earliest >= listed.since for known in file.sample)


def _last_used(file: "AccountFile") -> float:
    return max((known.latest.timestamp() for known in file.sample), default=0.0)
