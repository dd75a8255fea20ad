"""What archives are tested with: a clock, messages and transcripts, and strategies for them."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zlib import crc32

from hypothesis import strategies as st

from vm_mcp.archive import Archive, Lease, MessageRange
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.models import Segment, Transcript, TranscriptKey, Voicemail, Word

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

OpenArchive = Callable[[Callable[[], datetime]], Archive]
"""Open an archive with a clock. Every call is another process's view of the same archive."""
MakeRoom = Callable[[Path], OpenArchive]
"""Prepare an empty archive, which may use the folder, and return how to open it."""


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def key(uuid: str = "u", model: str = "small", language: str = "") -> TranscriptKey:
    return TranscriptKey(uuid, "scripted", model, language)


def transcript(text: str, language: str = "tr") -> Transcript:
    segment = Segment(text=text, start_seconds=0, end_seconds=2, avg_logprob=-0.2, no_speech_prob=0.01)
    return Transcript(
        language=language,
        segments=(segment,) if text else (),
        duration_seconds=2,
        engine="scripted",
        model="small",
    )


def voicemail(uuid: str, name: str = "", number: str = "", days_ago: float = 0, **fields: object) -> Voicemail:
    given = {"received_at": NOW - timedelta(days=days_ago), "extension": "1001", **fields}
    return Voicemail(uuid=uuid, caller_id_name=name, caller_id_number=number, **given)


def is_tried(archive: Archive, *example: str) -> bool:
    """Return whether an example is tried on an archive: of those on a server, which take longer, a quarter are."""
    return isinstance(archive, SqliteArchive) or crc32("".join(example).encode()) % 4 == 0


async def leased(archive: Archive, wanted: TranscriptKey | None = None, *, refresh: bool = False) -> Lease:
    wanted = wanted or key()
    lease = await archive.acquire(wanted, await archive.newest_id(wanted.uuid) if refresh else 0)
    assert isinstance(lease, Lease)
    return lease


async def keep(archive: Archive, uuid: str, text: str, listed: Voicemail | None = None) -> None:
    """Store a message and what was said in it."""
    if listed:
        await archive.note_listed([listed])
    assert await archive.save(await leased(archive, key(uuid), refresh=True), transcript(text))


async def keep_apart(archive: Archive, text: str, *, number: str = "", language: str = "tr") -> MessageRange:
    """Store a message in a mailbox of its own, and return the range that contains only that message."""
    mailbox = fresh()
    await archive.note_listed([voicemail(mailbox, number=number, extension=mailbox)])
    assert await archive.save(await leased(archive, key(mailbox)), transcript(text, language))
    return MessageRange(extension=mailbox)


_numbers = itertools.count()


def fresh() -> str:
    """Return a uuid or mailbox that is unique in the test run."""
    return f"fresh-{next(_numbers)}"


_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=_zones)  # noqa: DTZ001 - bounds are naive
spoken = st.text(max_size=80)
_floats = st.floats()
words = st.builds(Word, text=spoken, start_seconds=_floats, end_seconds=_floats, probability=_floats)
segments = st.builds(
    Segment,
    text=spoken,
    start_seconds=_floats,
    end_seconds=_floats,
    avg_logprob=_floats,
    no_speech_prob=_floats,
    words=st.lists(words, max_size=4).map(tuple),
)
transcripts = st.builds(
    Transcript,
    language=st.sampled_from(["", "tr", "en"]),
    segments=st.lists(segments, max_size=4).map(tuple),
    duration_seconds=_floats,
    engine=st.text(max_size=20),
    model=st.text(max_size=20),
    notice=st.text(max_size=40),
    peaks=st.text("ABC/+=", max_size=268),
)
voicemails = st.builds(
    Voicemail,
    uuid=st.text(min_size=1, max_size=128),
    extension=st.text(max_size=10),
    caller_id_number=st.text(max_size=30),
    caller_id_name=st.text(max_size=60),
    received_at=st.none() | moments,
    is_read=st.booleans(),
    read_at=st.none() | moments,
    duration_seconds=st.none() | st.integers(0, 10**6),
)
