"""The voicemail endpoints: list messages, find one, fetch its recording."""

import asyncio
import hashlib
from collections.abc import Callable, Container, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from vm_mcp.errors import InputError, PbxUnavailableError, RecordingError, VoicemailNotFoundError
from vm_mcp.ids import check_uuid
from vm_mcp.models import Recording, RecordingLink, Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.pbx.caller_filter import matches_caller
from vm_mcp.pbx.paging import SMALL_PAGE, Keep, Pager
from vm_mcp.pbx.responses import LinkExpiredError
from vm_mcp.pbx.time_windows import TimeWindow, ceil_second, cut_windows, floor_second
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.voicemail_wire import parse_recording_url, parse_voicemails
from vm_mcp.pbx.wire import WirePage

T = TypeVar("T")

OnAsked = Callable[[], None]
"""Called right before the PBX is asked for a recording, which marks its message as read; waiting for the account's rate
limit comes before."""

MAX_RECORDING_BYTES = 50_000_000
MAX_RANGE = timedelta(days=366)
LIST_SECONDS = 50.0
"""How long the requests of one list may take together: hosts wait for a minute."""
FETCH_SECONDS = 90.0
"""How long a recording's link, its download and a second try may take together; a big one on a slow line takes one."""
LOOK_BACK_SECONDS = 25.0
"""How long one message is looked for in the past; a PBX in good health takes a tenth of it."""
LINK_LIFE = timedelta(hours=1)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""Between them any padding stays a date, and no voicemail is older."""


class VoicemailService:
    """The account's voicemail; `PbxClient.voicemails`.

    Args:
        transport: The account's.
        clock: Returns the time, aware.
        max_recording_bytes: A larger recording is refused.
    """

    def __init__(self, transport: Transport, clock: Callable[[], datetime], max_recording_bytes: int) -> None:
        self._transport = transport
        self._clock = clock
        self._max_recording_bytes = max_recording_bytes

    async def list(self, query: VoicemailQuery, limit: int, keep: Keep[Voicemail] | None = None) -> VoicemailPage:
        """List messages, newest first; marks none as read.

        What the PBX can't filter by (a caller, ``keep``) reads the whole range, thirty requests at most: it may then
        return fewer than ``limit``, even none, with a ``next_query`` that goes on from there.

        Args:
            query: Which; `VoicemailPage.next_query` of the page before for the next one.
            limit: How many at most, 1 or more; up to nine fewer may come where they would cost another request.
            keep: Which of them belong to the list, where that is not for the PBX to know; None: all.

        Returns:
            Its ``total_count`` is the PBX's own where it was not needed to read all: a message in the very second
            before or after a window's end may be counted too.

        Raises:
            InputError: The limit is under 1, or the range is upside down or over 366 days.
            PbxError: One of its kinds; never an empty page in its place.
        """
        if limit < 1:
            raise InputError("`limit` must be 1 or more.")
        _check_range(query)
        filters = {"read": {"unread": "false", "read": "true"}.get(query.status, ""), "user_number": query.extension}

        async def fetch(window: TimeWindow, number: int, size: int) -> WirePage[Voicemail]:
            params = _dates(window) | {"limit": str(size), "page": str(number)}
            return await self._messages(params | {name: value for name, value in filters.items() if value})

        pager = Pager(fetch, query, limit, _filter(query.caller.strip(), keep))
        page = await _within(LIST_SECONDS, pager.page())
        rest = {"after": page.after, "total_count": page.total_count}
        return VoicemailPage(
            voicemails=page.rows,
            total_count=page.total_count,
            next_query=query.model_copy(update=rest) if page.after else None,
        )

    async def get(self, uuid: str) -> Voicemail:
        """Look a message up; does not mark it as read.

        What the PBX lists when it is told no dates is undocumented, and may be the latest messages only. So one that
        it doesn't have then is looked for in the last 366 days, the newest first: twelve requests more at most.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has it.
            PbxError: Another of its kinds.
        """
        check_uuid(uuid)
        found = await self._find(uuid) or await self._look_back(uuid)
        if not found:
            raise VoicemailNotFoundError(
                "No voicemail of the last 366 days has that uuid. List the voicemails and use a uuid from there."
            )
        return found

    async def is_listed(self, uuid: str, since: datetime, until: datetime) -> bool:
        """Whether the account has a message; one request, which marks nothing as read.

        Args:
            uuid: The message.
            since: It was left then or later.
            until: It was left then or earlier, within 30 days.

        Raises:
            PbxError: One of its kinds.
        """
        return await self._find(uuid, TimeWindow(floor_second(since), ceil_second(until))) is not None

    async def recording_link(self, uuid: str, on_asked: OnAsked | None = None) -> RecordingLink:
        """Ask for a link to a recording. The PBX marks the message as read.

        Args:
            uuid: The message.
            on_asked: See `OnAsked`.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has it.
            PbxError: Another of its kinds.
        """
        asked = self._clock()
        body = await self._transport.post("/voicemail_recording_url/", {"uuid": check_uuid(uuid)}, on_asked)
        url = self._transport.secured(parse_recording_url(body))
        return RecordingLink(uuid=uuid, url=url, expires_at=asked + LINK_LIFE)

    async def fetch_recording(self, uuid: str, on_asked: OnAsked | None = None) -> Recording:
        """Download a recording. The PBX marks the message as read.

        Args:
            uuid: The message.
            on_asked: See `OnAsked`; where the link expires meanwhile, it is asked for, and this called, once more.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has it.
            RecordingError: Its link is refused twice, leads where nothing is downloaded from, or to too much, or to
                what is no audio.
            PbxError: Another of its kinds.
        """
        data = await _within(FETCH_SECONDS, self._download_or_again(uuid, on_asked))
        return await asyncio.to_thread(_recording, uuid, data)

    async def _look_back(self, uuid: str) -> Voicemail | None:
        now = self._clock()

        async def look() -> Voicemail | None:
            for window in cut_windows(now - MAX_RANGE, now):
                if found := await self._find(uuid, window):
                    return found
            return None

        return await _within(LOOK_BACK_SECONDS, look())

    async def _find(self, uuid: str, window: TimeWindow | None = None) -> Voicemail | None:
        params = {"uuid": uuid, "limit": str(SMALL_PAGE), "page": "1"} | (_dates(window) if window else {})
        with suppress(VoicemailNotFoundError):  # perhaps only in this window
            page = await self._messages(params)
            found = (listed.row for listed in page.rows)
            return next((row for row in found if row.uuid.casefold() == uuid.casefold()), None)
        return None

    async def _download_or_again(self, uuid: str, on_asked: OnAsked | None) -> bytes:
        try:
            return await self._download(uuid, on_asked)
        except LinkExpiredError:
            return await self._download(uuid, on_asked)

    async def _download(self, uuid: str, on_asked: OnAsked | None) -> bytes:
        link = await self.recording_link(uuid, on_asked)
        return await self._transport.download(link.url, self._max_recording_bytes)

    async def _messages(self, params: dict[str, str]) -> WirePage[Voicemail]:
        return parse_voicemails(await self._transport.get("/voicemail_messages", params))


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Await work whose every request is in time and which still may take too long as a whole."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await work
    raise PbxUnavailableError("The PBX answers too slowly. Ask for less at a time, or try again later.")


def _filter(caller: str, keep: Keep[Voicemail] | None) -> Keep[Voicemail] | None:
    if not caller:
        return keep

    async def both(voicemails: Sequence[Voicemail]) -> Container[str]:
        theirs = [voicemail for voicemail in voicemails if matches_caller(voicemail, caller)]
        return await keep(theirs) if keep else {voicemail.uuid for voicemail in theirs}

    return both


def _dates(window: TimeWindow) -> dict[str, str]:
    start, end = window.bounds
    return {"start_stamp_from": start, "start_stamp_to": end}


def _check_range(query: VoicemailQuery) -> None:
    if query.since > query.until:
        raise InputError("`since` lies after `until`. Swap them, or leave one out.")
    if query.since < EARLIEST or query.until > LATEST:
        raise InputError("`since` and `until` must lie between the years 2000 and 2099.")
    if query.until - query.since > MAX_RANGE:
        raise InputError("`since` and `until` are more than 366 days apart. Ask for a year at most at a time.")


def _recording(uuid: str, data: bytes) -> Recording:
    from vm_mcp.audio import sniff

    known = sniff(data)
    if known is None:
        raise RecordingError(
            "What the PBX gave as the recording is no audio that is known here. Listen to it in the vendor's web "
            "console; if that works, report the message's uuid."
        )
    return Recording(
        uuid=uuid, data=data, mime_type=known.mime_type, suffix=known.suffix, sha256=hashlib.sha256(data).hexdigest()
    )
