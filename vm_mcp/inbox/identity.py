"""Decide which archive on this computer an account may open: never another business's.

All accounts of the vendor share one address, so the API key decides. An archive holds the ids of the keys that have
opened it. A key that is not among them belongs to the same account if the PBX lists one of the archive's messages to
it: the vendor has renewed the key, or the archive comes from a release without accounts. Then the key adopts the
archive. Otherwise nothing in it is shown.
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
    "The archive of the account `{account}` was made with another API key, and the PBX lists none of its messages for "
    "this key, so nothing in it is shown. Set VM_MCP_ACCOUNT to another name for this key, or log in with a key of "
    "that account."
)
_NOT_ASKED = (
    "Archives on this computer were made with another API key. Whether this key belongs to the same account could not "
    "be checked. {problem}"
)


async def open_archive(
    settings: "Settings", pbx: "Callable[[], Awaitable[PbxClient]]", clock: "Callable[[], datetime]"
) -> "SqliteArchive":
    """Return the account's archive; its file is opened at first use.

    Args:
        settings: With the key, if there is one.
        pbx: Returns the client; called only for a key that no archive knows.
        clock: Returns the current time, aware.

    Raises:
        ConfigError: There is neither a key nor an account name.
        AccountMismatchError: The archive of the named account was made with another account's key.
        ArchiveError: The PBX could not be asked which account the key belongs to.
    """
    from vm_mcp.archive.sqlite import SqliteArchive

    if not settings.account_id:
        raise ConfigError(_NO_ACCOUNT)
    own = settings.archive_path
    if not settings.api_key:  # the user of this computer named the account, and no other account's key is in use
        return SqliteArchive(own, clock=clock)
    key = key_id(settings.api_key)
    files = await asyncio.to_thread(_read, settings)
    path = _accepted(files, key, own) or await _adopted(files, key, settings, pbx) or own
    return SqliteArchive(path, clock=clock, key_id=key)


def _accepted(files: "list[AccountFile]", key: str, own: "Path") -> "Path | None":
    """Return an archive that has messages and that this key has opened before.

    The named account's own archive comes first. Otherwise an archive that adopted the key comes before one that was
    made for it, so that a renewed key keeps its history.
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
    """Return whether an archive belongs to no named account, so that any key may prove that it is its own."""
    _, separator, account = path.stem.rpartition("@")
    return not separator or account.startswith("key-")


def _read(settings: "Settings") -> "list[AccountFile]":
    from vm_mcp.archive.sqlite.account_files import read_account_files

    return read_account_files(settings.archive_paths())
