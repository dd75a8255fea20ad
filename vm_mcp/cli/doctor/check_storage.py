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
"""Free space below this is worth a note: a speech model takes half of it."""

_OTHERS = (
    "If one of them is this account's, made with a key that was renewed since, set VM_MCP_ACCOUNT to the part of its "
    "name between `@` and `.sqlite3`, and run this again. To delete one: vm-mcp purge --all --account NAME."
)


async def check_storage(settings: Settings) -> Checks:
    """Write to each folder that vm-mcp writes to."""
    yield await asyncio.to_thread(_check_folder, "Data folder", "VM_MCP_DATA_DIR", settings.data_dir)
    if settings.download_dir:
        yield await asyncio.to_thread(_check_folder, "Download folder", "VM_MCP_DOWNLOAD_DIR", settings.download_dir)


def _check_folder(name: str, setting: str, folder: Path) -> Check:
    try:
        check_writable(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return failed(
            name, f"{folder} can't be written ({error.strerror})", f"Set {setting} to a folder that can be written."
        )
    detail = f"{folder}, {free / 1e9:.1f} GB free"
    return (
        noted(name, detail, "Free some space: a speech model takes half a GB.")
        if free < LITTLE_BYTES
        else passed(name, detail)
    )


async def check_account_archive(settings: Settings, client: PbxClient | None) -> Check:
    """Open the archive that belongs to the key, and list those that don't.

    Args:
        settings: With the key, if there is one.
        client: Asked which archive is the account's when the key is new to this computer; None: it can't be asked.
    """
    try:
        archive = await open_archive(settings, lambda: _client(client), lambda: datetime.now(UTC))
        try:
            latest = await archive.recent(1)
        finally:
            await archive.aclose()
    except VmError as error:
        return failed("Archive", "not opened", str(error))
    if archive.notice:
        return noted("Archive", archive.notice)
    others = [path.name for path in await asyncio.to_thread(settings.archive_paths) if path != archive.path]
    detail = f"{archive.path.name}, {'holds messages' if latest else 'empty so far'}"
    if not others:
        return passed("Archive", detail)
    return noted("Archive", f"{detail}. Other accounts' archives, not shown to this key: {', '.join(others)}", _OTHERS)


async def _client(client: PbxClient | None) -> PbxClient:
    if client is None:
        raise ConfigError("Only the PBX can say whose archive it is, and it can't be asked. Fix the check `PBX` first.")
    return client
