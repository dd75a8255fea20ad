"""Transcriptions of messages, with doubt marks and the telephone numbers and times said in them.

CPU-bound, and the numbering plans are imported with the first telephone number (~250 ms): call these functions through
`asyncio.to_thread`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Annotated, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from vm_mcp.inbox import ListedVoicemail, Transcription
from vm_mcp.models import Transcript, Voicemail
from vm_mcp.views.fitting import fit_transcriptions
from vm_mcp.views.notices import MARKED, QUOTED_SPEECH, join_notices
from vm_mcp.views.rows import (
    NOT_KNOWN,
    MessageRow,
    Owners,
    clock_time,
    owners_of,
    owners_text,
)
from vm_mcp.views.said_rows import (
    HeardOtherwiseItem,
    PhoneNumberItem,
    SegmentItem,
    TranscriptionItem,
    TranscriptionStatus,
    UntranscribedItem,
)
from vm_mcp.views.time_texts import said_time_item
from vm_mcp.views.transcript_text import COLUMNS, derived_lines, item_lines, said_lines
from vm_mcp.views.view import View, tab_separated

if TYPE_CHECKING:
    from vm_mcp.doubt import Shown


class TranscriptionList(BaseModel):
    """Answer of transcribe_voicemails."""

    transcriptions: list[TranscriptionItem]
    owners: Owners = {}
    engine: Annotated[str, Field(description="Speech engine and model of all; else each says its own")] = ""
    next_cursor: Annotated[str, Field(description="Pass it as `cursor` for those that are left")] = ""
    notice: str = ""


def transcriptions(  # noqa: PLR0913 - a list, and what to say of it
    entries: Sequence[Transcription],
    zone: ZoneInfo,
    *,
    full: bool,
    now: datetime | None = None,
    notice: str = "",
    next_cursor: str = "",
) -> View[TranscriptionList]:
    """Show transcriptions in the order asked for.

    Args:
        entries: The transcriptions.
        zone: The account's time zone.
        full: Whether to add the segments.
        now: The current time, aware; None: it is not said which times have passed.
        notice: What else the reader must know, such as which messages were chosen.
        next_cursor: For those that match and are left.
    """
    content = _content(entries, zone, full=full, now=now)
    content.next_cursor = next_cursor
    content.notice = join_notices(content.notice, notice, fit_transcriptions(content.transcriptions))
    year = now.astimezone(zone).year if now else None
    return View("\n\n".join(_blocks(content, year)), content, year)


def transcription_item(
    entry: Transcription, zone: ZoneInfo, now: datetime | None = None
) -> tuple[TranscriptionItem, list[str]]:
    """Return all that is known of one message's transcription, and what its reader must be told."""
    shown = show_transcription(entry, zone)
    return _item(entry, shown, zone, full=True, now=now), _notices(entry, shown)


def shown_item(entry: Transcription, zone: ZoneInfo, now: datetime) -> "tuple[Shown, TranscriptionItem]":
    """Return a transcription's words as they are shown, and all that is known of it but its segments."""
    shown = show_transcription(entry, zone)
    return shown, _item(entry, shown, zone, full=False, now=now)


def transcript_document(entry: Transcription, zone: ZoneInfo, now: datetime | None = None) -> str:
    """Return one transcript as a text for a reader."""
    content = _content([entry], zone, full=False, now=now)
    [item] = content.transcriptions
    facts = {
        "Voicemail": item.uuid,
        "Received": clock_time(item.received_at),
        "Caller": item.caller,
        "Extension": item.extension,
        "Language": item.language,
        "Engine": content.engine,
        "Contact": item.contact,
        "State": "" if item.state_cell == NOT_KNOWN else item.state_cell,
    }
    head = [f"{name}: {value}" for name, value in facts.items() if value]
    said = [*said_lines(item), *derived_lines(item)]
    return "\n".join([*head, content.notice, "", *said, ""])


