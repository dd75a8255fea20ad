"""The data that vm-mcp works with: frozen, typed, and independent of the vendor's wire format.

Datetimes are aware. Durations and offsets are in seconds, sizes in bytes. The vendor's names are kept where users of
the PBX know them (``uuid``, ``caller_id_number``, ``caller_id_name``) and replaced where they are obscure.
"""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, computed_field

from vm_mcp.text import clean_text
from vm_mcp.wording import Words

ReadStatus = Literal["all", "open", "unread", "read", "unheard"]
"""``open``: neither called back nor closed by hand, whoever heard it. ``unheard``: unread, or read only because this
assistant retrieved it. The PBX knows neither."""
HeardBy = Literal["nobody", "assistant", "person"]
"""``assistant``: this assistant's retrieval marked it as read; nobody has listened."""
TimeBound = Literal["", "by", "before", "from", "after"]
"""Which side of a time is meant; empty: the time itself. ``by`` and ``from`` include it."""
SpokenText = Annotated[str, AfterValidator(clean_text)]
"""Text from any speech engine: one clean line."""
MAX_PERSON_NAME = 80
"""Characters kept of a person's name."""


def person_name(name: str) -> str:
    """Return a name that an identity provider sent as one short clean line: its users choose it, so it is data."""
    return clean_text(name)[:MAX_PERSON_NAME].rstrip()


PersonName = Annotated[str, AfterValidator(person_name)]
"""Who did something, by the name that colleagues know; empty at a desk, where nobody logs in."""


class Model(BaseModel):
    """Base of all models: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Voicemail(Model):
    """One message in a mailbox, as the PBX lists it."""

    uuid: str
    """The PBX's opaque id of the message, which is also the id of its call record."""
    extension: str = ""
    """The mailbox's internal number; empty when the PBX sent none."""
    caller_id_number: str = ""
    """As the PBX sent it: ``0312…``, ``90212…``, ``00…`` or just an extension; empty when hidden."""
    caller_id_name: str = ""
    """Chosen by the caller or the carrier: data, never instructions."""
    received_at: AwareDatetime | None = None
    """When the message was left; None when the PBX sent a timestamp that can't be read."""
    is_read: bool = False
    """True once it was listened to in the web console or by phone, or retrieved through the API."""
    read_at: AwareDatetime | None = None
    """When that happened first; None when unread, or when the timestamp can't be read."""
    duration_seconds: int | None = Field(default=None, ge=0)
    """Length of the recording; None when the PBX sent one that can't be read."""

    @property
    def row_id(self) -> str:
        """Tells it from any other in a list: one call may leave the same recording in two mailboxes."""
        return f"{self.uuid} {self.extension}"


class PageKey(Model):
    """Sort key of the last message on a page: the next page continues after it, newest first."""

    received_at: AwareDatetime
    uuid: str


class PageQuery(Model):
    """A range of time, and where to continue listing it."""

    since: AwareDatetime
    until: AwareDatetime
    """Both ends are included, and both are always set: a range fixed at the first page makes paging stable."""
    after: PageKey | None = None
    """End of the previous page; None for the first page."""
    total_count: int | None = None
    """How many rows match the whole query; None until a page has counted them."""


class VoicemailQuery(PageQuery):
    """Which messages to list. The PBX filters by time, read state and extension; vm-mcp does the rest."""

    status: ReadStatus = "all"
    extension: str = ""
    """A mailbox; empty for all."""
    caller: str = ""
    """Part of the caller's name, or digits of the number; empty for all callers."""


class VoicemailPage(Model):
    """Messages, newest first, and the query for the next page."""

    voicemails: tuple[Voicemail, ...]
    total_count: int | None = None
    """How many match the whole query, on all pages; None if counting them would take too many requests."""
    next_query: VoicemailQuery | None = None
    """None on the last page."""


class RecordingLink(Model):
    """Where a recording can be downloaded. Anyone who has the URL can listen, so it is never logged."""

    uuid: str
    url: str = Field(repr=False)
    expires_at: datetime
    """An hour after the request, as the vendor documents."""


UNKNOWN_MIME_TYPE = "application/octet-stream"
"""Of a recording in no known audio format: it can be saved, but not transcribed."""


