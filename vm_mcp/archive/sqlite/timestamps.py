"""Convert between aware datetimes and what the archive stores: whole microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def to_stored(moment: datetime) -> int: ...
@overload
def to_stored(moment: None) -> None: ...
@overload
def to_stored(moment: datetime | None) -> int | None: ...
def to_stored(moment: datetime | None) -> int | None:
    """Return the stored form of a datetime."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def from_stored(stored: int | None) -> datetime | None:
    """Return a stored datetime, in UTC; None also for one out of range, which only damage can cause."""
    try:
        return None if stored is None else _EPOCH + stored * _MICROSECOND
    except OverflowError:
        return None
