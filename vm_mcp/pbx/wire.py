"""The vendor's JSON, whatever endpoint it is of: pages of rows, and fields that may hold slips.

Nothing here raises anything but `PbxProtocolError`. One unusable field costs that field, not the row or the page.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from vm_mcp.errors import PbxProtocolError
from vm_mcp.text import clean_text

logger = logging.getLogger(__name__)

R = TypeVar("R")

MAX_TEXT = 256
"""Characters kept of a name or number: a caller may send a novel."""
MAX_DIGITS = 128
"""Of a number that stands where text is meant."""
YEARS = range(2000, 2100)
"""A timestamp of any other year is a slip, and at the calendar's ends no other time zone could show it."""

_MINUTE = 60
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(UTC|Z|[+-]\d\d:?\d\d)", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})", re.ASCII)


class WireRow(NamedTuple, Generic[R]):
    """One row of a list, with what paging goes by."""

    at: datetime | None
    """Its time; None when that can't be read."""
    row_id: str
    """What no other row of the list has."""
    row: R


@dataclass(frozen=True, slots=True)
class WirePage(Generic[R]):
    """One page as the vendor sent it, in the vendor's order."""

    rows: tuple[WireRow[R], ...]
    total_count: int | None
    """None when the pagination doesn't say."""
    total_pages: int
    """1 when the pagination doesn't say."""


def parse_page(body: bytes, name: str, parse_row: Callable[[dict[str, Any]], WireRow[R] | None]) -> WirePage[R]:
    """Read the answer to a list request.

    Args:
        body: As received.
        name: The key of the list, such as ``messages``.
        parse_row: Reads one row; None for one that nothing could be done with.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no such list.
    """
    answer = as_object(parse_json(body))
    rows = answer.get(name)
    if not isinstance(rows, list):
        raise PbxProtocolError(
            f"The PBX's answer holds no list of {name}. Check that VM_MCP_BASE_URL is the address of its API."
        )
    parsed = [parse_row(row) if isinstance(row, dict) else None for row in rows]
    usable = tuple(row for row in parsed if row)
    if len(usable) < len(rows):
        logger.warning("%d listed %s have no usable uuid and were left out", len(rows) - len(usable), name)
    pagination = as_object(answer.get("pagination"))
    total_count = read_count(pagination.get("total_count"))
    # Without a number of pages, the count tells it: as many a page as came.
    guess = -(-total_count // len(rows)) if total_count and rows else 1
    return WirePage(usable, total_count, max(1, read_count(pagination.get("total_pages")) or guess))


def parse_json(body: bytes) -> object:
    """Read a body as JSON.

    Raises:
        PbxProtocolError: It is none.
    """
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        # Not chained: the decoder's error carries the vendor's body.
        problem = PbxProtocolError(
            "The PBX answered with something that is not JSON. Check that VM_MCP_BASE_URL is the address of its API, "
            "then try again."
        )
    else:
        return value
    raise problem


def as_object(value: object) -> dict[str, Any]:
    """Return a JSON object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def read_text(value: object) -> str:
    """Read text, or a number where text is meant; any other type counts as nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_DIGITS:
        return str(value)
    return ""


def read_label(value: object) -> str:
    """Read text that a stranger chooses: clean, and `MAX_TEXT` characters at most."""
    return clean_text(read_text(value))[:MAX_TEXT].strip()


def read_timestamp(value: object) -> datetime | None:
    """Read ``2017-08-03 12:30:32 +0300`` (or ``UTC``) as an aware UTC datetime within `YEARS`; else None."""
    match = _TIMESTAMP.fullmatch(read_text(value))
    if not match:
        return None
    day, time, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'Z' if zone == 'UTC' else zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def read_duration(value: object) -> int | None:
    """Read ``00:01:05``, ``00:0:35``, ``1:05`` or ``65`` as seconds; else None."""
    text = read_text(value)
    if re.fullmatch(r"\d{1,6}", text, re.ASCII):
        return int(text)
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * _MINUTE + minutes) * _MINUTE + seconds if max(minutes, seconds) < _MINUTE else None


def read_count(value: object) -> int | None:
    """Read a count of nine digits at most; else None."""
    text = read_text(value)
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
