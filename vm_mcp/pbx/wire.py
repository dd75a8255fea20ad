"""Parse the vendor's JSON, of any endpoint: pages of rows, and fields.

The vendor's own examples hold typos (``017-08-03``, ``+030``, ``00:0:35``), so an unusable field costs that field and
not the row or the page. Nothing here raises anything but `PbxProtocolError`.
"""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

from vm_mcp.errors import PbxProtocolError
from vm_mcp.ids import is_usable_uuid
from vm_mcp.telephone import is_withheld
from vm_mcp.text import DOUBT_START, clean_text

logger = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")

MAX_TEXT = 256
"""Characters kept of a name or number, which the caller may choose freely."""
MAX_DIGITS = 128
"""Of a JSON number where text is expected; Python can't print one of thousands of digits."""
YEARS = range(2000, 2100)
"""A timestamp of any other year is a typo. Near the calendar's ends, converting it to another time zone would fail."""

_MINUTE = 60
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(UTC|Z|[+-]\d\d:?\d\d)", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})", re.ASCII)


class WireRow(NamedTuple, Generic[R]):
    """One row of a list, and what paging needs to know of it."""

    at: datetime | None
    """The time that the list is sorted by; None when it can't be parsed."""
    row_id: str
    """Unique within the list."""
    row: R


@dataclass(frozen=True, slots=True)
class WirePage(Generic[R]):
    """One page, its rows in the vendor's order."""

    rows: tuple[WireRow[R], ...]
    total_count: int | None
    """Rows on all pages; None when the answer doesn't say."""
    total_pages: int
    """At least 1, also when the answer doesn't say."""
    row_count: int = 0
    """Rows in the answer, with those that were left out."""

    def counted_pages(self, page_size: int) -> int:
        """Return how many pages there must be by ``total_count``, if ``total_pages`` is too small; 0 for no size.

        A PBX that sends fewer rows than it was asked for may count its pages as if it had sent them all.
        """
        return max(self.total_pages, -(-(self.total_count or 0) // page_size)) if page_size else self.total_pages


def parse_page(body: bytes, name: str, parse_row: Callable[[dict[str, Any]], WireRow[R] | None]) -> WirePage[R]:
    """Parse the answer to a list request.

    Args:
        body: The answer's body.
        name: The key of the list, such as ``messages``.
        parse_row: Parses one row; returns None for one without a usable id, which is left out.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no such list.
    """
    answer = as_object(parse_json(body))
    rows: Any = answer.get(name)
    usable = parse_rows(rows, name, parse_row)
    pagination = as_object(answer.get("pagination"))
    total_count = read_count(pagination.get("total_count"))
    # Without total_pages, assume that every page holds as many rows as this one.
    derived = -(-total_count // len(rows)) if total_count and rows else 1
    return WirePage(usable, total_count, max(1, read_count(pagination.get("total_pages")) or derived), len(rows))


def parse_rows(rows: object, name: str, parse_row: Callable[[dict[str, Any]], T | None]) -> tuple[T, ...]:
    """Parse the rows of a list, see `parse_page`.

    Raises:
        PbxProtocolError: It is no list.
    """
    if not isinstance(rows, list):
        raise PbxProtocolError(
            "The PBX's answer holds no list of {name}. Check that VM_MCP_BASE_URL is the address of its API.", name=name
        )
    parsed = [parse_row(row) if isinstance(row, dict) else None for row in rows]
    usable = tuple(row for row in parsed if row is not None)
    if len(usable) < len(rows):
        logger.warning("%d listed %s have no usable id and were left out", len(rows) - len(usable), name)
    return usable


def parse_json(body: bytes) -> object:
    """Parse a body as JSON.

    Raises:
        PbxProtocolError: It is not JSON.
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
    """Return a JSON object unchanged, and an empty one for any other value."""
    return value if isinstance(value, dict) else {}


def read_text(value: object) -> str:
    """Return a string without surrounding space, or an integer's digits; empty for any other type."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_DIGITS:
        return str(value)
    return ""


def read_label(value: object) -> str:
    """Return text that a caller may have chosen: cleaned, `MAX_TEXT` characters at most, and without doubt marks."""
    return clean_text(read_text(value))[:MAX_TEXT].replace(DOUBT_START, "(?").strip()


def read_caller(value: object) -> str:
    """Return a telephone number as a caller or a carrier wrote it; empty when it is withheld."""
    number = read_label(value)
    return "" if is_withheld(number) else number


def read_uuid(value: object) -> str:
    """Return an id; empty when it is missing (also as the word ``null``) or unsafe."""
    uuid = read_text(value)
    return uuid if is_usable_uuid(uuid) and uuid.casefold() not in {"null", "none"} else ""


def read_flag(value: object) -> bool | None:
    """Return true or false, also where it is the word; None for anything else."""
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(read_text(value).casefold())


def read_timestamp(value: object) -> datetime | None:
    """Parse ``2017-08-03 12:30:32 +0300`` (or ``UTC``) into a UTC datetime within `YEARS`; None for anything else."""
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
    """Parse ``00:01:05``, ``00:0:35``, ``1:05`` or ``65`` into seconds; None for anything else."""
    text = read_text(value)
    if re.fullmatch(r"\d{1,6}", text, re.ASCII):
        return int(text)
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * _MINUTE + minutes) * _MINUTE + seconds if max(minutes, seconds) < _MINUTE else None


def read_count(value: object) -> int | None:
    """Parse a count of up to nine digits; None for anything else."""
    text = read_text(value)
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