def _content(
    entries: Sequence[Transcription], zone: ZoneInfo, *, full: bool, now: datetime | None
) -> TranscriptionList:
    shown = [show_transcription(entry, zone) for entry in entries]
    pairs = list(zip(entries, shown, strict=True))
    notices = dict.fromkeys(chain.from_iterable(_notices(entry, each) for entry, each in pairs))
    items = [_item(entry, each, zone, full=full, now=now) for entry, each in pairs]
    engines = {item.engine for item in items if item.engine}
    if len(engines) == 1:
        for item in items:
            item.engine = ""
    _note_same(entries, items)
    return TranscriptionList(
        transcriptions=items,
        owners=owners_of(entry.voicemail for entry in entries),
        engine=engines.pop() if len(engines) == 1 else "",
        notice=join_notices(QUOTED_SPEECH, *notices),
    )


def _note_same(entries: Sequence[Transcription], items: Sequence[TranscriptionItem]) -> None:
    """Note which messages have the very recording of an earlier one: somebody sent it twice, or to two mailboxes."""
    first: dict[str, str] = {}
    for entry, item in zip(entries, items, strict=True):
        if entry.transcript and (digest := entry.transcript.recording_sha256):
            item.same_as = first.get(digest, "")
            first.setdefault(digest, item.uuid)


def _notices(entry: Transcription, shown: "Shown") -> list[str]:
    of_engine = entry.transcript.notice if entry.transcript else ""
    return [notice for notice in (MARKED if shown.has_marks else "", of_engine, entry.waiting_for) if notice]


def show_transcription(entry: Transcription, zone: ZoneInfo) -> "Shown":
    """Return a transcription's text with doubt marks, and what was read from it; nothing if there is no transcript."""
    from vm_mcp import doubt  # a server starts without it

    if not entry.transcript:
        return doubt.Shown(())
    caller = entry.voicemail or ListedVoicemail(uuid=entry.uuid)
    return doubt.show(
        entry.transcript,
        caller_number=caller.caller_id_number,
        caller_name=" ".join(caller.known_names),
        received_at=caller.received_at.astimezone(zone) if caller.received_at else None,
    )


def _item(
    entry: Transcription, shown: "Shown", zone: ZoneInfo, *, full: bool, now: datetime | None
) -> TranscriptionItem:
    # Not TranscriptionItem.of: the list's length of the recording is not the length that was transcribed.
    message = MessageRow.of_message(entry.voicemail or Voicemail(uuid=entry.uuid), zone, now)
    item = TranscriptionItem(**dict(message), status=entry.status, opened=entry.opened, error=entry.error)
    if transcript := entry.transcript:
        from vm_mcp.doubt import machine_messages, untranscribed  # a server starts without them

        item.text = shown.text
        item.hardly_understood = shown.is_hardly_understood
        item.doubtful = [f"{word.text} {word.start_seconds:.1f} s" for word in shown.doubtful]
        item.heard = untranscribed.untranscribed_note(transcript)
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


def _blocks(content: TranscriptionList, year: int | None) -> Iterator[str]:
    counts = Counter(item.status for item in content.transcriptions)
    title = ", ".join(f"{counts[status]} {status}" for status in get_args(TranscriptionStatus) if counts[status])
    opened = sum(item.opened for item in content.transcriptions)
    if opened:
        title = f"{title}; {opened} of them marked as read by this call"
    engine = f"Engine: {content.engine}." if content.engine else ""
    head = [f"{title}. {content.notice}", join_notices(owners_text(content.owners), engine)]
    if content.transcriptions:
        head.append(f"{tab_separated(COLUMNS)}; the text follows each")
    yield "\n".join(filter(None, head))
    for item in content.transcriptions:
        yield "\n".join(item_lines(item, year))
    if content.next_cursor:
        yield f"truncated: more match; next_cursor: {content.next_cursor}"
