"""The rows that every form of an answer is made of: text tables, JSON, CSV, subtitles.

What is not known is empty or None, and left out of JSON: some hosts read a null as a value. The fields' names are those
that the tools announce.
"""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, WithJsonSchema

from vm_mcp.models import Voicemail

NOT_KNOWN = "-"
"""Stands in a text table for what a row doesn't have."""

Timestamp = Annotated[str, Field(description="ISO time with its offset")]
TranscriptionStatus = Literal["done", "no_speech", "pending", "failed", "missing"]
# In a schema one type: None is left out of every answer.
OptionalInt = Annotated[int | None, WithJsonSchema({"type": "integer"})]
OptionalFloat = Annotated[float | None, WithJsonSchema({"type": "number"})]


class CallerRow(BaseModel):
    """Who called."""

    caller_id_name: Annotated[str, Field(description="Quoted from the caller")] = ""
    caller_id_number: str = ""


class _MessageHead(BaseModel):
    """What a message's row begins with; pydantic takes the fields of the last base first."""

    uuid: str
    received_at: Timestamp = ""


class MessageRow(CallerRow, _MessageHead):
    """What every row of a message shows of it; `message_fields` fills it in."""

    extension: Annotated[str, Field(description="The mailbox")] = ""


class VoicemailItem(MessageRow):
    """One message; what the PBX did not say is left out."""

    duration_seconds: OptionalInt = None
    is_read: bool
    read_at: Timestamp = ""
    heard_by: Annotated[
        Literal["nobody", "assistant", "person", ""],
        Field(description="assistant: marked as read by this assistant alone, nobody has listened yet"),
    ] = ""
    first_line: Annotated[str, Field(description="How its transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True when it was transcribed and no words could be made out")] = False


class SearchHitItem(MessageRow):
    """One message that was found."""

    snippet: Annotated[str, Field(description="Part of the transcript, quoted from the caller; **found**")] = ""


class SegmentItem(BaseModel):
    """A stretch of speech."""

    start_seconds: float
    end_seconds: float
    text: str
    avg_logprob: Annotated[float, Field(description="Nearer 0 is surer; below -1 is doubtful")]


class PhoneNumberItem(BaseModel):
    """A telephone number said in a message."""

    number: Annotated[str, Field(description="As people write it")]
    heard: Annotated[str, Field(description="The words it was read from, quoted from the caller")]
    e164: str = ""
    is_valid: Annotated[bool, Field(description="False: a local number, or digits misheard")]
    confidence: Annotated[OptionalFloat, Field(description="Chance that all digits are right, 0 to 1")] = None
    same_as_caller: Annotated[Literal["yes", "no", ""], Field(description="Left out where it can't be told")] = ""
    verdict: str = ""


class TranscriptionItem(MessageRow):
    """One message's transcription."""

    status: TranscriptionStatus
    text: Annotated[str, Field(description="Quoted from the caller")] = ""
    language: str = ""
    engine: Annotated[str, Field(description="Speech engine and model")] = ""
    duration_seconds: OptionalFloat = None
    phone_numbers: list[PhoneNumberItem] = []
    segments: list[SegmentItem] = []
    left_out: Annotated[str, Field(description="What would have been too much; ask for fewer at once")] = ""
    error: str = ""


class OldestItem(MessageRow):
    """The message that lies there longest."""

    uuid: str = ""


class WaitingItem(CallerRow):
    """A caller whom no person has heard."""

    caller_id_number: Annotated[str, Field(description="Left out when hidden")] = ""
    calls: Annotated[int, Field(description="Messages of theirs that nobody has heard")]
    since: Annotated[Timestamp, Field(description="When the first of them was left")] = ""
    latest_at: Timestamp = ""
    latest_uuid: str
    extensions: list[str] = []
    latest_begins: Annotated[str, Field(description="How the latest transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True when no words could be made out in the latest")] = False


class MailboxItem(BaseModel):
    """Counts of one mailbox."""

    extension: str = ""
    messages: int
    unread: int
    unheard: Annotated[OptionalInt, Field(description="Left out while it can't be told")] = None


def caller_fields(voicemail: Voicemail) -> dict[str, Any]:
    """Return the fields of a `CallerRow`."""
    return {"caller_id_name": voicemail.caller_id_name, "caller_id_number": voicemail.caller_id_number}


def message_fields(voicemail: Voicemail, zone: ZoneInfo) -> dict[str, Any]:
    """Return the fields of a `MessageRow`, times in ``zone``."""
    return {
        "uuid": voicemail.uuid,
        "received_at": timestamp(voicemail.received_at, zone),
        **caller_fields(voicemail),
        "extension": voicemail.extension,
    }


def message_cells(row: MessageRow) -> tuple[str, ...]:
    """Return what a text table shows of a message after its uuid: when, name, number, mailbox."""
    return (
        clock_time(row.received_at) or "?",
        row.caller_id_name or NOT_KNOWN,
        row.caller_id_number or NOT_KNOWN,
        row.extension or NOT_KNOWN,
    )


MESSAGE_COLUMNS = ("received", "name", "number", "extension")
"""Heads of `message_cells`."""


def timestamp(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return an ISO time with its offset; empty for None."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""


def clock_time(iso: str) -> str:
    """Return a `timestamp` as people read it, without its offset: ``2026-11-24 08:36:00``; empty for an empty one."""
    return iso[:19].replace("T", " ")
