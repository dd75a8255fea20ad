"""The vendor's JSON and text -> our models. Nothing here raises anything but `PbxProtocolError`."""

import json
import logging
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from vm_mcp.errors import PbxProtocolError
from vm_mcp.models import Voicemail
from vm_mcp.text import clean_text

logger = logging.getLogger(__name__)

MAX_TEXT = 256
"""Characters kept of a name or number: a caller may send a novel."""
MAX_UUID = 128
MAX_URL = 8000
"""Characters; a cloud drive's signed links have hundreds."""
MINUTE = 60
YEARS = range(2000, 2100)
"""A stamp from any other is a slip, and at the calendar's ends no other time zone could show it."""

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(UTC|Z|[+-]\d\d:?\d\d)", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})", re.ASCII)
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of what steers a display or breaks a line: control, bidi, zero-width, lone surrogates."""


@dataclass(frozen=True, slots=True)
class WirePage:
    """One page as the vendor sent it, in the vendor's order."""

    voicemails: tuple[Voicemail, ...]
    total_count: int | None
    """None when the pagination doesn't say."""
    total_pages: int
    """1 when the pagination doesn't say."""


def parse_page(body: bytes) -> WirePage:
    """Read the answer to a list request; one unusable field costs that field, not the message or the page.

    Raises:
        PbxProtocolError: The body is not JSON, or holds no list of messages.
    """
    answer = _object(_json(body))
    rows = answer.get("messages")
    if not isinstance(rows, list):
        raise PbxProtocolError(
            "The PBX's answer holds no list of messages. Check that VM_MCP_BASE_URL is the address of its API."
        )
    parsed = [parse_voicemail(row) for row in rows]
    voicemails = tuple(voicemail for voicemail in parsed if voicemail)
    if len(voicemails) < len(rows):
        logger.warning("%d listed messages have no usable uuid and were left out", len(rows) - len(voicemails))
    pagination = _object(answer.get("pagination"))
    total_count = _count(pagination.get("total_count"))
    # Without a number of pages, the count tells it: as many a page as came.
    guess = -(-total_count // len(rows)) if total_count and rows else 1
    return WirePage(voicemails, total_count, max(1, _count(pagination.get("total_pages")) or guess))


def parse_voicemail(row: object) -> Voicemail | None:
    """Read one message; None when it has no usable uuid, so that nothing could be done with it."""
    if not isinstance(row, dict):
        return None
    uuid = _text(row.get("uuid"))
    if not is_usable_uuid(uuid):
        return None
    read_stamp = row.get("read_stamp")
    return Voicemail(
        uuid=uuid,
        extension=_label(row.get("user_number")),
        caller_id_number=_label(row.get("caller_id_number")),
        caller_id_name=_label(row.get("caller_id_name")),
        received_at=parse_stamp(_text(row.get("start_stamp"))),
        # Null, "" and no stamp at all mean unread; one that can't be read still says that somebody listened.
        is_read=bool(read_stamp.strip() if isinstance(read_stamp, str) else read_stamp),
        read_at=parse_stamp(_text(read_stamp)),
        duration_seconds=_duration(row.get("duration")),
    )


def parse_stamp(stamp: str) -> datetime | None:
    """Read ``2017-08-03 12:30:32 +0300`` (or ``UTC``) as an aware UTC datetime within `YEARS`; else None."""
    match = _STAMP.fullmatch(stamp)
    if not match:
        return None
    day, time, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{'Z' if zone == 'UTC' else zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year in YEARS else None


def parse_recording_url(body: bytes) -> str:
    """Read the answer to a URL request: the bare URL, or JSON with the URL in ``url``.

    Raises:
        PbxProtocolError: It is neither.
    """
    text = body.decode(errors="replace").strip()
    if text.startswith(("{", '"')):
        answer = _json(body)
        text = _text(answer if isinstance(answer, str) else _object(answer).get("url"))
    if len(text) > MAX_URL or not re.fullmatch(r"https?://[!-~]+", text):
        raise PbxProtocolError(
            "The PBX answered with something that is no recording's address. Try again; if it stays, ask the vendor."
        )
    return text


def is_usable_uuid(uuid: str) -> bool:
    """Tell whether an id is safe to send, log and print; opaque otherwise, since the vendor's aren't always UUIDs."""
    return (
        0 < len(uuid) <= MAX_UUID
        and not set(uuid) <= {"."}
        and not any(char in "/\\" or char.isspace() or unicodedata.category(char) in _UNSAFE for char in uuid)
    )


def _json(body: bytes) -> object:
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


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Numbers are taken where strings are meant; any other type counts as nothing."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**MAX_UUID:
        return str(value)
    return ""


def _label(value: object) -> str:
    """Text that strangers choose: clean and bounded."""
    return clean_text(_text(value))[:MAX_TEXT].strip()


def _duration(value: object) -> int | None:
    """Seconds of ``00:01:05``, ``00:0:35``, ``1:05`` or ``65``."""
    text = _text(value)
    if re.fullmatch(r"\d{1,6}", text, re.ASCII):
        return int(text)
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * MINUTE + minutes) * MINUTE + seconds if max(minutes, seconds) < MINUTE else None


def _count(value: object) -> int | None:
    text = _text(value)
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None
