"""Whether a message is settled: what call records show of it, what a person said of it, and what follows from both.

Heard is not handled. A message stays open until its caller was called back or somebody closed it, whoever listened.
"""

from typing import Literal

from pydantic import AwareDatetime

from vm_mcp.callbacks import Callback
from vm_mcp.models import Model, PersonName

MarkState = Literal["told", "done", "open"]
"""What a person said: they know of it, it is settled, or it is not after all."""
KeptState = Literal[MarkState, "noted"]
"""``noted``: nothing of that; they only wrote a note."""
MessageState = Literal["new", "told", "called_back", "tried", "done", "unknown"]
"""``tried``: called, and nobody answered. ``unknown``: nobody said anything, and call records can't show it."""

CLOSED: frozenset[MessageState] = frozenset({"called_back", "done"})
"""States that need no more work."""


class Mark(Model):
    """What a person said of a message; kept on this computer only."""

    state: KeptState
    at: AwareDatetime
    note: str = ""
    """Their words."""
    by: PersonName = ""
    """Who said it last."""


def state_of(mark: Mark | None, callback: Callback) -> MessageState:
    """Return the state of a message from what a person said last and what the records show.

    A person who reopens a message knows of the calls until then, so only a later one counts, and no call whose time
    isn't known. At a number that was withheld nobody can be called back, so its message is new and not unknown.
    """
    if mark and mark.state == "done":
        return "done"
    if callback.state == "called_back" and not _is_reopened(mark, callback):
        return "called_back"
    if callback.state == "tried":
        return "tried"
    if mark and mark.state == "told":
        return "told"
    return "unknown" if callback.state == "unknown" and callback.reason != "withheld" else "new"


def is_open(state: MessageState) -> bool:
    """Return whether a message in that state still needs work."""
    return state not in CLOSED


def _is_reopened(mark: Mark | None, callback: Callback) -> bool:
    return mark is not None and mark.state == "open" and (callback.at is None or callback.at <= mark.at)
