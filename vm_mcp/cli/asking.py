"""Ask whoever sits at the terminal."""

import getpass
import sys

from vm_mcp.cli import console
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.wording import Words


def is_confirmed(question: Words) -> bool:
    """Return whether somebody at the terminal says yes to a question."""
    if not sys.stdin.isatty():
        console.say("There is no terminal to ask for confirmation. Add --yes to go on without it.")
        return False
    print(spoken(question), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "e", "evet"}


def read_secret(prompt: Words) -> str:
    """Return what is typed at the terminal, which does not show it, or the first line of a stdin that is none.

    Without its line end; empty if there is none.
    """
    try:
        line = getpass.getpass(spoken(prompt)) if sys.stdin.isatty() else sys.stdin.readline()
    except EOFError:
        return ""
    return line.rstrip("\r\n")
