"""One account: its PBX, its archive on this computer, and the rule for opening a message."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vm_mcp.config import with_stored_key
from vm_mcp.errors import AccountMismatchError, ArchiveError, InputError, PbxAuthError, VoicemailNotFoundError

if TYPE_CHECKING:
    from vm_mcp.archive import Archive
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient
    from vm_mcp.pbx.voicemails import OnAsked

Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)

_NEVER_OPENED = (InputError, PbxAuthError, VoicemailNotFoundError)
"""After these the PBX has marked nothing. Not so after a request too many, or another that it refuses: the recording is
asked for in two steps, each tried more than once, and one before may have marked the message."""


@dataclass
class Account:
    """Use it from one event loop, and close it there."""

    settings: "Settings"
    clock: Clock
    client: "PbxClient | None" = None
    """Made when it is first needed; see `pbx`."""
    _archive: "Archive | None" = None
    _opening: "asyncio.Task[Archive] | None" = None
    """One for all who ask meanwhile: each try may ask the PBX."""
    _mismatch: str = ""
    """Why the archive is not opened with this key; to find that out again would cost requests each time."""
    _is_keyless: bool = False
    """Whether the archive was opened without a key."""
    _replaced: "Archive | None" = None
    """The one that was opened without a key; somebody may be reading it still."""

    async def pbx(self) -> "PbxClient":
        """Return the client, made at first use: a server without a key starts, and says so when asked.

        The keyring, asked where no setting holds the key, may take its time: not on the event loop.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        return self.client or self._client(await self._keyed())

    async def archive(self) -> "Archive":
        """Return the account's archive, opened at first use: a server's start waits for no disk.

        A key that is new to this computer may have to show first whose it is, see `vm_mcp.inbox.identity`.

        Raises:
            ConfigError: There is neither a key nor an account's name.
            AccountMismatchError: It is another account's, for as long as this key is at work.
            ArchiveError: It can't be told which archive is the account's.
        """
        if self._mismatch:
            raise AccountMismatchError(self._mismatch)
        if self._archive is None or (self._is_keyless and self.settings.api_key):
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open_archive())
                self._opening.add_done_callback(_retrieve)
            return await asyncio.shield(self._opening)
        return self._archive

    @asynccontextmanager
    async def retrieving(self, uuid: str, on_asked: "OnAsked | None" = None) -> AsyncIterator["OnAsked"]:
        """Note that this assistant opens a message, before the PBX is asked for its recording within the block.

        What can't have been opened is forgotten again: the PBX refused it, or the block was cancelled before it asked.
        After any other failure the PBX may have marked the message, so the note stays. Once the PBX was asked, the
        archive's own failures are only logged: what was heard matters more.

        Args:
            uuid: The message.
            on_asked: Told, too.

        Yields:
            What to call right before the PBX is asked.

        Raises:
            ArchiveError: It can't be noted; nothing was opened.
        """
        pbx = await self.pbx()
        opened_at = self.clock()
        is_asked = False

        def note_asked() -> None:
            nonlocal is_asked
            is_asked = True
            if on_asked:
                on_asked()

        try:
            await (await self.archive()).record_retrieval(
                uuid, opened_at, clock_offset_seconds=pbx.clock_offset_seconds
            )
            yield note_asked
        except _NEVER_OPENED:
            await self._withdraw_retrieval(uuid, opened_at)
            raise
        except asyncio.CancelledError:
            if not is_asked:
                await self._withdraw_retrieval(uuid, opened_at)
            raise
        with _logged():
            await (await self.archive()).confirm_retrieval(
                uuid, opened_at, clock_offset_seconds=pbx.clock_offset_seconds
            )

    async def aclose(self) -> None:
        """Let go of the connections and the file."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self.client:
            await self.client.aclose()
        for archive in (self._archive, self._replaced):
            if archive:
                await archive.aclose()

    async def _withdraw_retrieval(self, uuid: str, opened_at: datetime) -> None:
        with _logged():
            await (await self.archive()).withdraw_retrieval(uuid, opened_at)

    async def _keyed(self) -> "Settings":
        """Return the settings with the key that is at work, the same one from the moment on that there is one.

        With another one, taken over while this runs, an account's messages would go into the archive of another.
        """
        if not self.settings.api_key:
            keyed = await asyncio.to_thread(with_stored_key, self.settings)
            if not self.settings.api_key:  # another call may have been faster
                self.settings = keyed
        return self.settings

    async def _open_archive(self) -> "Archive":
        from vm_mcp.inbox.identity import open_archive

        settings = await self._keyed()
        try:
            archive = await open_archive(settings, self.pbx, self.clock)
        except AccountMismatchError as error:
            self._mismatch = str(error)
            raise
        self._replaced, self._archive = self._archive, archive
        self._is_keyless = settings.api_key is None
        return archive

    def _client(self, settings: "Settings") -> "PbxClient":
        from vm_mcp.pbx import PbxClient

        if self.client is None:  # another call may have been faster
            self.client = PbxClient(settings, clock=self.clock)
        return self.client


def _retrieve(opening: "asyncio.Task[Archive]") -> None:
    """Look at a failure, since asyncio complains of one that nobody did: who waited for it may be gone."""
    if not opening.cancelled():
        opening.exception()


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        logger.warning("an opening's outcome could not be noted: %s", error)
