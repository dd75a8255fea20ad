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
from vm_mcp.pbx import PbxClient

LITTLE_BYTES = 1_000_000_000
"""A model takes half of it."""

_TAKE_OVER = (
    "If one is this account's, from before its key was renewed: vm-mcp login --account NAME, with this key, takes it "
    "over once the PBX lists one of its messages. To delete one: vm-mcp purge --all --account NAME."
)
_OF_EVERY_KEY = (
    "An earlier version kept the messages of every API key in {name}. If all are this account's, rename it to {named} "
    "and run vm-mcp login --account NAME, with a name of your choice; else delete it."
)
MOST_NAMED = 5
"""Archives that are named in one line."""


async def check_storage(settings: Settings) -> Checks:
    """Try to write where vm-mcp writes."""
    yield await asyncio.to_thread(_check_folder, "Data folder", "VM_MCP_DATA_DIR", settings.data_dir)
    if settings.download_dir:
        yield await asyncio.to_thread(_check_folder, "Download folder", "VM_MCP_DOWNLOAD_DIR", settings.download_dir)


def _check_folder(name: str, setting: str, folder: Path) -> Check:
    try:
        check_writable(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return failed(name, f"{folder} can't be written ({error.strerror})", f"Set {setting} to a folder that can.")
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    return (
        noted(name, detail, "Make room: a speech model takes half a GB.")
        if free < LITTLE_BYTES
        else passed(name, detail)
    )


async def check_account_archive(settings: Settings, client: PbxClient | None) -> Check:
    """Look at the archive; see `look_at_archive`."""
    try:
        return await look_at_archive(settings, client)
    except VmError as error:
        return failed("Archive", "not opened", str(error))


async def look_at_archive(settings: Settings, client: PbxClient | None) -> Check:
    """Find the archive that the key may open, open it, and say which others it may not.

    Args:
        settings: With the key, if there is one.
        client: Asked whose archives are where the key is new to this computer; None: there is none.

    Raises:
        AccountMismatchError: The account that the settings name is another key's.
        VmError: The archive can't be opened for another reason.
    """
    archive = await open_archive(settings, lambda: _client(client), lambda: datetime.now(UTC))
    try:
        latest = await archive.recent(1)
    finally:
        await archive.aclose()
    if archive.notice:
        return noted("Archive", archive.notice)
    others = await asyncio.to_thread(_others, settings, archive.path)
    detail = f"{archive.path.name}, {'holds messages' if latest else 'empty so far'}"
    return noted("Archive", *_told_of_others(detail, others)) if others else passed("Archive", detail)


def _others(settings: Settings, path: Path) -> list[Path]:
    from vm_mcp.archive.sqlite.account_files import read_account_files

    files = read_account_files(settings.archive_paths())
    return [file.path for file in files if file.path != path and file.holds_messages]


def _told_of_others(detail: str, others: list[Path]) -> tuple[str, str]:
    named = [path.stem.rpartition("@")[2] for path in others if "@" in path.stem]
    unnamed = [path for path in others if "@" not in path.stem]
    if named:
        more = f" and {len(named) - MOST_NAMED} more" if named[MOST_NAMED:] else ""
        detail += f". Of other accounts, and not shown to this key: {', '.join(named[:MOST_NAMED])}{more}"
    if unnamed:
        detail += f". Not shown either: {unnamed[0].name}"
    told = [_OF_EVERY_KEY.format(name=path.name, named=f"{path.stem}@NAME{path.suffix}") for path in unnamed]
    return detail, " ".join([*([_TAKE_OVER] if named else []), *told])


async def _client(client: PbxClient | None) -> PbxClient:
    if client is None:
        raise ConfigError("The PBX has to show whose archive it is. See to the PBX first, then run this again.")
    return client
