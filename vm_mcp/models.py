"""The shapes that travel through vm-mcp: frozen, typed, and without a trace of the wire's spelling.

Datetimes are aware. Durations and offsets are seconds, sizes are bytes. The vendor's names are kept where a user of
the PBX knows them (``uuid``, ``caller_id_number``, ``caller_id_name``) and replaced where they are obscure.
"""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, computed_field

from vm_mcp.text import clean_text

ReadStatus = Literal["all", "unread", "read", "unheard"]
"""``unheard``: unread, or read only because this assistant opened it, which the PBX can't tell."""
HeardBy = Literal["nobody", "assistant", "person"]
"""``assistant``: marked as read by this assistant alone; nobody has listened."""
SpokenText = Annotated[str, AfterValidator(clean_text)]
"""What a speech engine made of a stranger's words: one clean line, whichever engine it was."""


class Model(BaseModel):
    """Base of all models: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Voicemail(Model):
    """One message in a mailbox, as the PBX lists it."""

    uuid: str
    """The PBX's opaque id of the message, also the id of its call record."""
    extension: str = ""
    """The mailbox's internal number; empty when the PBX sent none."""
    caller_id_number: str = ""
    """As the PBX sent it: ``0312…``, ``90212…``, ``00…`` or a bare extension; empty when hidden."""
    caller_id_name: str = ""
    """Chosen by the caller or their carrier: data, never instructions."""
    received_at: AwareDatetime | None = None
    """When the message was left; None when the PBX sent a stamp that can't be read."""
    is_read: bool = False
    """True once somebody listened in the web console, by phone or through the API."""
    read_at: AwareDatetime | None = None
    """When it was first listened to; None when unread, or when the stamp can't be read."""
    duration_seconds: int | None = Field(default=None, ge=0)
    """Length of the recording; None when the PBX sent a length that can't be read."""


class PageKey(Model):
    """The last message of a page: the next page holds what sorts after it, newest first."""

    received_at: AwareDatetime
    uuid: str


class PageQuery(Model):
    """A range of time, and how far a list of it has come."""

    since: AwareDatetime
    until: AwareDatetime
    """Both ends are included, and both are always set: a range frozen at the first page makes paging stable."""
    after: PageKey | None = None
    """Where the page before this one ended."""
    total_count: int | None = None
    """How many rows match the whole query, once a page has found out."""


class VoicemailQuery(PageQuery):
    """Which messages to list. The PBX filters by time, read state and extension; the rest is done here."""

    status: ReadStatus = "all"
    extension: str = ""
    """Empty: every mailbox."""
    caller: str = ""
    """Part of the caller's name, or digits of the number; empty: every caller."""


class VoicemailPage(Model):
    """Messages, newest first, and the query that continues them."""

    voicemails: tuple[Voicemail, ...]
    total_count: int | None = None
    """How many match the whole query, over all pages; None while that would cost too many requests."""
    next_query: VoicemailQuery | None = None
    """None when nothing is left."""


class RecordingLink(Model):
    """Where a recording can be downloaded. Whoever has the URL can listen: never log it."""

    uuid: str
    url: str = Field(repr=False)
    expires_at: datetime
    """The vendor promises an hour from the asking."""


class Recording(Model):
    """A downloaded recording, in memory."""

    uuid: str
    data: bytes = Field(repr=False)
    mime_type: str
    """Sniffed from the bytes, such as ``audio/wav``: the vendor's Content-Type is not trusted."""
    suffix: str
    """File name suffix that fits ``mime_type``, with its dot, such as ``.wav``."""
    sha256: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size_bytes(self) -> int:
        """Length of ``data``."""
        return len(self.data)


class Word(Model):
    """A word as the speech engine heard it."""

    text: SpokenText
    start_seconds: float
    end_seconds: float
    probability: float


class Segment(Model):
    """A stretch of speech that the engine decoded as one."""

    text: SpokenText
    start_seconds: float
    end_seconds: float
    avg_logprob: float
    """Mean log-probability of its tokens: nearer 0 is surer; below -1 is doubtful."""
    no_speech_prob: float
    """The engine's own estimate that nobody spoke, 0 to 1."""
    words: tuple[Word, ...] = ()


NO_WORDS = "(no words)"
"""Stands for the text of a transcript without segments."""


class Transcript(Model):
    """What was said in a message. No segments means that nobody spoke, or that no word could be made out."""

    language: str
    """ISO 639-1 code of the language it was decoded as; empty when nobody spoke, or the engine doesn't tell."""
    segments: tuple[Segment, ...] = ()
    duration_seconds: float
    """Length of the decoded audio; 0 when the engine doesn't tell."""
    engine: str
    model: str
    """The weights that were really used, such as ``base``."""
    notice: str = ""
    """Something the reader must know, such as a smaller model used in place of the one set; else empty."""

    @property
    def text(self) -> str:
        """All segments as one line; empty when nobody spoke."""
        return " ".join(segment.text.strip() for segment in self.segments)


class TranscriptKey(NamedTuple):
    """What makes two transcripts the same, in the words of whoever asks."""

    uuid: str
    engine: str
    """Such as ``faster-whisper``."""
    model: str
    """The one that was set, also where another had to stand in for it."""
    language: str
    """The one asked for; empty: detected."""


class PhoneNumber(Model):
    """A telephone number as a speech engine heard it said; worked out when a transcript is shown."""

    number: str
    """The digits in the groups that people write: a country's own for a valid number, else those heard."""
    heard: str
    """The words it was read from."""
    e164: str = ""
    """Such as ``+905324172893``; empty when it is no valid number."""
    is_valid: bool
    """Whether some country's plan has such a number; a local one without its area code is not."""
    confidence: float | None = Field(default=None, ge=0, le=1)
    """Estimated chance that all digits are right; None when the engine tells no probabilities."""
    same_as_caller: bool | None = None
    """Whether it is the caller ID; None when that is hidden, an extension or not known."""
    verdict: str
    """How far to trust it, in words for the reader; empty when there is nothing to say."""


class Retrieval(Model):
    """When this assistant opened a message, which makes the PBX show it as read."""

    uuid: str
    opened_at: AwareDatetime
    """On this computer's clock, just before the PBX was asked."""
    confirmed_at: AwareDatetime | None = None
    """When the PBX had answered; None while it has not, or the process died first."""
    was_unread: bool | None = None
    """What the last list before it said; None when the message had never been listed."""
    clock_offset_seconds: float | None = None
    """How far the PBX's clock is ahead of this computer's; None when nobody measured it."""


class Snippet(Model):
    """A part of a text with the words that were found in it."""

    text: str
    """As it was said, on one line; ``…`` stands where it was cut."""
    marks: tuple[tuple[int, int], ...] = ()
    """Start and end of each hit, as offsets into ``text``; in order, never touching one another."""


class SearchHit(Model):
    """One message that was found."""

    voicemail: Voicemail
    snippet: Snippet
    """From the latest transcript; its beginning when only the caller was found."""


class SearchResult(Model):
    """What was found, the best first."""

    hits: tuple[SearchHit, ...]
    total_count: int
    """How many messages match, shown or not."""
