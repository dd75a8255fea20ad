"""Which archive on this computer an account may open: never another business's.

All accounts of the vendor share one address, so the key decides. An archive holds the ids of the keys that have opened
it. A key that it doesn't hold is of the same account if the PBX lists one of the archive's messages to it: the vendor
has renewed the key, or the archive is of a release that knew no accounts. Then the archive is adopted. Otherwise
nothing of it is shown.

A release that knew no accounts kept those of several keys in one archive. Nobody can tell them apart any more, so such
an archive is adopted only where the PBX lists all of its latest messages to the key.
"""

import asyncio
import os
from typing import TYPE_CHECKING

from vm_mcp.errors import ArchiveError, ConfigError, PbxError
from vm_mcp.inbox.ownership import find_own, how_much_is_listed
from vm_mcp.keychain import key_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.archive.sqlite.account_files import AccountFile
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient

PROOF_SECONDS = 15.0
"""How long the PBX may take to show whose an archive is: a host waits for a minute, and for the list itself as well."""

_NO_ACCOUNT = (
    "There is no API key, so it isn't known whose archive to open. Run `vm-mcp login`, or name the account in "
    "VM_MCP_ACCOUNT."
)
_NO_ARCHIVE = (
    "There is no archive of the account `{account}` on this computer, and no API key to find another by. Correct the "
    "name, or run `vm-mcp login --account {account}`."
)
_NOT_ASKED = (
    "Archives on this computer were made with another API key, and whether this key is of the same account could not "
    "be asked. {problem}"
)
_LOCKED = (
    "Another program keeps {name} locked, so it isn't known whose archive it is. Close what else uses it (a backup, a "
    "database browser), then try again."
)
_UNREADABLE = "The folder of the archives can't be read. Check its rights, or set VM_MCP_DATA_DIR to another folder."
_TOO_SLOW = "The PBX answers too slowly. Try again later."
_SHARED = (
    "An earlier version kept the messages of every API key in {name}. The PBX lists only some of them to this key, so "
    "others may be another account's, and nothing of it is shown. If all are this account's, rename it to {named} and "
    "run vm-mcp login --account NAME, with a name of your choice; else delete it."
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
        ConfigError: There is neither a key nor an archive of the account that the settings name.
        AccountMismatchError: The account that the settings name is another key's.
        ArchiveError: It can't be told whose the archives on this computer are: one is locked, the folder can't be read,
            or the PBX could not be asked.
    """
    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.archive.sqlite.account_files import AccountKey

    if not settings.account_id:
        raise ConfigError(_NO_ACCOUNT)
    own = settings.archive_path
    if not settings.api_key:  # named by whoever sits at this computer, and no other account's key is at work
        if not await asyncio.to_thread(os.path.isfile, own):
            raise ConfigError(_NO_ARCHIVE.format(account=settings.account))
        return SqliteArchive(own, clock=clock)
    key = key_id(settings.api_key)
    files = await asyncio.to_thread(_read, settings)
    named = next((file for file in files if _is_named(file, own, key)), None)
    if accepted := _accepted(files, named, key):
        return SqliteArchive(accepted, clock=clock, key=AccountKey(key))
    if locked := next((file for file in files if file.is_locked), None):
        raise ArchiveError(_LOCKED.format(name=locked.path.name))
    proven, notice = await _proven(files, named, pbx, clock)
    shown = AccountKey(key, is_proven=proven is not None)
    return SqliteArchive(proven or own, clock=clock, key=shown, notice=notice)


def _is_named(file: "AccountFile", own: "Path", key: str) -> bool:
    """Whether a file is the one that the settings name, and holds something: then it is meant, and no other."""
    return file.path == own and file.holds_messages and not _is_made_for(own, key)


def _accepted(files: "list[AccountFile]", named: "AccountFile | None", key: str) -> "Path | None":
    """Return the archive that this key may open already, if it holds anything.

    One that adopted the key goes before one that was made for it.
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
    """Return an archive whose messages the PBX lists to this key, if there is one, and what a person must know."""
    candidates = [named] if named else [file for file in files if file.holds_messages and _is_unnamed(file.path)]
    if not candidates:
        return None, ""
    try:
        async with asyncio.timeout(PROOF_SECONDS):
            proven, notice = await _ask(candidates, await pbx(), clock())
    except TimeoutError:
        raise ArchiveError(_NOT_ASKED.format(problem=_TOO_SLOW)) from None
    except PbxError as error:
        raise ArchiveError(_NOT_ASKED.format(problem=error)) from error
    if named and not proven:
        from vm_mcp.archive.sqlite.account_files import mismatch

        raise mismatch(named.path)
    return proven, notice


async def _ask(candidates: "list[AccountFile]", client: "PbxClient", now: "datetime") -> "tuple[Path | None, str]":
    own = [file for file in candidates if not _is_of_every_key(file.path)]
    if own and (proven := await find_own(own, client, now)):
        return proven.path, ""
    for file in candidates:
        if _is_of_every_key(file.path):
            listed = await how_much_is_listed(file, client)
            if listed == "all":
                return file.path, ""
            if listed == "some":
                named = f"{file.path.stem}@NAME{file.path.suffix}"
                return None, _SHARED.format(name=file.path.name, named=named)
    return None, ""


def _is_made_for(path: "Path", key: str) -> bool:
    return path.stem.endswith(f"@{key}")


def _is_unnamed(path: "Path") -> bool:
    """Whether nobody has named the account of an archive: a key without a name may show that it is its own."""
    return _is_of_every_key(path) or path.stem.rpartition("@")[2].startswith("key-")


def _is_of_every_key(path: "Path") -> bool:
    """Whether it is the archive of a release that knew no accounts."""
    return "@" not in path.stem


def _read(settings: "Settings") -> "list[AccountFile]":
    from vm_mcp.archive.sqlite.account_files import read_account_files

    try:
        return read_account_files(settings.archive_paths())
    except OSError as error:
        raise ArchiveError(_UNREADABLE) from error
