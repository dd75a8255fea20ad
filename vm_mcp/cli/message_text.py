"""How a message, its caller, its transcript and its time are written for people."""

from typing import TYPE_CHECKING

from vm_mcp.text import DOUBT_END, DOUBT_START

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from vm_mcp.inbox import ListedVoicemail, Transcription
    from vm_mcp.models import PhoneNumber, SaidTime, Voicemail

MARKED = f"Words in {DOUBT_START}marks{DOUBT_END} were probably misheard; `vm-mcp show UUID` says where to listen."


def message(uuid: str, voicemail: "Voicemail | None", zone: "ZoneInfo") -> "Text":
    """Return a message on three lines: when and for whom, who called, and the uuid, alone so that it can be copied."""
    from rich.text import Text

    if voicemail is None:
        return Text(uuid)
    length = "" if voicemail.duration_seconds is None else f"{voicemail.duration_seconds} s"
    extension = f"for {voicemail.extension}" if voicemail.extension else ""
    head = "  ".join(part for part in (when(voicemail.received_at, zone), extension, length) if part)
    return Text("\n").join([Text(head), Text(caller(voicemail)), Text(uuid, style="dim")])


def caller(voicemail: "Voicemail") -> str:
    """Return the caller's name, the address book's if it is known, and the number."""
    parts = (voicemail.caller_id_name, voicemail.caller_id_number or "number hidden")
    contact = getattr(voicemail, "contact", "")
    return ", ".join(part for part in parts if part) + (f" (contact: {contact})" if contact else "")


def heard(voicemail: "ListedVoicemail") -> str:
    """Return who has heard a message; where that isn't known, whether it is marked as read."""
    who = f" (opened by {voicemail.opened_by})" if voicemail.opened_by else ""
    names = {"nobody": "nobody", "assistant": f"assistant only{who}", "person": "a person"}
    return names.get(voicemail.heard_by or "", "read" if voicemail.is_read else "unread")


def state(voicemail: "ListedVoicemail", zone: "ZoneInfo", now: "datetime") -> str:
    """Return what became of a message, with the note."""
    from vm_mcp.views.rows import MessageRow

    return MessageRow.of_message(voicemail, zone, now).state_cell


def said(entry: "Transcription", zone: "ZoneInfo", now: "datetime") -> str:
    """Return what was said, doubtful words marked, then the telephone numbers and times in it; or why it isn't known.

    Args:
        entry: The transcription.
        zone: The account's time zone.
        now: The current time, aware.
    """
    from vm_mcp.doubt import machine_messages, untranscribed
    from vm_mcp.views.transcript_view import show_transcription

    if entry.transcript is None:
        return entry.error or "(not transcribed yet)"
    left = entry.voicemail.received_at if entry.voicemail else None
    received_at = left.astimezone(zone) if left else None
    shown = show_transcription(entry, zone)
    numbers = list(map(_number, shown.phone_numbers))
    otherwise = [f'"{each.heard}" may also be "{each.other}"' for each in shown.heard_otherwise]
    times = _times(shown.times, received_at, now) if received_at else []
    placed = ", ".join(f"{word.text} {word.start_seconds:.1f} s" for word in shown.doubtful)
    hardly = ["(hardly understood: most words are probably wrong)"] if shown.is_hardly_understood else []
    by_machine = ["(left by a machine)"] if machine_messages.is_machine_message(entry.transcript.text) else []
    text = untranscribed.text_or_note(shown.text, entry.transcript)
    listen = [f"listen at: {placed}"] if placed else []
    return "\n".join([text, *hardly, *by_machine, *listen, *numbers, *otherwise, *times])


def _number(phone: "PhoneNumber") -> str:
    place = "" if phone.start_seconds is None else f" (at {phone.start_seconds:.0f} s)"
    return f"{phone.in_doubt or phone.number or phone.heard}{place}: {phone.verdict or 'said in the message'}"


def _times(times: "Sequence[SaidTime]", received_at: "datetime", now: "datetime") -> list[str]:
    from vm_mcp.views.time_texts import said_time_item, said_time_text

    items = [said_time_item(each, now.astimezone(received_at.tzinfo)) for each in times]
    return [said_time_text(item, received_at.isoformat()) for item in items]


def when(moment: "datetime | None", zone: "ZoneInfo") -> str:
    """Return a time as people write it, to the minute; ``?`` for None."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "?"
