"""The rows of what was said in messages."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, SerializationInfo
from pydantic.json_schema import SkipJsonSchema

from vm_mcp.dates import short_time
from vm_mcp.models import TimeBound
from vm_mcp.views.notices import BY_MACHINE, HARDLY_UNDERSTOOD
from vm_mcp.views.rows import MessageRow, OptionalFloat, YesNo
from vm_mcp.wording import Words


def _two_decimals(value: float) -> float:
    return round(value, 2)


def parse_said(iso: str) -> date | time:
    """Return the time that a row has as ISO text: a moment, a day, or a time of day."""
    if "T" in iso:
        return datetime.fromisoformat(iso)
    return time.fromisoformat(iso) if ":" in iso else date.fromisoformat(iso)


def _said_written(iso: str, info: SerializationInfo) -> str:
    if not (iso and info.context):
        return iso
    return short_time(parse_said(iso), date(info.context, 1, 1) if info.context > 0 else date.min)


_SaidText = Annotated[str, PlainSerializer(_said_written)]
"""ISO text; for a model as people write it, see `vm_mcp.views.rows.Timestamp`."""
TranscriptionStatus = Literal["done", "no_speech", "pending", "failed", "missing"]
Rounded = Annotated[float, AfterValidator(_two_decimals)]


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
    same_as_caller: Annotated[YesNo, Field(description="Left out if not known")] = ""
    verdict: Words = Words("")
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
    value: Annotated[_SaidText, Field(description="`Fri 27 Nov 14:00`, a day, or a time of day whose day is open")]
    until: Annotated[_SaidText, Field(description="End of an interval")] = ""
    bound: Annotated[TimeBound, Field(description="by, from: that time included")] = ""
    is_sure: Annotated[bool, Field(description="False: ask what `question` says before relying on it")]
    question: Words = Words("")
    ahead: Annotated[Words, Field(description="How far ahead it is, within a day")] = Words("")
    passed: Annotated[bool, Field(description="It lies before now")] = False


class TranscriptionItem(MessageRow):
    """One message's transcription."""

    status: TranscriptionStatus
    text: Annotated[str, Field(description="Quoted from the caller")] = ""
    doubtful: Annotated[list[str], Field(description="Marked words, each with the second at which to listen")] = []
    heard: Annotated[str, Field(description="Speech not understood; without words, what is heard instead")] = ""
    opened: Annotated[bool, Field(description="True: this call marked it as read in the phone system")] = False
    same_as: Annotated[str, Field(description="uuid of a message above with the very same recording")] = ""
    hardly_understood: Annotated[bool, Field(description="True: most words are probably wrong")] = False
    by_machine: Annotated[bool, Field(description="True: an announcement or a menu, not a person")] = False
    language: Annotated[str, Field(description="Of most words; then others, with commas")] = ""
    engine: Annotated[str, Field(description="Speech engine and model; left out where it is that of all")] = ""
    duration_seconds: OptionalFloat = None
    phone_numbers: list[PhoneNumberItem] = []
    heard_otherwise: Annotated[
        list[HeardOtherwiseItem], Field(description="Other numbers on which two readings differ")
    ] = []
    times: Annotated[list[SaidTimeItem], Field(description="Counted from the message's own day")] = []
    # Only for programs, such as exports: no tool fills these two, so no model pays for their schema.
    segments: SkipJsonSchema[list[SegmentItem]] = []
    untranscribed: SkipJsonSchema[list[UntranscribedItem]] = []
    left_out: Annotated[str, Field(description="Parts left out to fit; ask for fewer at once")] = ""
    error: Words = Words("")

    @property
    def remarks(self) -> list[str]:
        """What a reader must know of the text, as sentences."""
        remarks = (
            HARDLY_UNDERSTOOD if self.hardly_understood else "",
            BY_MACHINE if self.by_machine else "",
            self.heard,
        )
        return [remark for remark in remarks if remark]
