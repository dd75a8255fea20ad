"""Requests as people and models make them, and the queries that the PBX and the archive get for them."""

import base64
import binascii
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, ValidationError

from vm_mcp.archive import MessageRange
from vm_mcp.dates import parse_moment
from vm_mcp.errors import InputError
from vm_mcp.models import Model, ReadStatus, VoicemailQuery

AHEAD = timedelta(hours=12)
"""Added to the current time where a list has no upper end: a clock may be slow, even by a time zone. With it, a list of
thirty days still takes one request."""
DEFAULT_DAYS = 30
"""How far back a list goes by default: one request, since the PBX accepts ranges of up to 31 days."""


class ListRequest(Model):
    """What to list; see ``vm_mcp.dates`` for the dates."""

    model_config = ConfigDict(str_strip_whitespace=True)

    since: str = ""
    until: str = ""
    status: ReadStatus = "all"
    extension: str = ""
    caller: str = ""
    limit: int = 20
    cursor: str = ""
    """From the page before. It holds the whole query, so the other filters are ignored."""

    def as_query(self, now: datetime, zone: ZoneInfo) -> VoicemailQuery:
        """Return the query for the PBX.

        Without `until` it has no upper end: this computer's clock may be slow, and the newest messages would be hidden.

        Raises:
            InputError: A date, the cursor or the range is unusable.
        """
        if self.cursor:
            return _decode_cursor(self.cursor)
        now = now.replace(microsecond=0)
        until = parse_moment(self.until, zone=zone, now=now, edge="end") if self.until else now
        default = until - timedelta(days=DEFAULT_DAYS)
        until = until if self.until else until + AHEAD
        since = parse_moment(self.since, zone=zone, now=now, edge="start") if self.since else default
        _check_order(since, until)
        return VoicemailQuery(
            since=since, until=until, status=self.status, extension=self.extension, caller=self.caller
        )


class MissedRequest(Model):
    """Which missed calls to list; see ``vm_mcp.dates`` for the dates."""

    model_config = ConfigDict(str_strip_whitespace=True)

    since: str = ""
    until: str = ""
    extension: str = ""
    returned: Literal["all", "yes", "no"] = "all"


class ArchiveRequest(Model):
    """Which archived messages to read; see ``vm_mcp.dates`` for the dates."""

    model_config = ConfigDict(str_strip_whitespace=True)

    since: str = ""
    until: str = ""
    extension: str = ""

    def as_range(self, now: datetime, zone: ZoneInfo) -> MessageRange:
        """Return the range for the archive.

        Raises:
            InputError: A date or the range is unusable.
        """
        since = parse_moment(self.since, zone=zone, now=now, edge="start") if self.since else None
        until = parse_moment(self.until, zone=zone, now=now, edge="end") if self.until else None
        if since and until:
            _check_order(since, until)
        return MessageRange(since, until, self.extension)


class SearchRequest(ArchiveRequest):
    """What to look for in the transcripts; see ``vm_mcp.archive.query`` for the query."""

    query: str
    limit: int = Field(default=20, ge=1)


def encode_cursor(query: VoicemailQuery) -> str:
    """Return a query as one opaque word."""
    return base64.urlsafe_b64encode(query.model_dump_json(exclude_defaults=True).encode()).decode()


def _decode_cursor(cursor: str) -> VoicemailQuery:
    try:
        return VoicemailQuery.model_validate_json(base64.b64decode(cursor, altchars=b"-_", validate=True))
    except (ValidationError, binascii.Error, ValueError):
        raise InputError("`cursor` is not one that this server returned. List again without it.") from None


def _check_order(since: datetime, until: datetime) -> None:
    if since > until:
        raise InputError("`since` is after `until`. Swap them, or leave one out.")
