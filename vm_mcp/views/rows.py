"""The rows that every form of an answer is made of: text tables, JSON, CSV, WebVTT.

Their fields have the names that the tools announce, and the models use the same names, so that a row copies a model by
name (`MessageRow.of`). A value that is not known is empty or None, and left out of JSON: some hosts read a null as a
value.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from vm_mcp.models import NOT_UNDERSTOOD, TimeBound
from vm_mcp.views.notices import BY_MACHINE, HARDLY_UNDERSTOOD

NOT_KNOWN = "-"
"""In a text table, stands for a value that the row doesn't have."""


def _two_decimals(value: float) -> float:
    return round(value, 2)


def _as_words(value: bool | str | None) -> str:  # noqa: FBT001 - the value of a field
    """Return the words that the tools announce for yes, no and not known."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or ""


Timestamp = Annotated[str, Field(description="ISO time with its offset")]
TranscriptionStatus = Literal["done", "no_speech", "pending", "failed", "missing"]
# One type in the schema, not "integer or null": None is left out of every answer.
OptionalInt = Annotated[int | None, WithJsonSchema({"type": "integer"})]
OptionalFloat = Annotated[float | None, WithJsonSchema({"type": "number"})]
Rounded = Annotated[float, AfterValidator(_two_decimals)]


class _Row(BaseModel):
    """Base of the rows that show times."""

    @classmethod
    def of(cls, model: BaseModel, zone: ZoneInfo, **more: object) -> Self:
        """Return a row that copies a model by name.

        Args:
            model: Where it lacks a field of the row, or holds None, the row's default stands.
            zone: Time zone of the row's times.
            more: Fields that the model lacks.
        """
        known = {name: getattr(model, name, None) for name in cls.model_fields}
        copied: dict[str, Any] = {name: _shown(value, zone) for name, value in known.items() if value is not None}
        return cls(**(copied | more))


class CallerRow(_Row):
    """Who called."""

    caller_id_name: Annotated[str, Field(description="Quoted from the caller")] = ""
    caller_id_number: str = ""

    @property
    def caller(self) -> str:
        """Name and number, or the one that is known; empty when both are hidden."""
        return " ".join(part for part in (self.caller_id_name, self.caller_id_number) if part)


class _MessageHead(_Row):
    """The first fields of a message's row; pydantic takes the fields of the last base first."""

    uuid: str
    received_at: Timestamp = ""


class MessageRow(CallerRow, _MessageHead):
    """What every row of a message shows of it."""

    extension: Annotated[str, Field(description="The mailbox")] = ""


class VoicemailItem(MessageRow):
    """One message; what the PBX did not say is left out."""

    duration_seconds: OptionalInt = None
    is_read: bool
    read_at: Timestamp = ""
    heard_by: Annotated[
        Literal["nobody", "assistant", "person", ""],
        Field(description="assistant: marked as read by this assistant alone; no person has listened yet"),
    ] = ""
    first_line: Annotated[str, Field(description="How its transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True: transcribed, but no words could be made out")] = False
    not_understood: Annotated[bool, Field(description="True: yet somebody speaks; somebody must listen")] = False


class SearchHitItem(MessageRow):
    """One message that was found."""

    snippet: Annotated[str, Field(description="Part of the transcript, quoted from the caller; **found**")] = ""
    close: Annotated[
        list[str], Field(description="Words found because they resemble those asked for, maybe misheard")
    ] = []


class SegmentItem(BaseModel):
    """A stretch of speech."""

    start_seconds: Rounded
    end_seconds: Rounded
    text: str
    avg_logprob: Annotated[Rounded, Field(description="Nearer 0 is surer; below -1 is doubtful")]
    language: Annotated[str, Field(description="Left out where it is the first of the message's")] = ""


class UntranscribedItem(BaseModel):
    """A stretch of sound of which no words came."""

    kind: Annotated[Literal["speech", "sound"], Field(description="speech: not understood; sound: music, tones, noise")]
    start_seconds: Rounded
    end_seconds: Rounded


class PhoneNumberItem(BaseModel):
    """A telephone number said in a message."""

    number: Annotated[str, Field(description="As people write it; left out if it could not be read")] = ""
    in_doubt: Annotated[str, Field(description="The number with its doubtful digits in braces: 0532 4{1}7 28 93")] = ""
    heard: Annotated[str, Field(description="The words it was read from, quoted from the caller")]
    e164: str = ""
    is_valid: Annotated[bool, Field(description="False: local, misheard, corrected, or read in several ways")]
    confidence: Annotated[OptionalFloat, Field(description="Chance that all digits are right, 0 to 1")] = None
    same_as_caller: Annotated[
        Literal["yes", "no", ""], BeforeValidator(_as_words), Field(description="Left out if not known")
    ] = ""
    verdict: str = ""
    start_seconds: Annotated[OptionalFloat, Field(description="Where to listen for it in the recording")] = None
    end_seconds: OptionalFloat = None


