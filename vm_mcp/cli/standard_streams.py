"""stdin, stdout and stderr where one of them is closed, broken or full."""

import errno
import os
import sys
from contextlib import suppress

_STREAMS = (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w"))
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def open_closed_streams() -> None:
    """Open the null device in place of each stream that this process was started without.

    Python leaves such a stream None, on which `print` writes to another stream, and everything else fails. The next
    file or socket that is opened would get the stream's number, and what a library prints would be written into it.
    """
    for name, number, mode in _STREAMS:
        if getattr(sys, name) is None:
            setattr(sys, name, _null_stream(number, mode))


def abandon_output() -> None:
    """Point stdout and stderr at the null device if they can't be written: Python flushes them once more at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def is_full(error: OSError) -> bool:
    """Return whether there was no room on a disk, or none left for this user."""
    return error.errno in _FULL


def _null_stream(number: int, mode: str) -> object:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, number)
    os.set_inheritable(number, True)  # noqa: FBT003 - the library's argument
    if null != number:
        os.close(null)
    return os.fdopen(number, mode, encoding="utf-8", closefd=False)
