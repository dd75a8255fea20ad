"""Which archive on this computer an account may open: never another business's.

All accounts of the vendor share one address, so the key decides. An archive holds the ids of the keys that have opened
it. A key that it doesn't hold is of the same account if the PBX lists one of the archive's messages to it: the vendor
has renewed the key, or the archive is of a release that knew no accounts. Then the archive is adopted. Otherwise
nothing of it is shown.
"""

import asyncio
from typing import TYPE_CHECKING

from vm_mcp.errors import AccountMismatchError, ArchiveError, ConfigError, PbxError
from vm_mcp.keychain import key_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.archive.sqlite.account_files import AccountFile
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient

_NO_ACCOUNT = (
    "There is no API key, so it isn't known whose archive to open. Run `vm-mcp login`, or name the account in "
    "VM_MCP_ACCOUNT."
)
_MISMATCH = (
    "The archive of the account `{account}` was made with another API key, and the PBX lists none of its messages to "
    "this one, so nothing of it is shown. Set VM_MCP_ACCOUNT to another name for this key, or log in with a key of "
    "that account."
)
_NOT_ASKED = (
    "Archives on this computer were made with another API key, and whether this key is of the same account could not "
    "be asked. {problem}"
)


async def open_archive(
    settings: "Settings", pbx: "Callable[[], Awaitable[PbxClient]]", clock: "Callable[[], datetime]"
) -> "SqliteArchive":
    """Return the account's archive, whose file is opened at first use.

    Args:
        settings: With the key, if there is one.
        pbx: Returns the client; called only where a key has to show whose it is.
        clock: The time.

    Raises:
        ConfigError: There is neither a key nor an account's name.
        AccountMismatchError: The account that the settings name is another key's.
        ArchiveError: The PBX could not be asked whose the archives on this computer are.
    """
    from vm_mcp.archive.sqlite import SqliteArchive

    if not settings.account_id:
        raise ConfigError(_NO_ACCOUNT)
    own = settings.archive_path
    if not settings.api_key:  # named by whoever sits at this computer, and no other account's key is at work
        return SqliteArchive(own, clock=clock)
    key = key_id(settings.api_key)
    files = await asyncio.to_thread(_read, settings)
    path = _accepted(files, key, own) or await _adopted(files, key, settings, pbx) or own
    return SqliteArchive(path, clock=clock, key_id=key)


def _accepted(files: "list[AccountFile]", key: str, own: "Path") -> "Path | None":
    """Return the archive that this key may open already, if it holds anything.

    The account's own name decides; else one that adopted the key goes before one that was made for it.
    """
    paths = [file.path for file in files if key in file.key_ids and file.sample]
    if own in paths and not _is_made_for(own, key):
        return own
    return min(paths, key=lambda path: _is_made_for(path, key), default=None)


async def _adopted(
    files: "list[AccountFile]", key: str, settings: "Settings", pbx: "Callable[[], Awaitable[PbxClient]]"
) -> "Path | None":
    """Return an archive whose messages the PBX lists to this key; None when there is none."""
    own = settings.archive_path
    named = None if _is_made_for(own, key) else next((file for file in files if file.path == own and file.sample), None)
    candidates = [named] if named else [file for file in files if file.sample and _is_unnamed(file.path)]
    if not candidates:
        return None
    try:
        client = await pbx()
        for file in candidates:
            for known in file.sample:
                if await client.voicemails.is_listed(known.uuid, known.near):
                    return file.path
    except PbxError as error:
        raise ArchiveError(_NOT_ASKED.format(problem=error)) from error
    if named:
        raise AccountMismatchError(_MISMATCH.format(account=settings.account))
    return None


def _is_made_for(path: "Path", key: str) -> bool:
    return path.stem.endswith(f"@{key}")


def _is_unnamed(path: "Path") -> bool:
    """Whether nobody has named the account of an archive: a key without a name may show that it is its own."""
    _, separator, account = path.stem.rpartition("@")
    return not separator or account.startswith("key-")


def _read(settings: "Settings") -> "list[AccountFile]":
    from vm_mcp.archive.sqlite.account_files import read_account_files

    return read_account_files(settings.archive_paths())
