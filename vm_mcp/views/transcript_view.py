"""What transcribe_voicemails and get_transcripts answer."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from mcp_types import CallToolResult
from pydantic import BaseModel, Field

from vm_mcp import doubt
from vm_mcp.inbox import Transcription
from vm_mcp.models import NO_WORDS, PhoneNumber, Transcript, Voicemail
from vm_mcp.views.fitting import fit_transcriptions
from vm_mcp.views.formatting import QUOTED_SPEECH, Stamp, result, stamp

MARKED = "[?words] in these marks are doubtful: the speech engine was unsure, so say so or have somebody listen."


Status = Literal["done", "no_speech", "pending", "failed", "missing"]


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
    confidence: Annotated[float, Field(description="Chance that all digits are right, 0 to 1")] = -1
    same_as_caller: Annotated[Literal["yes", "no", ""], Field(description="Left out where it can't be told")] = ""
    verdict: str = ""


class TranscriptionItem(BaseModel):
    """One message's transcription."""

    uuid: str
    status: Status
    received_at: Stamp = ""
    caller_id_name: Annotated[str, Field(description="Quoted from the caller")] = ""
    caller_id_number: str = ""
    extension: Annotated[str, Field(description="The mailbox")] = ""
    text: Annotated[str, Field(description="Quoted from the caller")] = ""
    language: str = ""
    engine: Annotated[str, Field(description="Speech engine and model")] = ""
    duration_seconds: float = -1
    phone_numbers: list[PhoneNumberItem] = []
    segments: list[SegmentItem] = []
    left_out: Annotated[str, Field(description="What would have been too much; ask for fewer at once")] = ""
    error: str = ""


class TranscriptionList(BaseModel):
    """Answer of transcribe_voicemails."""

    transcriptions: list[TranscriptionItem]
    notice: str = ""


def transcriptions(entries: Sequence[Transcription], zone: ZoneInfo, *, full: bool) -> CallToolResult:
    """Show transcriptions in the order asked for; ``full`` adds the segments.

    It computes, and may import for a quarter of a second: off the event loop, please.
    """
    shown = [_show(entry) for entry in entries]
    items = [_transcription_item(entry, heard, zone, full=full) for entry, heard in zip(entries, shown, strict=True)]
    models = {entry.transcript.notice for entry in entries if entry.transcript and entry.transcript.notice}
    marks = [MARKED] if any(heard.has_marks for heard in shown) else []
    waiting_for = {entry.waiting_for for entry in entries if entry.waiting_for}
    too_much = fit_transcriptions(items)
    notices = [*marks, *sorted(models), *sorted(waiting_for), *([too_much] if too_much else [])]
    notice = " ".join([QUOTED_SPEECH, *notices])
    blocks = [_transcription_text(item) for item in items]
    counts = Counter(item.status for item in items)
    title = ", ".join(f"{counts[status]} {status}" for status in get_args(Status) if counts[status])
    columns = "uuid\tstatus\treceived\tname\tnumber\textension\tlanguage\tengine\tseconds; the text follows each"
    text = "\n\n".join([f"{title}. {notice}\n{columns}", *blocks])
    return result(text, TranscriptionList(transcriptions=items, notice=notice))


def transcription_item(entry: Transcription, zone: ZoneInfo) -> TranscriptionItem:
    """Give all that is known of one message's transcription; it computes, like `transcriptions`."""
    return _transcription_item(entry, _show(entry), zone, full=True)


def transcript_document(entry: Transcription, zone: ZoneInfo) -> str:
    """Write one transcript for a reader; it computes, like `transcriptions`."""
    shown = _show(entry)
    item = _transcription_item(entry, shown, zone, full=False)
    notices = [QUOTED_SPEECH, MARKED if shown.has_marks else "", entry.transcript.notice if entry.transcript else ""]
    facts = {
        "Voicemail": item.uuid,
        "Received": item.received_at,
        "Caller": " ".join(part for part in (item.caller_id_name, item.caller_id_number) if part),
        "Extension": item.extension,
        "Language": item.language,
        "Engine": item.engine,
    }
    head = [f"{name}: {value}" for name, value in facts.items() if value]
    said = [item.text or NO_WORDS, *(_phone_number_text(number) for number in item.phone_numbers)]
    return "\n".join([*head, " ".join(notice for notice in notices if notice), "", *said, ""])


def _show(entry: Transcription) -> doubt.Shown:
    if not entry.transcript:
        return doubt.Shown(())
    caller = entry.voicemail or Voicemail(uuid=entry.uuid)
    return doubt.show(entry.transcript, caller_number=caller.caller_id_number, caller_name=caller.caller_id_name)


def _transcription_item(entry: Transcription, shown: doubt.Shown, zone: ZoneInfo, *, full: bool) -> TranscriptionItem:
    voicemail, transcript = entry.voicemail, entry.transcript
    item = TranscriptionItem(uuid=entry.uuid, status=entry.status, error=entry.error)
    if voicemail:
        item.received_at = stamp(voicemail.received_at, zone)
        item.caller_id_name = voicemail.caller_id_name
        item.caller_id_number = voicemail.caller_id_number
        item.extension = voicemail.extension
    if transcript:
        item.text = shown.text
        item.language = transcript.language
        item.engine = f"{transcript.engine} {transcript.model}"
        item.duration_seconds = round(transcript.duration_seconds, 1) or item.duration_seconds
        item.phone_numbers = [_phone_number_item(number) for number in shown.phone_numbers]
    if transcript and full:
        item.segments = _segment_items(transcript, shown)
    return item


def _segment_items(transcript: Transcript, shown: doubt.Shown) -> list[SegmentItem]:
    return [
        SegmentItem(
            start_seconds=round(segment.start_seconds, 2),
            end_seconds=round(segment.end_seconds, 2),
            text=text,
            avg_logprob=round(segment.avg_logprob, 2),
        )
        for segment, text in zip(transcript.segments, shown.segments, strict=True)
    ]


def _phone_number_item(number: PhoneNumber) -> PhoneNumberItem:
    return PhoneNumberItem(
        number=number.formatted,
        heard=number.text,
        e164=number.e164,
        is_valid=number.is_valid,
        confidence=-1 if number.confidence is None else round(number.confidence, 2),
        same_as_caller="" if number.matches_caller is None else "yes" if number.matches_caller else "no",
        verdict=number.verdict,
    )


def _phone_number_text(item: PhoneNumberItem) -> str:
    facts = [
        item.e164 if item.is_valid else "no complete number",
        f"confidence {item.confidence:g}" if item.confidence >= 0 else "",
        item.verdict,
        f"heard as: {item.heard}",
    ]
    return f"number said: {item.number} ({'; '.join(fact for fact in facts if fact)})"


def _transcription_text(item: TranscriptionItem) -> str:
    facts = [
        item.uuid,
        item.status,
        item.received_at,
        item.caller_id_name,
        item.caller_id_number,
        item.extension,
        item.language,
        item.engine,
        f"{item.duration_seconds:g}" if item.duration_seconds >= 0 else "",
    ]
    lines = ["\t".join(fact or "-" for fact in facts)]
    if item.segments:
        lines += [
            f"{segment.start_seconds:g}-{segment.end_seconds:g} s ({segment.avg_logprob:g}): {segment.text}"
            for segment in item.segments
        ]
    elif item.text:
        lines.append(item.text)
    lines += [_phone_number_text(number) for number in item.phone_numbers]
    if item.left_out:
        lines.append(f"(left out: {item.left_out})")
    if item.error:
        lines.append(item.error)
    return "\n".join(lines)
