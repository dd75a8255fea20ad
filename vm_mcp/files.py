"""Write files that are whole or not there at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(
    path: Path, content: bytes, *, keep_mode: bool = False, before_replace: Callable[[], None] | None = None
) -> None:
    """Write a file that only the user can read; whoever looks sees what was there before, or all of the new content.

    Args:
        path: The file; its folder is made when it isn't there.
        content: All of it.
        keep_mode: Take over the mode of the file that is replaced.
        before_replace: Called last, when the new content is on the disk; what it raises leaves the old file in place.

    Raises:
        OSError: It can't be written; the old file, if any, is untouched.
    """
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
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Write a temporary file into a folder, made with mode 0700 when it isn't there.

    Raises:
        OSError: It can't be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
