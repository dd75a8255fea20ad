"""The statuses that ``vm-mcp`` exits with."""

from enum import IntEnum


class ExitStatus(IntEnum):
    """What a command returns; both READMEs list these for scripts."""

    DONE = 0
    """Also when nothing matches."""
    FAILED = 1
    """stderr says why and what to do."""
    USAGE = 2
    """argparse itself exits with it."""
    PARTLY_FAILED = 3
    """Some of what was asked for failed; the rest was printed."""
    NOT_CONFIRMED = 4
    """The user did not confirm; nothing was deleted."""
    INTERRUPTED = 130
    """Ctrl-C: 128 + SIGINT, as shells report it."""
