"""Transcriptions of messages, with their doubts and the telephone numbers said in them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vm_mcp.inbox import Transcription
from vm_mcp.models import NO_WORDS, PhoneNumber, Transcript, Voicemail
from vm_mcp.views.fitting import fit_transcriptions
from vm_mcp.views.notices import MARKED, QUOTED_SPEECH, join_notices
from vm_mcp.views.rows import (
    MESSAGE_COLUMNS,
    NOT_KNOWN,
    PhoneNumberItem,
    SegmentItem,
    TranscriptionItem,
    TranscriptionStatus,
    message_fields,
)
from vm_mcp.views.view import View, tab_separated

if TYPE_CHECKING:
    from vm_mcp.doubt import Shown

_COLUMNS = ("uuid", "status", *MESSAGE_COLUMNS, "language", "engine", "seconds")


class TranscriptionList(BaseModel):
    """Answer of transcribe_voicemails."""

    transcriptions: list[TranscriptionItem]
    notice: str = ""


def transcriptions(entries: Sequence[Transcription], zone: ZoneInfo, *, full: bool) -> View[TranscriptionList]:
    """Show transcriptions in the order asked for; ``full`` adds the segments.

    CPU-bound, and imports lazily (~250 ms): call it through `asyncio.to_thread`.
    """
    shown = [_show(entry) for entry in entries]
    items = [_transcription_item(entry, heard, zone, full=full) for entry, heard in zip(entries, shown, strict=True)]
    notice = join_notices(
        QUOTED_SPEECH,
        MARKED if any(heard.has_marks for heard in shown) else "",
        *_unique(entry.transcript.notice for entry in entries if entry.transcript),
        *_unique(entry.waiting_for for entry in entries),
        fit_transcriptions(items),
    )
    counts = Counter(item.status for item in items)
    title = ", ".join(f"{counts[status]} {status}" for status in get_args(TranscriptionStatus) if counts[status])
    head = f"{title}. {notice}\n{tab_separated(_COLUMNS)}; the text follows each"
    text = "\n\n".join([head, *map(_transcription_text, items)])
    return View(text, TranscriptionList(transcriptions=items, notice=notice))


def transcription_item(entry: Transcription, zone: ZoneInfo) -> TranscriptionItem:
    """Return all that is known of one message's transcription; CPU-bound, like `transcriptions`."""
    return _transcription_item(entry, _show(entry), zone, full=True)


def transcript_document(entry: Transcription, zone: ZoneInfo) -> str:
    """Return one transcript as a text for a reader; CPU-bound, like `transcriptions`."""
    shown = _show(entry)
    item = _transcription_item(entry, shown, zone, full=False)
    notice = join_notices(
        QUOTED_SPEECH, MARKED if shown.has_marks else "", entry.transcript.notice if entry.transcript else ""
    )
    facts = {
        "Voicemail": item.uuid,
        "Received": item.received_at,
        "Caller": " ".join(part for part in (item.caller_id_name, item.caller_id_number) if part),
        "Extension": item.extension,
        "Language": item.language,
        "Engine": item.engine,
    }
    head = [f"{name}: {value}" for name, value in facts.items() if value]
    said = [item.text or NO_WORDS, *map(_phone_number_text, item.phone_numbers)]
    return "\n".join([*head, notice, "", *said, ""])


def _unique(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text})


def _show(entry: Transcription) -> "Shown":
    from vm_mcp import doubt  # a server's start need not wait for it

    if not entry.transcript:
        return doubt.Shown(())
    caller = entry.voicemail or Voicemail(uuid=entry.uuid)
    return doubt.show(entry.transcript, caller_number=caller.caller_id_number, caller_name=caller.caller_id_name)


def _transcription_item(entry: Transcription, shown: "Shown", zone: ZoneInfo, *, full: bool) -> TranscriptionItem:
    known = message_fields(entry.voicemail, zone) if entry.voicemail else {}
    item = TranscriptionItem(**(known | {"uuid": entry.uuid}), status=entry.status, error=entry.error)
    if transcript := entry.transcript:
        item.text = shown.text
        item.language = transcript.language
        item.engine = f"{transcript.engine} {transcript.model}"
        item.duration_seconds = round(transcript.duration_seconds, 1) or None
        item.phone_numbers = [_phone_number_item(number) for number in shown.phone_numbers]
        item.segments = _segment_items(transcript, shown) if full else []
    return item


def _segment_items(transcript: Transcript, shown: "Shown") -> list[SegmentItem]:
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
        confidence=None if number.confidence is None else round(number.confidence, 2),
        same_as_caller="" if number.matches_caller is None else "yes" if number.matches_caller else "no",
        verdict=number.verdict,
    )


def _phone_number_text(item: PhoneNumberItem) -> str:
    facts = [
        item.e164 if item.is_valid else "no complete number",
        "" if item.confidence is None else f"confidence {item.confidence:g}",
        item.verdict,
        f"heard as: {item.heard}",
    ]
    return f"number said: {item.number} ({'; '.join(fact for fact in facts if fact)})"


def _transcription_text(item: TranscriptionItem) -> str:
    cells = (
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
    lines = [tab_separated(cell or NOT_KNOWN for cell in cells)]
    if item.segments:
        lines += [
            f"{segment.start_seconds:g}-{segment.end_seconds:g} s ({segment.avg_logprob:g}): {segment.text}"
            for segment in item.segments
        ]
    elif item.text:
        lines.append(item.text)
    lines += map(_phone_number_text, item.phone_numbers)
    if item.left_out:
        lines.append(f"(left out: {item.left_out})")
    if item.error:
        lines.append(item.error)
    return "\n".join(lines)
