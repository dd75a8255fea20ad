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

_OTHERS = (
    "If one of them is this account's, made with a key that was renewed since, set VM_MCP_ACCOUNT to what stands "
    "between `@` and the file's ending, and run this again. To delete one: vm-mcp purge --all --account NAME."
)


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
    """Find the archive that the key may open, open it, and say which others it may not.

    Args:
        settings: With the key, if there is one.
        client: Asked whose archives are where the key is new to this computer; None: there is none.
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
    return noted("Archive", f"{detail}. Of other accounts, and not shown to this key: {', '.join(others)}", _OTHERS)


async def _client(client: PbxClient | None) -> PbxClient:
    if client is None:
        raise ConfigError("The PBX has to say whose archive it is, and can't be asked.")
    return client
