"""Write files completely or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from vm_mcp.operating_system import this_system


def write_atomically(
    path: Path, content: bytes, *, keep_mode: bool = False, before_replace: Callable[[], None] | None = None
) -> None:
    """Replace or create a file that only its owner can read. Readers see all of the old content or all of the new.

    A link is replaced, not followed. A device or a pipe, such as ``/dev/stdout``, is written to and stays: an
    administrator would lose it.

    Args:
        path: The file; missing folders are created.
        content: Its whole new content.
        keep_mode: Keep the mode of the file that is replaced.
        before_replace: Called when the new content is on the disk, right before it replaces the old. An exception from
            it leaves the old file as it was.

    Raises:
        OSError: It can't be written; the old file, if any, is as it was.
    """
    system = this_system()
    path = Path(system.extended(str(path)))
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".vm-mcp-")  # mode 0600
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if keep_mode and path.exists():
            shutil.copymode(path, written)
        if before_replace:
            before_replace()
        system.replace(written, path)
    finally:
        written.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Check that a folder can be written to, with a temporary file. A missing folder is created with mode 0700.

    Raises:
        OSError: It can't be written to.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
