"""Decide which archive on this computer an account may open: never another business's.

All accounts of the vendor share one address, so the API key decides. An archive holds the ids of the keys that have
opened it. A key that is not among them belongs to the same account if the PBX lists one of the archive's messages to
it: the vendor has renewed the key, or the archive comes from a release without accounts. Then the key adopts the
archive. Otherwise nothing in it is shown.

A release without accounts stored the messages of all keys in one archive, where they can no longer be told apart. So
that archive is adopted only if the PBX lists all of its latest messages to the key.
"""

import asyncio
import os
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError, ConfigError, PbxError
from vm_mcp.inbox.ownership import find_own, listed_part
from vm_mcp.keychain import key_id
from vm_mcp.text import clean_text
from vm_mcp.wording import words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.archive.sqlite.account_files import AccountFile
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient

PROOF_SECONDS = 15.0
"""How long the PBX may take to identify the archive. A host waits for a minute, and the list itself takes time, too."""

_NO_ACCOUNT = (
    "There is no API key, so it isn't known whose archive to open. Run `vm-mcp login`, or name the account in "
    "VM_MCP_ACCOUNT."
)
_NO_ARCHIVE = (
    "There is no archive of the account `{account}` on this computer, and no API key to find it under another name. "
    "Correct the name, or run `vm-mcp login --account {account}`."
)
_NOT_ASKED = (
    "Archives on this computer were made with another API key. Whether this key belongs to the same account could not "
    "be checked. {problem}"
)
_LOCKED = (
    "Another program has locked {name}, so it isn't known whose archive it is. Close other programs that use it, such "
    "as a backup or a database browser, then try again."
)
_TOO_SLOW = "The PBX answers too slowly. Try again later."
_SHARED = (
    "An earlier version stored the messages of every API key in {name}. The PBX lists only some of them to this key. "
    "The others may be another account's, so nothing in it is shown. If all are this account's, rename it to {renamed} "
    "and run vm-mcp login --account NAME, with a name of your choice. Otherwise delete it."
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
        ConfigError: There is neither a key nor an archive of the named account.
        AccountMismatchError: The archive of the named account was made with another account's key.
        ArchiveError: It is not known which archive belongs to the account: one is locked, or the PBX could not be
            asked.
    """
    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.archive.sqlite.account_files import AccountKey

    if not settings.account_id:
        raise ConfigError(_NO_ACCOUNT)
    own = settings.archive_path
    if not settings.api_key:  # the user of this computer named the account, and no other account's key is in use
        if not await asyncio.to_thread(os.path.isfile, own):
            raise ConfigError(_NO_ARCHIVE, account=settings.account)
        return SqliteArchive(own, clock=clock)
    key = key_id(settings.api_key)
    files = await asyncio.to_thread(_read, settings)
    named = next((file for file in files if _is_named(file, own, key)), None)
    if accepted := _accepted(files, named, key):
        return SqliteArchive(accepted, clock=clock, key=AccountKey(key))
    if locked := next((file for file in files if file.is_locked), None):
        raise ArchiveError(_LOCKED, name=clean_text(locked.path.name))  # a new archive would hide it for good
    proven, notice = await _proven(files, named, pbx, clock)
    account_key = AccountKey(key, is_proven=proven is not None)
    return SqliteArchive(proven or own, clock=clock, key=account_key, notice=notice)


def _is_named(file: "AccountFile", own: "Path", key: str) -> bool:
    """Return whether the settings name the account of this archive. Then no other archive is meant."""
    return file.path == own and file.holds_messages and not _is_made_for(own, key)


def _accepted(files: "list[AccountFile]", named: "AccountFile | None", key: str) -> "Path | None":
    """Return an archive that has messages and that this key has opened before.

    An archive that adopted the key comes before one that was made for it, so that a renewed key keeps its history.
    """
    candidates = [named] if named else files
    paths = [file.path for file in candidates if key in file.key_ids and file.holds_messages]
    return min(paths, key=lambda path: _is_made_for(path, key), default=None)


async def _proven(
    files: "list[AccountFile]",
    named: "AccountFile | None",
    pbx: "Callable[[], Awaitable[PbxClient]]",
    clock: "Callable[[], datetime]",
) -> "tuple[Path | None, str]":
    """Return an archive whose messages the PBX lists to this key, or None; and what the user must know."""
    candidates = [named] if named else [file for file in files if file.holds_messages and _is_unnamed(file.path)]
    if not candidates:
        return None, ""
    try:
        async with asyncio.timeout(PROOF_SECONDS):
            proven, notice = await _find(candidates, await pbx(), clock())
    except TimeoutError:
        raise ArchiveError(_NOT_ASKED, problem=_TOO_SLOW) from None
    except PbxError as error:
        raise ArchiveError(_NOT_ASKED, problem=error.words) from error
    if named and not proven:
        from vm_mcp.archive.sqlite.account_files import account_mismatch

        raise account_mismatch(named.path)
    return proven, notice


async def _find(candidates: "list[AccountFile]", client: "PbxClient", now: "datetime") -> "tuple[Path | None, str]":
    of_accounts = [file for file in candidates if not _is_shared(file.path)]
    if of_accounts and (own := await find_own(of_accounts, client, now)):
        return own.path, ""
    for file in candidates:
        if _is_shared(file.path):
            part = await listed_part(file, client)
            renamed = f"{file.path.stem}@NAME{file.path.suffix}"
            notice = words(_SHARED, name=file.path.name, renamed=renamed) if part == "some" else ""
            return (file.path if part == "all" else None), notice
    return None, ""


def _is_made_for(path: "Path", key: str) -> bool:
    return path.stem.endswith(f"@{key}")


def _is_unnamed(path: "Path") -> bool:
    """Return whether an archive belongs to no named account, so that any key may prove that it is its own."""
    return _is_shared(path) or path.stem.rpartition("@")[2].startswith("key-")


def _is_shared(path: "Path") -> bool:
    """Return whether a release without accounts made the archive, for all keys."""
    return "@" not in path.stem


def _read(settings: "Settings") -> "list[AccountFile]":
    from vm_mcp.archive.sqlite.account_files import read_account_files

    return read_account_files(settings.archive_paths())
