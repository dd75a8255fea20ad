"""The accounts that a worker works for: each opened when there is work for it, and closed when others need the room."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.errors import ConfigError
from vm_mcp.inbox import Inbox
from vm_mcp.team.engine_name import EngineName, NamedTranscriber

if TYPE_CHECKING:
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.inbox.account import Clock
    from vm_mcp.team.backing import TeamBacking

KEPT_OPEN = 200
"""Accounts that stay open while nothing is done for them: each has connections and a few hundred kilobytes."""
_UNKNOWN = (
    "The work is of an account that this machine's accounts file doesn't have. Use the same file on all machines of "
    "the team, then `vm-mcp jobs retry`; or drop it with `vm-mcp jobs drop`."
)


def _now() -> datetime:
    return datetime.now(UTC)


class TeamAccounts:
    """A team's accounts, in one process. Use it from one event loop, and close it there.

    Args:
        entries: The accounts, by name.
        backing: What they stand on.
        engine: What transcripts are kept under.
        clock: Returns the current time, aware.
    """

    def __init__(
        self,
        entries: Mapping[str, "AccountEntry"],
        backing: "TeamBacking",
        engine: EngineName,
        clock: "Clock" = _now,
    ) -> None:
        self.entries = entries
        self._backing = backing
        self._engine = engine
        self._clock = clock
        self._open: dict[str, Inbox] = {}
        """Those used last come last."""
        self._users: dict[str, int] = {}

    def entry(self, name: str) -> "AccountEntry":
        """Return an account's entry.

        Raises:
            ConfigError: There is none of that name.
        """
        if name not in self.entries:
            raise ConfigError(_UNKNOWN)
        return self.entries[name]

    @asynccontextmanager
    async def using(self, name: str) -> AsyncIterator[Inbox]:
        """Keep an account open during the block.

        Raises:
            ConfigError: There is none of that name.
        """
        entry = self.entry(name)
        inbox = self._open.pop(name, None) or Inbox(
            entry.settings, NamedTranscriber(self._engine), self._clock, backing=self._backing
        )
        self._open[name] = inbox
        self._users[name] = self._users.get(name, 0) + 1
        try:
            yield inbox
        finally:
            self._users[name] -= 1
            await self._close_oldest()

    async def aclose(self) -> None:
        """Close all."""
        for inbox in self._open.values():
            await inbox.aclose()
        self._open.clear()

    async def _close_oldest(self) -> None:
        # Looked for again after each: while one is being closed, others are taken into use or closed as well.
        while len(self._open) > KEPT_OPEN and (name := self._longest_idle()):
            del self._users[name]
            await self._open.pop(name).aclose()

    def _longest_idle(self) -> str | None:
        return next((name for name in self._open if not self._users[name]), None)
