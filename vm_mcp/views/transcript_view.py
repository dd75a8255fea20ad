"""Transcriptions of messages, with doubt marks and the telephone numbers and times said in them.

CPU-bound, and the numbering plans are imported with the first telephone number (~250 ms): call these functions through
`asyncio.to_thread`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vm_mcp.inbox import Transcription
from vm_mcp.models import NO_WORDS, Transcript, Voicemail
from vm_mcp.views.fitting import fit_transcriptions
from vm_mcp.views.notices import MARKED, QUOTED_SPEECH, join_notices
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    NOT_KNOWN,
    HeardOtherwiseItem,
    MessageRow,
    PhoneNumberItem,
    SegmentItem,
    TranscriptionItem,
    TranscriptionStatus,
    UntranscribedItem,
)
from vm_mcp.views.time_texts import said_time_item, said_time_text
from vm_mcp.views.view import View, tab_separated

if TYPE_CHECKING:
    from vm_mcp.doubt import Shown

_COLUMNS = ("uuid", "status", *MESSAGE_COLUMNS, "language", "engine", "seconds")


class TranscriptionList(BaseModel):
    """Answer of transcribe_voicemails."""

    transcriptions: list[TranscriptionItem]
    notice: str = ""


def transcriptions(
    entries: Sequence[Transcription], zone: ZoneInfo, *, full: bool, now: datetime | None = None
) -> View[TranscriptionList]:
    """Show transcriptions in the order asked for.

    Args:
        entries: The transcriptions.
        zone: The account's time zone.
        full: Whether to add the segments.
        now: The current time, aware; None: it is not said which times have passed.
    """
    content = _content(entries, zone, full=full, now=now)
    content.notice = join_notices(content.notice, fit_transcriptions(content.transcriptions))
    return View("\n\n".join(_blocks(content)), content)


def transcription_item(
    entry: Transcription, zone: ZoneInfo, now: datetime | None = None
) -> tuple[TranscriptionItem, list[str]]:
    """Return all that is known of one message's transcription, and what its reader must be told."""
    shown = show_transcription(entry, zone)
    return _item(entry, shown, zone, full=True, now=now), _notices(entry, shown)


def transcript_document(entry: Transcription, zone: ZoneInfo, now: datetime | None = None) -> str:
    """Return one transcript as a text for a reader."""
    content = _content([entry], zone, full=False, now=now)
    [item] = content.transcriptions
    facts = {
        "Voicemail": item.uuid,
        "Received": item.received_at,
        "Caller": item.caller,
        "Extension": item.extension,
        "Language": item.language,
        "Engine": item.engine,
    }
    head = [f"{name}: {value}" for name, value in facts.items() if value]
    said = [*_said(item), *_derived(item)]
    return "\n".join([*head, content.notice, "", *said, ""])


def _content(
    entries: Sequence[Transcription], zone: ZoneInfo, *, full: bool, now: datetime | None
) -> TranscriptionList:
    shown = [show_transcription(entry, zone) for entry in entries]
    pairs = list(zip(entries, shown, strict=True))
    notices = dict.fromkeys(chain.from_iterable(_notices(entry, each) for entry, each in pairs))
    items = [_item(entry, each, zone, full=full, now=now) for entry, each in pairs]
    return TranscriptionList(transcriptions=items, notice=join_notices(QUOTED_SPEECH, *notices))


def _notices(entry: Transcription, shown: "Shown") -> list[str]:
    of_engine = entry.transcript.notice if entry.transcript else ""
    return [notice for notice in (MARKED if shown.has_marks else "", of_engine, entry.waiting_for) if notice]


def show_transcription(entry: Transcription, zone: ZoneInfo) -> "Shown":
    """Return a transcription's text with doubt marks, and what was read from it; nothing if there is no transcript."""
    from vm_mcp import doubt  # a server starts without it

    if not entry.transcript:
        return doubt.Shown(())
    caller = entry.voicemail or Voicemail(uuid=entry.uuid)
    return doubt.show(
        entry.transcript,
        caller_number=caller.caller_id_number,
        caller_name=caller.caller_id_name,
        received_at=caller.received_at.astimezone(zone) if caller.received_at else None,
    )


