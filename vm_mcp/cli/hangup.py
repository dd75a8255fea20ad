"""Ends the server when its host stops reading."""

import os
import select
import threading

from vm_mcp.operating_system import this_system


def end_with_the_host() -> None:
    """End this process as soon as the other end of its stdout is closed. Call it before anything replaces stdout.

    The end of stdin ends the server by itself. Where a host closes only stdout, the server would notice at its next
    answer, and then wait forever for the thread that reads stdin. Windows has no such poll for pipes; there, nothing is
    watched.
    """
    if this_system().watches_hangups:
        threading.Thread(target=_wait_for_hangup, args=(os.dup(1),), name="hangup", daemon=True).start()


def _wait_for_hangup(stdout: int) -> None:
    poller = select.poll()
    poller.register(stdout, 0)  # an empty mask: only errors and hang-ups are reported
    poller.poll()
    # A sudden end can't harm the archive, and the speech worker ends when its pipe closes.
    os._exit(0)
