"""How a message, its caller, its transcript and its time are written for people."""

from typing import TYPE_CHECKING

from vm_mcp.cli.spoken_language import spoken
from vm_mcp.text import DOUBT_END, DOUBT_START
from vm_mcp.wording import Words, joined, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from vm_mcp.inbox import ListedVoicemail, MissedCall, Transcription
    from vm_mcp.models import PhoneNumber, SaidTime, Voicemail

MARKED = words(
    "Words in {start}marks{end} were probably misheard; `vm-mcp show UUID` says where to listen.",
    start=DOUBT_START,
    end=DOUBT_END,
)
_HARDLY = words("(hardly understood: most words are probably wrong)")
_BY_MACHINE = words("(left by a machine)")


def message(uuid: str, voicemail: "Voicemail | None", zone: "ZoneInfo") -> "Text":
    """Return a message on three lines: when and for whom, who called, and the uuid, alone so that it can be copied."""
    from rich.text import Text

    if voicemail is None:
        return Text(uuid)
    length = "" if voicemail.duration_seconds is None else words("{count} s", count=voicemail.duration_seconds)
    extension = words("for {extension}", extension=voicemail.extension) if voicemail.extension else ""
    head = joined("  ", (when(voicemail.received_at, zone), extension, length))
    return Text("\n").join([Text(spoken(head)), Text(spoken(caller(voicemail))), Text(uuid, style="dim")])


def caller(voicemail: "Voicemail | MissedCall") -> Words:
    """Return the caller's name, the address book's if it is known, and the number."""
    contact = getattr(voicemail, "contact", "")
    known = words(" (contact: {contact})", contact=contact) if contact else ""
    parts = joined(", ", (voicemail.caller_id_name, voicemail.caller_id_number or words("number hidden")))
    return joined("", (parts, known))


def heard(voicemail: "ListedVoicemail") -> Words:
    """Return who has heard a message; where that isn't known, whether it is marked as read."""
    who = words(" (opened by {name})", name=voicemail.opened_by) if voicemail.opened_by else ""
    names = {
        "nobody": words("nobody"),
        "assistant": words("assistant only{who}", who=who),
        "person": words("a person"),
    }
    return names.get(voicemail.heard_by or "", words("read") if voicemail.is_read else words("unread"))


def state(voicemail: "ListedVoicemail", zone: "ZoneInfo", now: "datetime") -> Words:
    """Return what became of a message, with the note."""
    from vm_mcp.views.rows import MessageRow

    return MessageRow.of_message(voicemail, zone, now).state_cell


def said(entry: "Transcription", zone: "ZoneInfo", now: "datetime") -> Words:
    """Return what was said, doubtful words marked, then the telephone numbers and times in it; or why it isn't known.

    Args:
        entry: The transcription.
        zone: The account's time zone.
        now: The current time, aware.
    """
    from vm_mcp.doubt import machine_messages, untranscribed
    from vm_mcp.views.transcript_view import show_transcription

    if entry.transcript is None:
        return words(entry.error or "(not transcribed yet)")
    left = entry.voicemail.received_at if entry.voicemail else None
    received_at = left.astimezone(zone) if left else None
    shown = show_transcription(entry, zone)
    numbers = list(map(_number, shown.phone_numbers))
    otherwise = [
        words('"{heard}" may also be "{other}"', heard=each.heard, other=each.other) for each in shown.heard_otherwise
    ]
    times = _times(shown.times, received_at, now) if received_at else []
    hardly = [_HARDLY] if shown.is_hardly_understood else []
    by_machine = [_BY_MACHINE] if machine_messages.is_machine_message(entry.transcript.text) else []
    text = untranscribed.text_or_note(shown.text, entry.transcript)
    places = (words("{word} {seconds:.1f} s", word=word.text, seconds=word.start_seconds) for word in shown.doubtful)
    listen = [words("listen at: {places}", places=joined(", ", places))] if shown.doubtful else []
    return joined("\n", [text, *hardly, *by_machine, *listen, *numbers, *otherwise, *times])


def _number(phone: "PhoneNumber") -> Words:
    place = "" if phone.start_seconds is None else words(" (at {seconds:.0f} s)", seconds=phone.start_seconds)
    number, verdict = phone.in_doubt or phone.number or phone.heard, phone.verdict or words("said in the message")
    return joined("", (number, place, ": ", verdict))


def _times(times: "Sequence[SaidTime]", received_at: "datetime", now: "datetime") -> list[Words]:
    from vm_mcp.views.time_texts import said_time_item, said_time_text

    items = [said_time_item(each, now.astimezone(received_at.tzinfo)) for each in times]
    return [said_time_text(item, received_at.isoformat()) for item in items]


def when(moment: "datetime | None", zone: "ZoneInfo") -> Words:
    """Return a time as people write it, to the minute; ``?`` for None."""
    return words("{moment:%Y-%m-%d %H:%M}", moment=moment.astimezone(zone)) if moment else words("?")


def bounds(since: "datetime", until: "datetime", zone: "ZoneInfo") -> Words:
    """Return from when to when something was listed."""
    return words("{since} to {until}, times in {zone}", since=when(since, zone), until=when(until, zone), zone=zone.key)
