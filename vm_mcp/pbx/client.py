"""The account's voicemail, as methods."""

import asyncio
import hashlib
from collections.abc import Callable, Container, Coroutine, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import SecretStr

from vm_mcp.errors import ConfigError, InputError, PbxUnavailableError, RecordingError, VoicemailNotFoundError
from vm_mcp.models import Recording, RecordingLink, Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.pbx.answers import LinkExpiredError
from vm_mcp.pbx.callers import matches_caller
from vm_mcp.pbx.listing import SMALL_PAGE, Keep, Listing
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.windows import Window, cut
from vm_mcp.pbx.wire import MAX_UUID, WirePage, is_usable_uuid, parse_page, parse_recording_url

if TYPE_CHECKING:
    import httpx

    from vm_mcp.config import Settings

T = TypeVar("T")

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


def check_uuid(uuid: str) -> str:
    """Give a message's id back, if it is safe to send and to print; it is opaque otherwise.

    Raises:
        InputError: It is empty, too long, or holds whitespace, slashes or invisible characters.
    """
    if not is_usable_uuid(uuid):
        raise InputError(
            f"`uuid` is not a voicemail's: at most {MAX_UUID} characters, without spaces or slashes. "
            "Use one that a list of voicemails gave."
        )
    return uuid


class PbxClient:
    """One account of the PBX. Use it from one event loop, and close it there.

    Each client counts its own requests, see `vm_mcp.pbx.transport.Transport`: two of them may together ask for more
    than the vendor allows, and then wait as it tells them to.

    Args:
        settings: Key and address.
        max_recording_bytes: A larger recording is refused.
        requests_per_second: What the vendor allows an account; four and a half seconds' worth may go at once.
        transport: Answers in place of the network.
        clock: Gives the time, aware.

    Raises:
        ConfigError: There is no key, or the address is unusable or would send the key over plain http.
    """

    def __init__(
        self,
        settings: "Settings",
        *,
        max_recording_bytes: int = MAX_RECORDING_BYTES,
        requests_per_second: float = 2.0,
        transport: "httpx.AsyncBaseTransport | None" = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._transport = Transport(
            _check_key(settings.api_key), settings.base_url, requests_per_second=requests_per_second, mock=transport
        )
        self._max_recording_bytes = max_recording_bytes
        self._clock = clock

    @property
    def clock_offset_seconds(self) -> float | None:
        """How far the PBX's clock is ahead of this computer's, as its last answer told; None when none did."""
        return self._transport.clock_offset_seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def list_messages(self, query: VoicemailQuery, limit: int, keep: Keep | None = None) -> VoicemailPage:
        """List messages, newest first; marks none as read.

        What the PBX can't filter by (a caller, ``keep``) reads the whole range, thirty requests at most: it may then
        give fewer than ``limit``, even none, with a ``next_query`` that goes on from there.

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

        async def fetch(window: Window, number: int, size: int) -> WirePage:
            params = _dates(window) | {"limit": str(size), "page": str(number)}
            return await self._messages(params | {name: value for name, value in filters.items() if value})

        listing = Listing(fetch, query, limit, _filter(query.caller.strip(), keep))
        return await _within(LIST_SECONDS, listing.page())

    async def get_message(self, uuid: str) -> Voicemail:
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

    async def recording_url(self, uuid: str) -> RecordingLink:
        """Ask for a link to a recording. The PBX marks the message as read.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has it.
            PbxError: Another of its kinds.
        """
        asked = self._clock()
        body = await self._transport.post("/voicemail_recording_url/", {"uuid": check_uuid(uuid)})
        url = self._transport.secured(parse_recording_url(body))
        return RecordingLink(uuid=uuid, url=url, expires_at=asked + LINK_LIFE)

    async def fetch_recording(self, uuid: str) -> Recording:
        """Download a recording. The PBX marks the message as read.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has it.
            RecordingError: Its link is refused twice, leads where nothing is downloaded from, or to too much, or to
                what is no audio.
            PbxError: Another of its kinds.
        """
        data = await _within(FETCH_SECONDS, self._download_or_again(uuid))
        return await asyncio.to_thread(_recording, uuid, data)

    async def _look_back(self, uuid: str) -> Voicemail | None:
        now = self._clock()

        async def look() -> Voicemail | None:
            for window in cut(now - MAX_RANGE, now):
                if found := await self._find(uuid, window):
                    return found
            return None

        return await _within(LOOK_BACK_SECONDS, look())

    async def _find(self, uuid: str, window: Window | None = None) -> Voicemail | None:
        params = {"uuid": uuid, "limit": str(SMALL_PAGE), "page": "1"} | (_dates(window) if window else {})
        with suppress(VoicemailNotFoundError):  # perhaps only in this window
            page = await self._messages(params)
            return next((found for found in page.voicemails if found.uuid.casefold() == uuid.casefold()), None)
        return None

    async def _download_or_again(self, uuid: str) -> bytes:
        try:
            return await self._download(uuid)
        except LinkExpiredError:
            return await self._download(uuid)

    async def _download(self, uuid: str) -> bytes:
        link = await self.recording_url(uuid)
        return await self._transport.download(link.url, self._max_recording_bytes)

    async def _messages(self, params: dict[str, str]) -> WirePage:
        return parse_page(await self._transport.get("/voicemail_messages", params))


async def _within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Await work whose every request is in time and which still may take too long as a whole."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await work
    raise PbxUnavailableError("The PBX answers too slowly. Ask for less at a time, or try again later.")


def _filter(caller: str, keep: Keep | None) -> Keep | None:
    if not caller:
        return keep

    async def both(voicemails: Sequence[Voicemail]) -> Container[str]:
        theirs = [voicemail for voicemail in voicemails if matches_caller(voicemail, caller)]
        return await keep(theirs) if keep else {voicemail.uuid for voicemail in theirs}

    return both


def _dates(window: Window) -> dict[str, str]:
    start, end = window.bounds
    return {"start_stamp_from": start, "start_stamp_to": end}


def _check_key(key: SecretStr | None) -> SecretStr:
    value = key.get_secret_value().strip() if key else ""
    if not value:
        raise ConfigError(
            "There is no API key. Run `vm-mcp login`, or set VM_MCP_API_KEY, with the one shown in "
            "Online İşlem Merkezi > Bulut Santralim > Santral Ayarlarım."
        )
    return SecretStr(value)


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
