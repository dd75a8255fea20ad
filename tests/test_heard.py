"""Who has heard a message: what follows from the PBX's timestamps and from when this assistant retrieved it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.archive_samples import NOW, moments, voicemail

from vm_mcp.heard import PENDING_FOR, SLACK, UNMEASURED_SLACK, heard_by, opening_of
from vm_mcp.models import HeardBy, Retrieval, Voicemail


def retrieval(
    opened_at: datetime = NOW, took: float | None = 2, *, unread: bool | None = True, ahead: float | None = 0
) -> Retrieval:
    confirmed_at = None if took is None else opened_at + timedelta(seconds=took)
    return Retrieval(
        uuid="u", opened_at=opened_at, confirmed_at=confirmed_at, was_unread=unread, clock_offset_seconds=ahead
    )


def read(after: float | None) -> Voicemail:
    """Return a message read so many seconds after the retrieval began, on the PBX's clock; None for no timestamp."""
    return voicemail("u", is_read=True, read_at=None if after is None else NOW + timedelta(seconds=after))


HOUR = 3600.0
PENDING = PENDING_FOR.total_seconds()


@pytest.mark.parametrize(
    ("message", "ours", "expected"),
    [
        (voicemail("u"), None, "nobody"),
        (voicemail("u"), retrieval(), "nobody"),
        (read(0), None, "person"),
        (read(None), None, "person"),
        (read(0), retrieval(unread=False), "person"),
        (read(None), retrieval(), "assistant"),
        (read(None), retrieval(unread=None), "assistant"),
        (read(0), retrieval(), "assistant"),
        (read(-4), retrieval(), "assistant"),
        (read(-6), retrieval(), "person"),
        (read(6), retrieval(), "assistant"),
        (read(8), retrieval(), "person"),
        (read(-HOUR), retrieval(unread=None), "person"),
        (read(1), retrieval(unread=None), "assistant"),
        # The process died before the PBX responded.
        (read(PENDING), retrieval(took=None), "assistant"),
        (read(PENDING + 6), retrieval(took=None), "person"),
        # The PBX's clock is an hour ahead or behind.
        (read(HOUR), retrieval(ahead=HOUR), "assistant"),
        (read(0), retrieval(ahead=HOUR), "person"),
        (read(-HOUR), retrieval(ahead=-HOUR), "assistant"),
        (read(0), retrieval(ahead=-HOUR), "person"),
        # The clocks were not compared.
        (read(-100), retrieval(ahead=None), "assistant"),
        (read(-130), retrieval(ahead=None), "person"),
    ],
)
def test_who_heard_it_follows_from_the_timestamp_and_the_retrieval(
    message: Voicemail, ours: Retrieval | None, expected: HeardBy
) -> None:
    assert heard_by(message, ours) == expected


@given(
    opened_at=moments.filter(lambda at: 1971 < at.year < 9998),
    took=st.floats(0, 600),
    fraction=st.floats(0, 1),
    ahead=st.none() | st.integers(-90_000, 90_000),
)
def test_our_own_retrieval_is_never_taken_for_a_persons(
    opened_at: datetime, took: float, fraction: float, ahead: int | None
) -> None:
    read_at = opened_at + timedelta(seconds=took * fraction + (ahead or 0))
    listed = voicemail("u", is_read=True, read_at=read_at.replace(microsecond=0))
    assert heard_by(listed, retrieval(opened_at, took, ahead=ahead)) == "assistant"


@given(st.floats(1, 1e6), st.none() | st.integers(-90_000, 90_000))
def test_a_person_who_listened_well_before_or_after_is_never_taken_for_us(away: float, ahead: int | None) -> None:
    slack = (UNMEASURED_SLACK if ahead is None else SLACK).total_seconds()
    skew = ahead or 0
    for after in (-away - slack + skew, 2 + away + slack + skew):
        assert heard_by(read(after), retrieval(ahead=ahead)) == "person"


@pytest.mark.parametrize(
    ("message", "ours", "is_named"),
    [
        (read(0), retrieval(), True),
        (read(0), retrieval(took=None), True),
        (read(-HOUR), retrieval(), True),
        (read(-HOUR), retrieval(took=None), False),
        (voicemail("u"), retrieval(), True),
        (voicemail("u"), retrieval(took=None), False),
        (read(0), None, False),
    ],
)
def test_whoever_had_a_message_opened_is_named_where_that_is_known(
    message: Voicemail, ours: Retrieval | None, *, is_named: bool
) -> None:
    named = ours and ours.model_copy(update={"by": "Ayşe Kaya"})
    assert opening_of(message, named) == (named if is_named else None)
    assert opening_of(message, ours) is None, "at a desk nobody logs in"
    assert heard_by(message, named) == heard_by(message, ours), "asking for a recording is not listening to it"
