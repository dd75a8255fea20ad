"""Notices a host that no longer reads."""

import os
import select
import threading


def end_with_the_host() -> None:
    """End this process as soon as the other end of its stdout is closed.

    The end of stdin ends the server by itself. Where a host closes stdout and keeps stdin open, the server would learn
    of it at its next answer and then wait for the thread that reads stdin, which nothing wakes. Call it before anything
    takes stdout over. Windows can't watch a pipe so.
    """
    if hasattr(select, "poll"):
        threading.Thread(target=_wait_for_hangup, args=(os.dup(1),), name="hangup", daemon=True).start()


def _wait_for_hangup(stdout: int) -> None:
    poller = select.poll()
    poller.register(stdout, 0)  # nothing but errors and hang-ups
    poller.poll()
    # The archive is safe against a sudden end, and the speech worker ends with its pipe.
    os._exit(0)
