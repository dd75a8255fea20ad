"""The voicemail endpoints: list messages, find one, fetch its recording."""

import asyncio
import hashlib
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from datetime import datetime

from vm_mcp.errors import RecordingError, VoicemailNotFoundError
from vm_mcp.ids import check_uuid
from vm_mcp.models import UNKNOWN_MIME_TYPE, Recording, RecordingLink, Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.pbx.caller_filter import CallerNames, matches_caller
from vm_mcp.pbx.paging import Keep, Pager, Sees
from vm_mcp.pbx.request_limits import MAX_RANGE, check_list, within
from vm_mcp.pbx.responses import LinkExpiredError
from vm_mcp.pbx.time_windows import TimeWindow, ceil_second, cut_windows, floor_second
from vm_mcp.pbx.transport import Transport
from vm_mcp.pbx.vendor import LINK_LIFETIME, SMALLEST_PAGE
from vm_mcp.pbx.voicemail_wire import parse_recording_url, parse_voicemails
from vm_mcp.pbx.wire import WirePage

OnAsked = Callable[[], None]
"""Called right before the request that marks a message as read is sent, after any wait for the rate limit."""

MAX_RECORDING_BYTES = 120_000_000
"""Half an hour, which is what is transcribed of a recording, at 16 kHz in two channels of 16 bits; of usual telephone
audio, two hours. Since a message is marked as read before its size is known, hardly any may be too large."""
LIST_SECONDS = 50.0
"""For all requests of one list: hosts wait for a minute."""
FETCH_SECONDS = 90.0
"""For a recording's link, its download, and both once more; a large one on a slow connection takes a minute."""
LOOK_BACK_SECONDS = 25.0
"""For the search for one message in the past, which usually takes a tenth of that."""


