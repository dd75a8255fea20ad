"""The rows that every form of an answer is made of: text tables, JSON, CSV, WebVTT.

Their fields have the names that the tools announce, and the models use the same names, so that a row copies a model by
name (`MessageRow.of`). A value that is not known is empty or None, and left out of JSON: some hosts read a null as a
value.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializationInfo,
    WithJsonSchema,
)

from vm_mcp.dates import short_time
from vm_mcp.inbox import ListedVoicemail
from vm_mcp.models import NOT_UNDERSTOOD, Voicemail
from vm_mcp.telephone import grouped
from vm_mcp.text import fold_words
from vm_mcp.views.handled_texts import handled_text
from vm_mcp.wording import Words, joined, words

NOT_KNOWN = "-"
"""In a text table, stands for a value that the row doesn't have."""


def _written(iso: str, info: SerializationInfo) -> str:
    return clock_time(iso, info.context) if info.context else iso


Timestamp = Annotated[
    str, PlainSerializer(_written), Field(description="`Fri 27 Nov 09:16`, with the year where it isn't this one")
]
"""ISO time with its offset; for a model, which can't tell a weekday, as people write it: see `View.for_model`."""
# One type in the schema, not "integer or null": None is left out of every answer.
OptionalInt = Annotated[int | None, WithJsonSchema({"type": "integer"})]
OptionalFloat = Annotated[float | None, WithJsonSchema({"type": "number"})]


def _as_words(value: bool | str | None) -> str:  # noqa: FBT001 - the value of a field
    """Return the words that the tools announce for yes, no and not known."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value or ""


YesNo = Annotated[Literal["yes", "no", ""], BeforeValidator(_as_words)]
"""Made from a bool; empty, and so left out, for None."""


Owners = Annotated[dict[str, str], Field(description="Whose each mailbox is, by extension")]


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
    caller_id_number: Annotated[str, Field(description="Left out when hidden")] = ""
    contact: Annotated[Words, Field(description="Who has that number in the account's address book")] = Words("")

    @property
    def caller(self) -> str:
        """Name and number, or the one that is known; empty when both are hidden."""
        return " ".join(part for part in (self.caller_id_name, self.caller_id_number) if part)

    @property
    def cells(self) -> tuple[str, str, str]:
        """What a text table shows: name, contact (``same`` if it is the name), number."""
        is_same = fold_words(self.contact) == fold_words(self.caller_id_name)
        contact = words("same") if self.contact and is_same else self.contact
        return self.caller_id_name or NOT_KNOWN, contact or NOT_KNOWN, grouped(self.caller_id_number) or NOT_KNOWN


class _MessageHead(_Row):
    """The first fields of a message's row; pydantic takes the fields of the last base first."""

    uuid: str
    received_at: Timestamp = ""


_STATES = {str(state): state for state in map(words, ("new", "told", "called_back", "tried", "done", "unknown"))} | {
    "": words("")
}


class MessageRow(CallerRow, _MessageHead):
    """What every row of a message shows of it."""

    extension: Annotated[str, Field(description="The mailbox")] = ""
    ending: Annotated[str, Field(exclude=True)] = ""
    """The end of the uuid that no other message has, for texts."""
    state: Annotated[
        Literal["new", "told", "called_back", "tried", "done", "unknown", ""],
        Field(description="tried: called, no answer; done: closed by hand; unknown: call records don't show it"),
    ] = ""
    handled: Annotated[Words, Field(description="What call records show; what a person said of it")] = Words("")
    marked_by: Annotated[str, Field(description="Who said it, in a team")] = ""
    opened_by: Annotated[str, Field(description="Who had this assistant open it, in a team")] = ""
    note: Annotated[str, Field(description="The user's own note")] = ""

    @classmethod
    def of_message(cls, message: Voicemail, zone: ZoneInfo, now: datetime | None, **more: object) -> Self:
        """Return a row of a message and, if that was joined, of all that is known of it."""
        if isinstance(message, ListedVoicemail):
            more["handled"] = handled_text(message.callback, message.mark, zone, now, message.opening)
        return cls.of(message, zone, **more)

    @property
    def short_uuid(self) -> str:
        """The end of the uuid that tells it from others; all of it where that isn't known."""
        return self.ending or self.uuid

    @property
    def state_cell(self) -> Words:
        """What a text table shows of the state: what became of the message, and the note."""
        note = words("note: {note}", note=self.note) if self.note else ""
        what = self.handled or _STATES[self.state]
        if self.handled and self.state in {"new", "unknown"}:
            what = joined("; ", (_STATES[self.state], self.handled))
        return joined("; ", (what, note)) or words(NOT_KNOWN)


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

    def heard_cell(self, year: int | None) -> str:
        """Return what a text table shows of who has heard it, and when for the first time."""
        who = self.heard_by or ("somebody" if self.is_read else "nobody")
        return " ".join(filter(None, (who, clock_time(self.read_at, year))))


class SearchHitItem(MessageRow):
    """One message that was found."""

    snippet: Annotated[str, Field(description="Part of the transcript, quoted from the caller; **found**")] = ""
    close: Annotated[
        list[str], Field(description="Words found because they resemble those asked for, maybe misheard")
    ] = []
    no_transcript: Annotated[bool, Field(description="True: it has none; found by who called or by its note")] = False


def message_cells(row: MessageRow, year: int | None = None) -> tuple[str, ...]:
    """Return what a text table shows of a message after its uuid: when, name, contact, number, mailbox."""
    return (clock_time(row.received_at, year) or "?", *row.cells, row.extension or NOT_KNOWN)


MESSAGE_COLUMNS = ("received", "name", "contact", "number", "extension")
"""Heads of `message_cells`."""


def owners_of(messages: Iterable[Voicemail | None]) -> dict[str, str]:
    """Return whose the mailboxes of messages are, as far as that is known."""
    listed = [message for message in messages if isinstance(message, ListedVoicemail) and message.owner]
    return {message.extension: message.owner for message in sorted(listed, key=lambda message: message.extension)}


def owners_text(owners: Mapping[str, str]) -> str:
    """Return whose the mailboxes are on one line; empty if that isn't known."""
    named = ", ".join(f"{extension} {owner}" for extension, owner in owners.items())
    return f"Mailboxes: {named}." if named else ""


def beginning_cell(begins: str, *, no_speech: bool, not_understood: bool) -> str:
    """Return what a text table shows of how a transcript begins."""
    if not_understood:
        return NOT_UNDERSTOOD
    return "(no speech)" if no_speech else begins or NOT_KNOWN


def timestamp(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return an ISO time with its offset; empty for None."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""


def clock_time(iso: str, year: int | None = None) -> Words:
    """Return a `timestamp` as people read it, ``Fri 27 Nov 09:16``; empty for an empty one.

    Args:
        iso: The timestamp.
        year: The current year, which is left out; None: the year is always written.
    """
    if not iso:
        return words("")
    moment = datetime.fromisoformat(iso)
    return short_time(moment, moment.replace(year=year) if year and moment.year == year else date.min)


def _shown(value: Any, zone: ZoneInfo) -> Any:  # noqa: ANN401 - a field's value, whatever its type
    return timestamp(value, zone) if isinstance(value, datetime) else value