def _item(
    entry: Transcription, shown: "Shown", zone: ZoneInfo, *, full: bool, now: datetime | None
) -> TranscriptionItem:
    # Not TranscriptionItem.of: the list's length of the recording is not the length that was transcribed.
    message = MessageRow.of(entry.voicemail or Voicemail(uuid=entry.uuid), zone)
    item = TranscriptionItem(**dict(message), status=entry.status, error=entry.error)
    if transcript := entry.transcript:
        from vm_mcp.doubt import machine_messages, untranscribed  # a server starts without them

        item.text = shown.text
        item.hardly_understood = shown.is_hardly_understood
        item.note = untranscribed.untranscribed_note(transcript)
        item.by_machine = machine_messages.is_machine_message(transcript.text)
        item.language = ", ".join(transcript.languages)
        item.engine = f"{transcript.engine} {transcript.model}"
        item.duration_seconds = round(transcript.duration_seconds, 1) or None
        item.phone_numbers = [PhoneNumberItem(**dict(number)) for number in shown.phone_numbers]
        item.heard_otherwise = [HeardOtherwiseItem(**dict(each)) for each in shown.heard_otherwise]
        local_now = now.astimezone(zone) if now else None
        item.times = [said_time_item(said, local_now) for said in shown.times]
        if full:
            item.segments = _segment_items(transcript, shown)
            item.untranscribed = [UntranscribedItem(**dict(stretch)) for stretch in transcript.untranscribed or ()]
    return item


def _segment_items(transcript: Transcript, shown: "Shown") -> list[SegmentItem]:
    pairs = zip(transcript.segments, shown.segments, strict=True)
    return [SegmentItem(**(dict(segment) | {"text": text})) for segment, text in pairs]


def _blocks(content: TranscriptionList) -> Iterator[str]:
    counts = Counter(item.status for item in content.transcriptions)
    title = ", ".join(f"{counts[status]} {status}" for status in get_args(TranscriptionStatus) if counts[status])
    yield f"{title}. {content.notice}\n{tab_separated(_COLUMNS)}; the text follows each"
    for item in content.transcriptions:
        yield "\n".join(_lines(item))


def _lines(item: TranscriptionItem) -> Iterator[str]:
    yield tab_separated(cell or NOT_KNOWN for cell in _cells(item))
    for segment in item.segments:
        language = f", {segment.language}" if segment.language else ""
        yield f"{segment.start_seconds:g}-{segment.end_seconds:g} s ({segment.avg_logprob:g}{language}): {segment.text}"
    if item.text and not item.segments:
        yield item.text
    yield from _remarks(item)
    yield from _derived(item)
    if item.left_out:
        yield f"(left out: {item.left_out})"
    if item.error:
        yield item.error


def _said(item: TranscriptionItem) -> Iterator[str]:
    """Yield what a reader of one message sees: its text, if any, and the remarks on it."""
    remarks = list(_remarks(item))
    if item.text or not remarks:
        yield item.text or NO_WORDS
    yield from remarks


def _remarks(item: TranscriptionItem) -> Iterator[str]:
    yield from (f"({remark})" for remark in item.remarks)


def _derived(item: TranscriptionItem) -> Iterator[str]:
    """Yield what was read from the words: telephone numbers, other numbers in doubt, then times."""
    yield from map(_phone_number_text, item.phone_numbers)
    yield from map(_otherwise_text, item.heard_otherwise)
    for said in item.times:
        yield said_time_text(said, item.received_at)


def _cells(item: TranscriptionItem) -> tuple[str, ...]:
    return (
        item.uuid,
        item.status,
        item.received_at,
        item.caller_id_name,
        item.caller_id_number,
        item.extension,
        item.language,
        item.engine,
        "" if item.duration_seconds is None else f"{item.duration_seconds:g}",
    )


def _otherwise_text(item: HeardOtherwiseItem) -> str:
    return f'"{item.heard}" may also be "{item.other}" ({_place(item)})'


def _place(item: HeardOtherwiseItem | PhoneNumberItem) -> str:
    """Return where to listen for something; empty if that isn't known."""
    if item.start_seconds is None or item.end_seconds is None:
        return ""
    return f"at {item.start_seconds:.1f}-{item.end_seconds:.1f} s"


def _phone_number_text(item: PhoneNumberItem) -> str:
    place = _place(item)
    if not item.number:
        return f"{item.verdict} ({'; '.join(filter(None, (place, f'heard as: {item.heard}')))})"
    facts = [
        place,
        "digits in braces are in doubt" if item.in_doubt else item.e164,
        "" if item.is_valid else "not a sure or not a complete number",
        "" if item.confidence is None else f"confidence {item.confidence:g}",
        item.verdict,
        f"heard as: {item.heard}",
    ]
    return f"number said: {item.in_doubt or item.number} ({'; '.join(fact for fact in facts if fact)})"
