"""The folders that vm-mcp writes to, and the archive in one of them."""

import asyncio
import shutil
from pathlib import Path

from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.cli.doctor.checks import Check, Checks, failed, noted, passed
from vm_mcp.config import Settings
from vm_mcp.errors import VmError
from vm_mcp.files import check_writable

LITTLE_BYTES = 1_000_000_000
"""A model takes half of it."""


async def check_storage(settings: Settings) -> Checks:
    """Try to write where vm-mcp writes, and open the archive, which makes it if it is not there yet."""
    yield await asyncio.to_thread(_check_folder, "Data folder", "VM_MCP_DATA_DIR", settings.data_dir)
    yield await _check_archive(settings)
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


async def _check_archive(settings: Settings) -> Check:
    archive = SqliteArchive(settings.archive_path)
    try:
        latest = await archive.recent(1)
    except VmError as error:
        return failed("Archive", str(settings.archive_path), str(error))
    finally:
        await archive.aclose()
    if archive.notice:
        return noted("Archive", archive.notice)
    holds = "holds messages" if latest else "empty so far"
    return passed("Archive", f"{settings.archive_path.name}, {holds}")
