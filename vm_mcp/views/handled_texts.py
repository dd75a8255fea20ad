"""What became of a message or a missed call, as one line: calls, who opened it, what a person said."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from vm_mcp.callbacks import Callback
from vm_mcp.dates import short_time
from vm_mcp.handling import Mark
from vm_mcp.models import Retrieval

_SAID = {"told": "told", "done": "closed", "open": "reopened"}


def handled_text(
    callback: Callback | None,
    mark: Mark | None,
    zone: ZoneInfo,
    now: datetime | None,
    opening: Retrieval | None = None,
) -> str:
    """Return what became of a message; empty if nothing is known to have happened.

    Args:
        callback: What call records show.
        mark: What a person said.
        opening: Who had this assistant open it.
        zone: Of the times.
        now: The current time, aware; a year is written only where it is another. None: always.
    """

    def at(moment: datetime | None) -> str:
        return short_time(moment.astimezone(zone), now.astimezone(zone) if now else date.min) if moment else ""

    shown = _shown(callback, at(callback.at), at(callback.rang_again_at)) if callback else ""
    opened = f"opened by {opening.by} through this assistant, {at(opening.at)}" if opening else ""
    said = f"{_SAID[mark.state]}{f' by {mark.by},' if mark.by else ''} {at(mark.at)}" if mark else ""
    return "; ".join(filter(None, (shown, opened, said)))


def _shown(callback: Callback, at: str, rang_again_at: str) -> str:
    who = " ".join(filter(None, (callback.extension, callback.extension_name)))
    by = f"by {who}" if who else ""
    facts = ""
    if callback.state == "called_back":
        talk = "" if callback.talk_seconds is None else f"for {callback.talk_seconds} s"
        facts = " ".join(filter(None, ("called back", at, by, talk)))
        if callback.tries:
            facts = f"{facts}, at try {callback.tries + 1}"
    elif callback.state == "tried":
        times = f"tried {callback.tries} times, last" if callback.tries > 1 else "tried"
        facts = " ".join(filter(None, (times, at, by, "(no answer)")))
    elif callback.reason == "withheld":
        facts = "number hidden, so nobody can call back"
    again = f"rang again {rang_again_at} and was answered" if rang_again_at else ""
    return "; ".join(filter(None, (facts, again)))
