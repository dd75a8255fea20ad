"""One account: its PBX, its archive, and the record of every retrieval."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol

from vm_mcp.config import with_stored_key
from vm_mcp.errors import AccountMismatchError, ArchiveError, InputError, PbxAuthError, VoicemailNotFoundError
from vm_mcp.people import EVERYTHING, Access
from vm_mcp.wording import words

if TYPE_CHECKING:
    from vm_mcp.archive import Archive
    from vm_mcp.config import Settings
    from vm_mcp.pbx import PbxClient
    from vm_mcp.pbx.voicemails import OnAsked

Clock = Callable[[], datetime]
Changed = Literal["message", "transcript"]
"""What of a message has changed: its state or its read mark; or that, and what is known to have been said."""
OnChange = Callable[[str, Changed], None]
"""Called with the message's uuid; neither waits nor raises."""

logger = logging.getLogger(__name__)

CLOCK_SLACK = timedelta(minutes=1)
"""How far this computer's clock may differ from the PBX's before times are corrected and the user is told."""

UNMARKED = (InputError, PbxAuthError, VoicemailNotFoundError)
"""Errors after which the PBX has surely not marked the message as read. Rate limits and other refusals are not among
them: a retrieval takes two requests, each retried, and an earlier one may have marked the message."""


class AccountBacking(Protocol):
    """Opens what one account, or the views that several people have of it, stand on."""

    async def open_archive(self, account: "Account") -> "Archive":
        """Return the account's archive, as its `Account.access` allows to see it; the inbox closes it.

        Raises:
            VmError: It can't be opened.
        """
        ...

    def open_client(self, account: "Account") -> "PbxClient":
        """Return the account's PBX client, its own or one that is shared.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        ...

    async def close_client(self, client: "PbxClient") -> None:
        """Close a client unless others use it."""
        ...


def _ignore(_uuid: str, _changed: Changed) -> None:
    pass


@dataclass
class Account:
    """One account's PBX client and archive. Use it from one event loop, and close it there."""

    settings: "Settings"
    clock: Clock
    backing: AccountBacking
    access: Access = EVERYTHING
    """Who asks, and what of the account they may see and do."""
    on_change: OnChange = _ignore
    """Told of each message that is changed through this inbox."""
    client: "PbxClient | None" = None
    """Made at first use; see `pbx`, which everything else uses."""
    _seen_client: "PbxClient | None" = None
    """The client, limited to the mailboxes that may be seen."""
    _archive: "Archive | None" = None
    _opening: "asyncio.Task[Archive] | None" = None
    """The attempt in progress, shared by all calls, since each attempt may ask the PBX."""
    _mismatch: str = ""
    """Why this key may not open the archive; kept, since finding out again would cost requests at every call."""
    _is_keyless: bool = False
    """Whether the archive was opened without a key."""
    _replaced: "Archive | None" = None
    """The archive that was opened without a key, once there is one; a call may still be reading it."""

    async def pbx(self) -> "PbxClient":
        """Return the client, made at first use, so that a server without a key can start and say what is missing.

        It is limited to the mailboxes that `access` allows: whatever is asked through it can't list, find or fetch
        another's messages, so no caller of this needs a check of its own.

        Where no setting holds the key, the keyring is read off the event loop: it may wait for the user.

        Raises:
            ConfigError: No API key, or an unusable address.
        """
        await self._keyed()
        if self.client is None:
            self.client = self.backing.open_client(self)
        if self.access.extensions is None:
            return self.client
        if self._seen_client is None:
            self._seen_client = self.client.limited_to(self.access.extensions, self.check_seen)
        return self._seen_client

    async def check_seen(self, uuid: str) -> None:
        """Make sure that a message may be seen, before anything is done with it that the archive doesn't check.

        The archive knows most messages. Any other is looked up at the PBX and kept, since the archive lets nobody note
        anything of a message that it doesn't show them. What is in no mailbox of theirs is as unknown as a message that
        doesn't exist.

        Raises:
            VoicemailNotFoundError: No message that may be seen has that uuid.
            VmError: It can't be found out.
        """
        if self.access.extensions is None:
            return
        archive, asked_at = await self.archive(), self.clock()
        known = await archive.voicemail(uuid)
        if not (known and self.access.sees(known.extension)):
            await archive.note_listed([await (await self.pbx()).voicemails.get(uuid)], asked_at)

    @property
    def clock_offset(self) -> timedelta:
        """How far the PBX's clock is ahead of this computer's, where they differ by more than `CLOCK_SLACK`; else 0."""
        seconds = self.client.clock_offset_seconds if self.client else None
        offset = timedelta(seconds=seconds or 0)
        return offset if abs(offset) > CLOCK_SLACK else timedelta()

    def now(self) -> datetime:
        """Return the current time by the PBX's clock, which is the one of all messages and call records."""
        return self.clock() + self.clock_offset

    @property
    def clock_notice(self) -> str:
        """That this computer's clock is wrong; empty if it isn't."""
        if not self.clock_offset:
            return ""
        minutes = round(abs(self.clock_offset).total_seconds() / 60)
        is_slow = self.clock_offset > timedelta()
        if is_slow:
            return words(
                "This computer's clock is {minutes} min slow by the PBX's, which all times here follow: set it.",
                minutes=minutes,
            )
        return words(
            "This computer's clock is {minutes} min fast by the PBX's, which all times here follow: set it.",
            minutes=minutes,
        )

    async def archive(self) -> "Archive":
        """Return the account's archive, opened at first use, so that a server's start doesn't wait for the disk.

        With a key that is new to this computer, the PBX may be asked which archive it belongs to; see
        `vm_mcp.inbox.identity`.

        Raises:
            ConfigError: There is neither a key nor an account name.
            AccountMismatchError: It belongs to another account; stays so until the next start.
            ArchiveError: It is not known which archive belongs to the account.
        """
        if self._mismatch:
            raise AccountMismatchError(self._mismatch)
        if self._archive is None or (self._is_keyless and self.settings.api_key):
            if self._opening is None or self._opening.done():
                self._opening = asyncio.create_task(self._open_archive())
                self._opening.add_done_callback(_retrieve_error)
            return await asyncio.shield(self._opening)
        return self._archive

    @asynccontextmanager
    async def retrieving(self, uuid: str, on_asked: "OnAsked | None" = None) -> AsyncIterator["OnAsked"]:
        """Record that this assistant retrieves a message's recording; the block asks the PBX for it.

        The record is made before the PBX is asked, so that a crash can't lose it: the PBX never says who marked a
        message as read. It is withdrawn where the message was surely not marked, since the PBX refused, or the block
        was cancelled before it asked. After any other failure the PBX may have marked it, so the record stays.
        Once the PBX was asked, a failure of the archive is only logged: the recording matters more.

        Args:
            uuid: The message.
            on_asked: Also called right before the PBX is asked.

        Yields:
            The callback for the block to call right before it asks the PBX.

        Raises:
            AccessDeniedError: Whoever asks may open no messages.
            VoicemailNotFoundError: They may not see this one.
            ArchiveError: The record can't be made; the PBX was not asked.
        """
        self.access.require("voicemail:open")
        pbx = await self.pbx()
        await self.check_seen(uuid)
        retrieved_at = self.clock()
        is_asked = False

        def note_asked() -> None:
            nonlocal is_asked
            is_asked = True
            if on_asked:
                on_asked()

        try:
            await (await self.archive()).record_retrieval(
                uuid, retrieved_at, clock_offset_seconds=pbx.clock_offset_seconds, by=self.access.by
            )
            yield note_asked
        except UNMARKED:
            await self._withdraw_retrieval(uuid, retrieved_at)
            raise
        except asyncio.CancelledError:
            if not is_asked:
                await self._withdraw_retrieval(uuid, retrieved_at)
            raise
        finally:
            if is_asked:
                self.on_change(uuid, "message")
        with _logged():
            await (await self.archive()).confirm_retrieval(
                uuid, retrieved_at, clock_offset_seconds=pbx.clock_offset_seconds
            )

    async def aclose(self) -> None:
        """Close the connections and the archive."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        if self.client:
            await self.backing.close_client(self.client)
        for archive in (self._archive, self._replaced):
            if archive:
                await archive.aclose()

    async def _withdraw_retrieval(self, uuid: str, retrieved_at: datetime) -> None:
        with _logged():
            await (await self.archive()).withdraw_retrieval(uuid, retrieved_at)

    async def _keyed(self) -> "Settings":
        """Return the settings with the key; once there is one, it stays the same.

        If a login during the run changed it, one account's messages would be stored in another's archive.
        """
        if not self.settings.api_key:
            keyed = await asyncio.to_thread(with_stored_key, self.settings)
            if not self.settings.api_key:  # another call may have read it while this one waited for the keyring
                self.settings = keyed
        return self.settings

    async def _open_archive(self) -> "Archive":
        settings = await self._keyed()
        try:
            archive = await self.backing.open_archive(self)
        except AccountMismatchError as error:
            self._mismatch = error.words
            raise
        self._replaced, self._archive = self._archive, archive
        self._is_keyless = settings.api_key is None
        return archive


def _retrieve_error(opening: "asyncio.Task[Archive]") -> None:
    """Look at a failure even if every call that waited was cancelled; otherwise asyncio logs it as never retrieved."""
    if not opening.cancelled():
        opening.exception()


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except ArchiveError as error:
        logger.warning("the outcome of a retrieval could not be recorded: %s", error)