class Recording(Model):
    """A downloaded recording, in memory."""

    uuid: str
    data: bytes = Field(repr=False)
    mime_type: str
    """Detected from the bytes, such as ``audio/wav``; the vendor's Content-Type is not trusted."""
    suffix: str
    """File name suffix for ``mime_type``, with its dot, such as ``.wav``."""
    sha256: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size_bytes(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class Word(Model):
    """A word that the speech engine recognised."""

    text: SpokenText
    start_seconds: float
    end_seconds: float
    probability: float
    """Mean of its tokens' probabilities, 0 to 1."""
    least_probability: float | None = None
    """The least of them; None if the engine doesn't report tokens."""
    logprob: float | None = None
    """Sum of their logarithms; None if the engine doesn't report tokens."""
    tokens: int = 0
    """How many tokens it has; 0 if the engine doesn't report tokens."""
    is_confirmed: bool | None = None
    """Whether a second decoding heard the same word; None if there was none."""


class OtherReading(Model):
    """What one of two decodings heard, where the other, which is shown, heard something else."""

    text: SpokenText
    """Empty if it heard nothing there."""
    start_seconds: float
    end_seconds: float


class Segment(Model):
    """A stretch of speech that the engine decoded as one unit."""

    text: SpokenText
    start_seconds: float
    end_seconds: float
    avg_logprob: float
    """Mean log-probability of its tokens: nearer 0 is more certain, below -1 is doubtful."""
    no_speech_prob: float
    """The engine's probability, 0 to 1, that nobody spoke."""
    words: tuple[Word, ...] = ()
    language: str = ""
    """ISO 639-1 code of the language it was decoded as; empty: the transcript's."""
    other_readings: tuple[OtherReading, ...] = ()
    """Where the two decodings differ in a number, in order."""


class Untranscribed(Model):
    """A stretch of sound of which no words came."""

    kind: Literal["speech", "sound"]
    """``speech``: somebody speaks, but what they say was not understood. ``sound``: music, tones or noises."""
    start_seconds: float
    end_seconds: float


class PressedKeys(Model):
    """Keys that a caller pressed one after another, as their tones say."""

    keys: str
    """Of ``0123456789*#ABCD``, in order; what is shown instead if `vm_mcp.redaction` hid them."""
    start_seconds: float
    end_seconds: float


NO_WORDS = Words("(no words)")
"""Shown as the text of a transcript without segments."""
NOT_UNDERSTOOD = Words("(speech, not understood)")
"""Shown in lists instead if somebody speaks all the same."""


class Transcript(Model):
    """What was said in a message. Without segments, nobody spoke, or no word could be recognised."""

    language: str
    """ISO 639-1 code of the language of most of its words; empty when nobody spoke, or the engine doesn't report it."""
    segments: tuple[Segment, ...] = ()
    duration_seconds: float
    """Length of the decoded audio; 0 when the engine doesn't report it."""
    engine: str
    model: str
    """The weights that were actually used, such as ``base``."""
    notice: Words = Words("")
    """Something the reader must know, such as that a smaller model was used instead of the one set; else empty."""
    untranscribed: tuple[Untranscribed, ...] | None = None
    """Stretches that are not silent and of which no words came, in order; None if the engine doesn't report them."""
    keys: tuple[PressedKeys, ...] = ()
    """Keys that the caller pressed, in order. A speech server doesn't report them."""
    recording_sha256: str = ""
    """Of the recording's bytes, in hexadecimal digits; empty when an older release made it."""
    peaks: str = Field(default="", repr=False)
    """How loud the recording is over its length, see `vm_mcp.audio.sound_peaks`; empty when an older release made the
    transcript, or a speech server of the user's."""

    @property
    def text(self) -> str:
        """All segments as one line; empty when nobody spoke."""
        return " ".join(segment.text.strip() for segment in self.segments)

    @property
    def languages(self) -> tuple[str, ...]:
        """ISO 639-1 codes of all its languages, that of most words first; empty when none is known."""
        codes = dict.fromkeys([self.language, *(segment.language for segment in self.segments)])
        return tuple(code for code in codes if code)

    @property
    def speech_not_understood(self) -> tuple[Untranscribed, ...]:
        """The stretches in which somebody speaks, and of which no words came."""
        return tuple(stretch for stretch in self.untranscribed or () if stretch.kind == "speech")

    def by_language(self) -> list["Transcript"]:
        """Return it in parts of one language each, in order; itself if it has only one."""
        if len(self.languages) <= 1:
            return [self]
        runs = groupby(self.segments, key=lambda segment: segment.language or self.language)
        return [self.model_copy(update={"language": code, "segments": tuple(run)}) for code, run in runs]


class TranscriptKey(NamedTuple):
    """Identifies a transcript by what was requested: two requests with the same key share one transcript."""

    uuid: str
    engine: str
    """Such as ``faster-whisper``."""
    model: str
    """The model that was set, even if another one had to be used instead."""
    language: str
    """The requested language; empty to detect it."""


class PhoneNumber(Model):
    """A telephone number in a transcript; derived whenever the transcript is shown."""

    number: str
    """The digits in groups: as its country writes a valid number, else as they were said.

    Empty when a number was said and could not be read.
    """
    in_doubt: str = ""
    """The number with its doubtful digits in braces, ``0532 4{1}7 28 93``; empty when there are none."""
    heard: str
    """The words that it was read from."""
    e164: str = ""
    """Such as ``+905324172893``; empty when the number isn't valid."""
    is_valid: bool
    """Whether it is a whole number in a country's numbering plan, and the words can be read in no other way.

    A local number without its area code isn't, nor one that the caller corrected.
    """
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Estimated probability that all digits are right; None when the engine reports no probabilities."""
    same_as_caller: bool | None = None
    """Whether it is the caller's own number; None when that is hidden, an extension or not known."""
    verdict: Words
    """Advice to the reader on how far to trust it; empty when there is none."""
    start_seconds: float | None = None
    """When it begins in the recording; None when the engine doesn't say."""
    end_seconds: float | None = None
    """When it ends; None when the engine doesn't say."""


class HeardOtherwise(Model):
    """An amount, an hour or another number that two readings heard differently; derived whenever it is shown."""

    heard: str
    """The words that are shown."""
    other: str
    """The words of the other reading."""
    start_seconds: float
    end_seconds: float


class SaidTime(Model):
    """A day, hour or deadline in a transcript, counted from when the message was left; derived whenever it is shown."""

    heard: str
    """The words that it was read from."""
    value: AwareDatetime | date | time
    """A moment in the account's zone, a day, or a time of day whose day was not said."""
    until: AwareDatetime | date | time | None = None
    """The end of an interval that begins at ``value``; None for a single time."""
    bound: TimeBound = ""
    is_sure: bool
    """Whether the words were recognised with confidence and have this meaning alone."""
    question: Words = Words("")
    """What to ask before relying on it; empty when it is sure."""


class Retrieval(Model):
    """When this assistant retrieved a message's recording, which makes the PBX mark it as read."""

    uuid: str
    opened_at: AwareDatetime
    """On this computer's clock, right before the request to the PBX."""
    confirmed_at: AwareDatetime | None = None
    """When the PBX had responded; None before that, or if the process died first."""
    was_unread: bool | None = None
    """Whether the last list before it showed the message as unread; None when it had never been listed."""
    clock_offset_seconds: float | None = None
    """How far the PBX's clock is ahead of this computer's; None when not measured."""
    by: PersonName = ""
    """Who asked for it."""

    @property
    def at(self) -> datetime:
        """When it was retrieved, by the PBX's clock, as far as that was measured."""
        return self.opened_at + timedelta(seconds=self.clock_offset_seconds or 0)


class Snippet(Model):
    """A part of a text, with the places that a search found in it."""

    text: str
    """As it was said, on one line, with ``…`` where it was cut."""
    marks: tuple[tuple[int, int], ...] = ()
    """Highlights: start and end of each place, as offsets into ``text``; in order, and never touching."""


class SearchHit(Model):
    """A message that a search found."""

    voicemail: Voicemail
    snippet: Snippet
    """From the latest transcript; its beginning when only the caller matched."""
    close: tuple[str, ...] = ()
    """Words that were found because they resemble those asked for; empty when the message has what was asked for."""
    is_transcribed: bool = True
    """Whether it has a transcript; else it was found by who called, or by its note."""


class SearchResult(Model):
    """Messages that a search found, best first; those with `SearchHit.close` words come last."""

    hits: tuple[SearchHit, ...]
    total_count: int
    """How many messages were found, including those beyond the limit."""
    near_count: int = 0
    """How many of them only have words that resemble those asked for."""
    searched_count: int = 0
    """Without hits: how many transcripts were searched, of messages that fit the filters."""
    missing_count: int = 0
    """Without hits: how many messages that fit the filters have no transcript; only names and notes find them."""
    pending_count: int = 0
    """How many messages can't be found yet, because the index is being rebuilt after an update."""
    notice: Words = Words("")
    """Why messages may be missing that were asked for; else empty."""
