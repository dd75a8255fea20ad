"""The folders that vm-mcp writes to, and the archive in one of them."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

from vm_mcp.cli.doctor.checks import Check, Checks, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import ConfigError, VmError
from vm_mcp.files import check_writable
from vm_mcp.inbox.identity import open_archive
from vm_mcp.os_reasons import os_reason
from vm_mcp.pbx import PbxClient
from vm_mcp.text import clean_text
from vm_mcp.wording import Words, sentences, words

LITTLE_BYTES = 1_000_000_000
"""Free space below this is worth a note: a speech model takes half of it."""

_TAKE_OVER = (
    "If one is this account's, made before its key was renewed, run vm-mcp login --account NAME with this key. It "
    "takes the archive over once the PBX lists one of its messages. To delete one: vm-mcp purge --all --account NAME."
)
_SHARED = (
    "An earlier version stored the messages of every API key in {name}. If all are this account's, rename it to "
    "{renamed} and run vm-mcp login --account NAME, with a name of your choice. Otherwise delete it."
)
MOST_NAMED = 5
"""Most other accounts to name in one line."""


async def check_storage(settings: Settings) -> Checks:
    """Write to each folder that vm-mcp writes to."""
    yield await asyncio.to_thread(_check_folder, words("Data folder"), "VM_MCP_DATA_DIR", settings.data_dir)
    if settings.download_dir:
        yield await asyncio.to_thread(
            _check_folder, words("Download folder"), "VM_MCP_DOWNLOAD_DIR", settings.download_dir
        )


def _check_folder(name: Words, setting: str, folder: Path) -> Check:
    try:
        check_writable(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return failed(
            name,
            words("{folder} can't be written ({reason})", folder=folder, reason=os_reason(error)),
            words("Make room, or set {setting} to a folder that can be written.", setting=setting),
        )
    detail = words("{folder}, {gigabytes:.1f} GB free", folder=folder, gigabytes=free / 1e9)
    return (
        noted(name, detail, "Free some space: a speech model takes half a GB.")
        if free < LITTLE_BYTES
        else passed(name, detail)
    )


async def check_account_archive(settings: Settings, client: PbxClient | None) -> Check:
    """Return the outcome of `examine_archive`, errors included."""
    try:
        return await examine_archive(settings, client)
    except VmError as error:
        return failed("Archive", "not opened", error.words)


async def examine_archive(settings: Settings, client: PbxClient | None) -> Check:
    """Open the archive that belongs to the key, and list those that don't.

    Args:
        settings: With the key, if there is one.
        client: Asked which archive is the account's when the key is new to this computer; None: it can't be asked.

    Raises:
        AccountMismatchError: The archive of the named account belongs to another key.
        VmError: The archive can't be opened for another reason.
    """
    archive = await open_archive(settings, lambda: _client(client), lambda: datetime.now(UTC))
    try:
        latest = await archive.recent(1)
    finally:
        await archive.aclose()
    if archive.notice:
        return noted("Archive", archive.notice)
    state = words("holds messages") if latest else words("empty so far")
    detail = words("{name}, {state}", name=archive.path.name, state=state)
    others = await asyncio.to_thread(_others, settings, archive.path)
    return noted("Archive", *_with_others(detail, others)) if others else passed("Archive", detail)


def _others(settings: Settings, path: Path) -> list[Path]:
    from vm_mcp.archive.sqlite.account_files import read_account_files

    files = read_account_files(settings.archive_paths())
    return [file.path for file in files if file.path != path and file.holds_messages]


def _with_others(detail: Words, others: list[Path]) -> tuple[Words, Words]:
    """Return the detail and the advice for archives that this key may not open."""
    names = [clean_text(path.stem.rpartition("@")[2]) for path in others if "@" in path.stem]
    shared = [path for path in others if "@" not in path.stem]
    if names:
        more = words(" and {count} more", count=len(names) - MOST_NAMED) if names[MOST_NAMED:] else ""
        detail = words(
            "{detail}. Other accounts' archives, not shown to this key: {names}{more}",
            detail=detail,
            names=", ".join(names[:MOST_NAMED]),
            more=more,
        )
    for path in shared:
        detail = words("{detail}. Not shown either: {name}", detail=detail, name=path.name)
    advice = [words(_SHARED, name=path.name, renamed=f"{path.stem}@NAME{path.suffix}") for path in shared]
    return detail, sentences(*([_TAKE_OVER] if names else []), *advice)


async def _client(client: PbxClient | None) -> PbxClient:
    if client is None:
        raise ConfigError("Only the PBX can say whose archive it is, and it can't be asked. Fix the check `PBX` first.")
    return client
