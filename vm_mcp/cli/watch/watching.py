"""Ask for new messages again and again, whatever comes between: no network, a refused key, a laptop that slept."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn

from vm_mcp.errors import ConfigError, InputError, PbxAuthError, PbxError, VmError
from vm_mcp.inbox import ListRequest
from vm_mcp.inbox.overview import LOOKED_AT

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from vm_mcp.inbox import Inbox, ListedPage, ListedVoicemail

OVERLAP = timedelta(hours=2)
"""How much is listed again each time: a message is filed under when its call began, and appears when it has ended."""
REFUSED_SECONDS = 600.0
"""How long to wait after what a person must put right, such as a refused key."""


class Reports:
    """What a watch tells its person; each trouble once."""

    async def started(self, open_count: int | None) -> None:
        """Say that it has begun; the count of open messages is None where that isn't known."""
        raise NotImplementedError

    async def arrived(self, voicemails: Sequence["ListedVoicemail"]) -> None:
        """Say that messages are new, the oldest first."""
        raise NotImplementedError

    async def trouble(self, error: VmError, *, is_for_person: bool) -> None:
        """Say what is wrong; ``is_for_person``: nobody else can put it right."""
        raise NotImplementedError

    async def recovered(self) -> None:
        """Say that the trouble is over."""
        raise NotImplementedError


class Watch:
    """Watches one account.

    Args:
        opened: Opens the inbox, with the key as it is stored then.
        reports: Is told everything.
        interval_seconds: Between two lists.
        extension: Only this mailbox; empty: all.
        wait: Waits for so many seconds.
    """

    def __init__(
        self,
        opened: "Callable[[], AbstractAsyncContextManager[Inbox]]",
        reports: Reports,
        interval_seconds: float,
        extension: str = "",
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._opened = opened
        self._reports = reports
        self._interval_seconds = interval_seconds
        self._extension = extension
        self._wait = wait
        self._listed_until: datetime | None = None
        """By the PBX's clock; None before the first list."""
        self._seen: frozenset[str] = frozenset()
        """`Voicemail.row_id` of all messages of the last list: the next one begins later than that did."""
        self._trouble = ""

    async def run(self) -> NoReturn:
        """Watch until cancelled.

        Raises:
            InputError: The mailbox is unusable.
            ConfigError: There is no key, or another setting is unusable, at the start.
        """
        while True:
            try:
                async with self._opened() as inbox:
                    await self._watch(inbox)
            except InputError:
                raise
            except ConfigError as error:
                if self._listed_until is None:
                    raise
                await self._report(error, is_for_person=True)
            except VmError as error:
                await self._report(error, is_for_person=True)
            await self._wait(REFUSED_SECONDS)

    async def _watch(self, inbox: "Inbox") -> NoReturn:
        """List until something goes wrong that a person must put right; the inbox is opened anew after that."""
        while True:
            try:
                await self._look(inbox)
            except PbxAuthError:
                raise
            except PbxError as error:
                await self._report(error, is_for_person=False)
            await self._wait(self._interval_seconds)

    async def _look(self, inbox: "Inbox") -> None:
        since = (self._listed_until - OVERLAP).isoformat() if self._listed_until else ""
        page = await inbox.list_voicemails(ListRequest(since=since, extension=self._extension, limit=LOOKED_AT))
        is_first, before = self._listed_until is None, self._seen
        self._listed_until = page.until
        self._seen = frozenset(voicemail.row_id for voicemail in page.voicemails)
        if self._trouble:
            self._trouble = ""
            await self._reports.recovered()
        if is_first:
            await self._reports.started(_open_count(page))
        elif new := [voicemail for voicemail in reversed(page.voicemails) if voicemail.row_id not in before]:
            await self._reports.arrived(new)

    async def _report(self, error: VmError, *, is_for_person: bool) -> None:
        kind = type(error).__name__  # the same trouble may be worded with another number of seconds
        if kind != self._trouble:
            self._trouble = kind
            await self._reports.trouble(error, is_for_person=is_for_person)


def _open_count(page: "ListedPage") -> int | None:
    is_known = all(voicemail.state for voicemail in page.voicemails)
    return sum(voicemail.is_open for voicemail in page.voicemails) if is_known else None