class VoicemailService:
    """The account's voicemail; `PbxClient.voicemails`.

    Args:
        transport: The account's.
        clock: Returns the current time, aware.
        max_recording_bytes: A larger recording is refused.
    """

    _sees: Sees[Voicemail] | None = None
    """Which messages may be seen; see `vm_mcp.pbx.allowed_voicemails`. None: all."""

    def __init__(self, transport: Transport, clock: Callable[[], datetime], max_recording_bytes: int) -> None:
        self._transport = transport
        self._clock = clock
        self._max_recording_bytes = max_recording_bytes

    async def list(
        self,
        query: VoicemailQuery,
        limit: int,
        keep: Keep[Voicemail] | None = None,
        caller_names: CallerNames | None = None,
    ) -> VoicemailPage:
        """List messages, newest first; marks none as read.

        The PBX can't filter by caller or by ``keep``. With either, the whole range is read, in thirty requests at most.
        The page may then hold fewer messages than ``limit``, even none, and a ``next_query`` that continues.

        Args:
            query: Which messages; for the next page, the `VoicemailPage.next_query` of the page before.
            limit: Most messages to return, 1 or more. Up to nine fewer come where they would take another request.
            keep: Returns the `Voicemail.row_id` of the messages that belong to the list; None: all do.
            caller_names: Returns other names of a message's caller that ``query.caller`` may mean.

        Returns:
            The page. Where not all messages were read, its ``total_count`` is the PBX's, which may include messages of
            the second before and after a window.

        Raises:
            InputError: ``limit`` is under 1, or the range is reversed, over 366 days or outside 2000 to 2099.
            PbxError: Any of its kinds; an empty page never stands for an error.
        """
        check_list(query, limit)
        filters = {"read": {"unread": "false", "read": "true"}.get(query.status, ""), "user_number": query.extension}

        async def fetch(window: TimeWindow, number: int, size: int) -> WirePage[Voicemail]:
            params = window.params | {"limit": str(size), "page": str(number)}
            return await self._messages(params | {name: value for name, value in filters.items() if value})

        pager = Pager(fetch, query, limit, _filter(query.caller.strip(), keep, caller_names), sees=self._sees)
        page = await within(LIST_SECONDS, pager.page())
        rest = {"after": page.after, "total_count": page.total_count}
        return VoicemailPage(
            voicemails=page.rows,
            total_count=page.total_count,
            next_query=query.model_copy(update=rest) if page.after else None,
        )

    async def get(self, uuid: str) -> Voicemail:
        """Return one message; does not mark it as read.

        Whether the PBX searches all messages when no dates are given is undocumented; it may search recent ones only.
        So a message not found that way is looked for in the last 366 days, newest window first: twelve more requests at
        most.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has that uuid.
            PbxError: Any other of its kinds.
        """
        check_uuid(uuid)
        voicemail = await self._find(uuid) or await self._look_back(uuid)
        if not voicemail:
            raise VoicemailNotFoundError(
                "No voicemail of the last 366 days has that uuid. List the voicemails and use a uuid from there."
            )
        return voicemail

    async def is_listed(self, uuid: str, since: datetime, until: datetime) -> bool:
        """Whether the account has a message. Takes one request, and marks nothing as read.

        Args:
            uuid: The message.
            since: The message was left then or later.
            until: The message was left then or earlier; at most 30 days after ``since``.

        Raises:
            PbxError: Any of its kinds.
        """
        return await self._find(uuid, TimeWindow(floor_second(since), ceil_second(until))) is not None

    async def recording_link(self, uuid: str, on_asked: OnAsked | None = None) -> RecordingLink:
        """Return a link to a recording. The PBX marks the message as read.

        Args:
            uuid: The message.
            on_asked: See `OnAsked`.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has that uuid.
            PbxError: Any other of its kinds.
        """
        asked = self._clock()
        body = await self._transport.post("/voicemail_recording_url/", {"uuid": check_uuid(uuid)}, on_asked)
        url = self._transport.secured(parse_recording_url(body))
        return RecordingLink(uuid=uuid, url=url, expires_at=asked + LINK_LIFETIME)

    async def fetch_recording(self, uuid: str, on_asked: OnAsked | None = None) -> Recording:
        """Return a recording. The PBX marks the message as read.

        Args:
            uuid: The message.
            on_asked: See `OnAsked`; called again if the link is refused and a second one is asked for.

        Raises:
            InputError: The uuid is unusable.
            VoicemailNotFoundError: No message has that uuid.
            RecordingError: Two links were refused, or the link leads to a host that nothing is downloaded from, to too
                many bytes, or to something other than audio.
            PbxError: Any other of its kinds.
        """
        data = await within(FETCH_SECONDS, self._download_or_again(uuid, on_asked))
        return await asyncio.to_thread(_recording, uuid, data)

    async def _look_back(self, uuid: str) -> Voicemail | None:
        now = self._clock()

        async def search() -> Voicemail | None:
            for window in cut_windows(now - MAX_RANGE, now):
                if voicemail := await self._find(uuid, window):
                    return voicemail
            return None

        return await within(LOOK_BACK_SECONDS, search())

    async def _find(self, uuid: str, window: TimeWindow | None = None) -> Voicemail | None:
        params = {"uuid": uuid, "limit": str(SMALLEST_PAGE), "page": "1"} | (window.params if window else {})
        with suppress(VoicemailNotFoundError):  # it may be in another window
            page = await self._messages(params)
            rows = (listed.row for listed in page.rows if self._sees is None or self._sees(listed.row))
            return next((row for row in rows if row.uuid.casefold() == uuid.casefold()), None)
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


def _filter(caller: str, keep: Keep[Voicemail] | None, names: CallerNames | None) -> Keep[Voicemail] | None:
    if not caller:
        return keep

    async def keep_callers(voicemails: Sequence[Voicemail]) -> Container[str]:
        matching = [each for each in voicemails if matches_caller(each, caller, names(each) if names else ())]
        return await keep(matching) if keep else {voicemail.row_id for voicemail in matching}

    return keep_callers


def _recording(uuid: str, data: bytes) -> Recording:
    from vm_mcp.audio import is_text, sniff

    audio_format = sniff(data)
    if audio_format is None and is_text(data):
        raise RecordingError(
            "What the PBX sent as the recording is a text and no audio. Listen to it in the vendor's web console; if "
            "that works, report the message's uuid."
        )
    # Any other bytes may be audio to another program, so they can be saved.
    return Recording(
        uuid=uuid,
        data=data,
        mime_type=audio_format.mime_type if audio_format else UNKNOWN_MIME_TYPE,
        suffix=audio_format.suffix if audio_format else ".bin",
        sha256=hashlib.sha256(data).hexdigest(),
    )