class HeardOtherwiseItem(BaseModel):
    """An amount, an hour or another number that two readings heard differently."""

    heard: Annotated[str, Field(description="As it stands in the text, quoted from the caller")]
    other: Annotated[str, Field(description="What the other reading heard")]
    start_seconds: Annotated[Rounded, Field(description="Where to listen for it in the recording")]
    end_seconds: Rounded


class SaidTimeItem(BaseModel):
    """A day, hour or deadline said in a message."""

    heard: Annotated[str, Field(description="The words it was read from, quoted from the caller")]
    value: Annotated[str, Field(description="ISO date, ISO time with its offset, or a time of day whose day is open")]
    until: Annotated[str, Field(description="End of an interval")] = ""
    bound: Annotated[TimeBound, Field(description="by, from: that time included")] = ""
    is_sure: Annotated[bool, Field(description="False: ask what `question` says before relying on it")]
    question: str = ""
    passed: Annotated[bool, Field(description="It lies before now")] = False


class TranscriptionItem(MessageRow):
    """One message's transcription."""

    status: TranscriptionStatus
    text: Annotated[str, Field(description="Quoted from the caller")] = ""
    note: Annotated[str, Field(description="Speech that was not understood; without words, what is heard instead")] = ""
    hardly_understood: Annotated[bool, Field(description="True: most words are probably wrong")] = False
    by_machine: Annotated[bool, Field(description="True: an announcement or a menu, not a person")] = False
    language: Annotated[str, Field(description="Of most words; then others, with commas")] = ""
    engine: Annotated[str, Field(description="Speech engine and model")] = ""
    duration_seconds: OptionalFloat = None
    phone_numbers: list[PhoneNumberItem] = []
    heard_otherwise: Annotated[
        list[HeardOtherwiseItem], Field(description="Other numbers on which two readings differ")
    ] = []
    times: Annotated[list[SaidTimeItem], Field(description="Counted from the message's own day")] = []
    segments: list[SegmentItem] = []
    untranscribed: list[UntranscribedItem] = []
    left_out: Annotated[str, Field(description="Parts left out to fit; ask for fewer at once")] = ""
    error: str = ""

    @property
    def remarks(self) -> list[str]:
        """What a reader must know of the text, as sentences."""
        remarks = (
            HARDLY_UNDERSTOOD if self.hardly_understood else "",
            BY_MACHINE if self.by_machine else "",
            self.note,
        )
        return [remark for remark in remarks if remark]


class OldestItem(MessageRow):
    """The oldest message."""

    uuid: str = ""


class WaitingItem(CallerRow):
    """A caller whom no person has heard."""

    caller_id_number: Annotated[str, Field(description="Left out when hidden")] = ""
    calls: Annotated[int, Field(description="Messages that no person has heard")]
    since: Annotated[Timestamp, Field(description="When the first of them was left")] = ""
    latest_at: Timestamp = ""
    latest_uuid: str
    extensions: list[str] = []
    latest_begins: Annotated[str, Field(description="How the latest transcript begins, quoted from the caller")] = ""
    no_speech: Annotated[bool, Field(description="True: no words could be made out in the latest")] = False
    not_understood: Annotated[bool, Field(description="True: yet somebody speaks; somebody must listen")] = False


class MailboxItem(_Row):
    """Counts of one mailbox."""

    extension: str = ""
    messages: int
    unread: int
    unheard: Annotated[OptionalInt, Field(description="Left out while not known")] = None


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


def beginning_cell(begins: str, *, no_speech: bool, not_understood: bool) -> str:
    """Return what a text table shows of how a transcript begins."""
    if not_understood:
        return NOT_UNDERSTOOD
    return "(no speech)" if no_speech else begins or NOT_KNOWN


def timestamp(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return an ISO time with its offset; empty for None."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""


def clock_time(iso: str) -> str:
    """Return a `timestamp` as people read it, without its offset: ``2026-11-24 08:36:00``; empty for an empty one."""
    return iso[:19].replace("T", " ")


def _shown(value: Any, zone: ZoneInfo) -> Any:  # noqa: ANN401 - a field's value, whatever its type
    return timestamp(value, zone) if isinstance(value, datetime) else value
