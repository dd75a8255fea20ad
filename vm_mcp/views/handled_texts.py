"""What became of a message or a missed call, as one line: calls, who opened it, what a person said."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from vm_mcp.callbacks import Callback
from vm_mcp.dates import short_time
from vm_mcp.handling import Mark
from vm_mcp.models import Retrieval
from vm_mcp.wording import Words, joined, sentences, words

_SAID = {"told": words("told"), "done": words("closed"), "open": words("reopened")}


def handled_text(
    callback: Callback | None,
    mark: Mark | None,
    zone: ZoneInfo,
    now: datetime | None,
    opening: Retrieval | None = None,
) -> Words:
    """Return what became of a message; empty if nothing is known to have happened.

    Args:
        callback: What call records show.
        mark: What a person said.
        opening: Who had this assistant open it.
        zone: Of the times.
        now: The current time, aware; a year is written only where it is another. None: always.
    """

    def at(moment: datetime | None) -> Words:
        return short_time(moment.astimezone(zone), now.astimezone(zone) if now else date.min) if moment else words("")

    shown = _shown(callback, at(callback.at), at(callback.rang_again_at)) if callback else ""
    opened = (
        words("opened by {name} through this assistant, {time}", name=opening.by, time=at(opening.at))
        if opening
        else ""
    )
    said = _marked(mark, at(mark.at)) if mark and mark.state != "noted" else ""
    return joined("; ", (shown, opened, said))


def _marked(mark: Mark, at: Words) -> Words:
    if not mark.by:
        return words("{state} {time}", state=_SAID[mark.state], time=at)
    return words("{state} by {name}, {time}", state=_SAID[mark.state], name=mark.by, time=at)


def _shown(callback: Callback, at: Words, rang_again_at: Words) -> Words:
    who = " ".join(filter(None, (callback.extension, callback.extension_name)))
    by = words("by {who}", who=who) if who else ""
    facts = words("")
    if callback.state == "called_back":
        talk = "" if callback.talk_seconds is None else words("for {count} s", count=callback.talk_seconds)
        facts = sentences(words("called back"), at, by, talk)
        if callback.tries:
            facts = words("{facts}, at try {number}", facts=facts, number=callback.tries + 1)
    elif callback.state == "tried":
        times = words("tried {count} times, last", count=callback.tries) if callback.tries > 1 else words("tried")
        facts = sentences(times, at, by, words("(no answer)"))
    elif callback.reason == "withheld":
        facts = words("number hidden, so nobody can call back")
    again = words("rang again {time} and was answered", time=rang_again_at) if rang_again_at else ""
    return joined("; ", (facts, again))
