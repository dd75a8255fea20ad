"""What the inbox page is given: the rows of other answers, with the facts that a page words and draws by itself.

CPU-bound, as `vm_mcp.views.transcript_view` is: call `page_messages` through `asyncio.to_thread`. No server imports
this before a page is shown: its models would cost every start some milliseconds.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vm_mcp.callbacks import Callback, CallbackState, UnknownReason
from vm_mcp.handling import MarkState
from vm_mcp.inbox import ListedVoicemail
from vm_mcp.inbox.page_messages import MessagePage, PageMessage
from vm_mcp.inbox.playing import SoundPiece
from vm_mcp.models import Transcript
from vm_mcp.text import counted
from vm_mcp.translation import translate
from vm_mcp.views.notices import QUOTED_SPEECH, join_notices
from vm_mcp.views.rows import Timestamp, VoicemailItem, owners_of, timestamp
from vm_mcp.views.said_rows import HeardOtherwiseItem, PhoneNumberItem, Rounded, SaidTimeItem, TranscriptionItem
from vm_mcp.views.search_view import highlighted
from vm_mcp.views.transcript_view import shown_item
from vm_mcp.views.view import View

MOST_WORDS = 500
"""Of one message in a list, four minutes of speech; 50 such messages stay below the 1 MB that hosts accept."""
WordCell = tuple[str, float | None, int]
"""A word, when it begins in the recording, in seconds, if that is known, and 1 if it was probably misheard."""


class PageSegment(BaseModel):
    """A stretch of speech."""

    start_seconds: Rounded
    end_seconds: Rounded
    language: str = ""
    words: list[WordCell]


class PageTranscript(BaseModel):
    """What was said in a message."""

    language: str = ""
    segments: list[PageSegment]
    is_cut: bool = False
    hardly_understood: bool = False
    by_machine: bool = False
    heard: str = ""


class PageCallback(BaseModel):
    """What call records show after a message; the names are those of `vm_mcp.callbacks.Callback`."""

    state: CallbackState
    at: Timestamp = ""
    extension: str = ""
    extension_name: str = ""
    talk_seconds: int | None = None
    tries: int = 0
    rang_again_at: Timestamp = ""
    reason: UnknownReason = ""


class PageMark(BaseModel):
    """What a person said of a message."""

    state: MarkState
    at: Timestamp
    by: str = ""


class PageOpening(BaseModel):
    """Who had this assistant open a message."""

    at: Timestamp
    by: str


class PageItem(VoicemailItem):
    """One message."""

    is_open: bool
    playing_marks_read: bool
    callback: PageCallback | None = None
    mark: PageMark | None = None
    opening: PageOpening | None = None
    snippet: str = ""
    close: tuple[str, ...] = ()
    transcript: PageTranscript | None = None
    phone_numbers: tuple[PhoneNumberItem, ...] = ()
    heard_otherwise: tuple[HeardOtherwiseItem, ...] = ()
    times: tuple[SaidTimeItem, ...] = ()
    peaks: str = ""


class PageMessages(BaseModel):
    """Messages for the page."""

    voicemails: list[PageItem]
    owners: dict[str, str] = {}
    mailboxes: list[str]
    total_count: int | None = None
    next_cursor: str = ""
    now: Timestamp
    timezone: str
    can_play: bool
    can_update: bool
    quoted: str
    """For a model, where a host shows it what is meant for the page alone."""
    notice: str = ""


class PageSound(BaseModel):
    """A piece of a message's sound."""

    uuid: str
    sample_rate: int
    encoding: Literal["mulaw"]
    total_samples: int
    offset: int
    data: str
    marked_read: bool


def page_messages(page: MessagePage, zone: ZoneInfo, language: str = "en") -> View[PageMessages]:
    """Return messages for the page, times in ``zone``, and the notice in a language that vm-mcp speaks."""
    content = PageMessages(
        voicemails=[_item(message, zone, page.now, is_whole=page.is_whole) for message in page.messages],
        owners=owners_of(message.voicemail for message in page.messages),
        mailboxes=list(page.mailboxes),
        total_count=page.total_count,
        next_cursor=page.next_cursor,
        now=timestamp(page.now, zone),
        timezone=zone.key,
        can_play=page.can_play,
        can_update=page.can_update,
        quoted=QUOTED_SPEECH,
        notice=translate(page.notice, language),
    )
    text = f"{counted(len(page.messages), 'voicemail')} for the inbox page."
    return View(join_notices(text, QUOTED_SPEECH, page.notice), content)


def page_sound(uuid: str, piece: SoundPiece) -> View[PageSound]:
    """Return a piece of a message's sound for the page."""
    content = PageSound(
        uuid=uuid,
        sample_rate=piece.sample_rate,
        encoding="mulaw",
        total_samples=piece.total_samples,
        offset=piece.offset,
        data=base64.b64encode(piece.mulaw).decode(),
        marked_read=piece.marked_read,
    )
    return View("Sound for the inbox page.", content)


def _item(message: PageMessage, zone: ZoneInfo, now: datetime, *, is_whole: bool) -> PageItem:
    known = message.voicemail
    item = PageItem.of_message(
        known,
        zone,
        now,
        playing_marks_read=message.playing_marks_read,
        callback=_callback(known.callback, zone),
        mark=_mark(known, zone),
        opening=_opening(known, zone),
    )
    if message.hit:
        item.snippet, item.close = highlighted(message.hit.snippet), message.hit.close
    if transcript := message.entry.transcript:
        shown, said = shown_item(message.entry, zone, now)
        words = [
            [(word.text, _rounded(word.start_seconds), int(word.is_doubtful)) for word in each] for each in shown.words
        ]
        item.transcript = _transcript(transcript, said, words, most=None if is_whole else MOST_WORDS)
        item.phone_numbers, item.times = tuple(said.phone_numbers), tuple(said.times)
        item.heard_otherwise = tuple(said.heard_otherwise)
        item.peaks = transcript.peaks
    return item


def _transcript(
    transcript: Transcript, said: TranscriptionItem, words: Sequence[Sequence[WordCell]], most: int | None
) -> PageTranscript:
    left = sum(map(len, words)) if most is None else most
    segments = []
    for segment, cells in zip(transcript.segments, words, strict=True):
        kept = list(islice(cells, left))
        left -= len(kept)
        if kept:
            segments.append(PageSegment(**(dict(segment) | {"words": kept})))
    return PageTranscript(
        language=said.language,
        segments=segments,
        is_cut=sum(len(segment.words) for segment in segments) < sum(map(len, words)),
        hardly_understood=said.hardly_understood,
        by_machine=said.by_machine,
        heard=said.heard,
    )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)


def _callback(callback: Callback | None, zone: ZoneInfo) -> PageCallback | None:
    if callback is None:
        return None
    times = {"at": timestamp(callback.at, zone), "rang_again_at": timestamp(callback.rang_again_at, zone)}
    return PageCallback(**(dict(callback) | times))


def _mark(known: ListedVoicemail, zone: ZoneInfo) -> PageMark | None:
    mark = known.mark
    if mark is None or mark.state == "noted":
        return None
    return PageMark(state=mark.state, at=timestamp(mark.at, zone), by=mark.by)


def _opening(known: ListedVoicemail, zone: ZoneInfo) -> PageOpening | None:
    opening = known.opening
    return PageOpening(at=timestamp(opening.at, zone), by=opening.by) if opening else None
