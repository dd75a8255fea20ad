"""Decide whether an API key belongs to an account's archive: never fill it with another business's messages.

As at a desk, see `vm_mcp.inbox.identity`: the archive knows digests of the keys that belong to it. Another key belongs
to the same account if the PBX lists one of the archive's latest messages to it, as when the vendor has renewed the key.
"""

from typing import TYPE_CHECKING

from vm_mcp.errors import AccountMismatchError, ArchiveError, PbxAuthError, PbxError
from vm_mcp.keychain import key_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from vm_mcp.archive.postgres import PostgresArchive
    from vm_mcp.pbx import PbxClient

ASKED_FOR = 5
"""The archive's latest messages, of which the PBX has to list one."""
_MISMATCH = (
    "The API key of the account `{account}` belongs to another one: the PBX lists none of the latest messages in its "
    "archive. Correct the accounts file. A new account gets a new name there."
)
_NOT_ASKED = (
    "The API key of the account `{account}` is new here. Whether it belongs to the same account could not be checked. "
    "{problem}"
)


async def check_key(
    archive: "PostgresArchive", account: str, key: "SecretStr", open_client: "Callable[[], PbxClient]"
) -> None:
    """Check that a key belongs to an account.

    Args:
        archive: The account's, with all of its mailboxes.
        account: The account's name.
        key: The key.
        open_client: Opens the PBX as the key sees it; called only for a key that the archive doesn't know.

    Raises:
        AccountMismatchError: It belongs to another account.
        ArchiveError: That could not be found out.
        PbxAuthError: The PBX refuses the key.
    """
    known = key_id(key)
    if await archive.accept_key(known):
        return
    try:
        async with open_client() as client:
            is_proven = await _is_listed(archive, client)
    except PbxAuthError:
        raise
    except PbxError as error:
        raise ArchiveError(_NOT_ASKED, account=account, problem=error.words) from error
    if not is_proven:
        raise AccountMismatchError(_MISMATCH, account=account)
    await archive.accept_key(known, is_proven=True)


async def _is_listed(archive: "PostgresArchive", client: "PbxClient") -> bool:
    for message in await archive.recent(ASKED_FOR):
        at = message.received_at
        if at and await client.voicemails.is_listed(message.uuid, at, at):
            return True
    return False
