"""The PBX of a team's accounts, in a process of its own."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from team_rig.child_processes import child_process
from vm_mcp.simulator import RequestCounts, SimulatedFleet, fleet, tone, tone_text


class Vendor:
    """The running PBX, seen from outside."""

    def __init__(self, commands: Connection) -> None:
        self._commands = commands
        self.base_url: str
        self.keys: dict[str, str]
        self.received: dict[str, tuple[str, datetime]]
        """Account and time of arrival by the message's uuid, those to come included."""
        self.base_url, self.keys, self.received = commands.recv()

    def counts(self) -> dict[str, RequestCounts]:
        """Return how often each account was asked for what so far."""
        self._commands.send("counts")
        counts: dict[str, RequestCounts] = self._commands.recv()
        return counts

    def said(self, uuid: str) -> str:
        """Return what the scripted engine hears in a message's recording."""
        return tone_text(tone(uuid).read())


@contextmanager
def running_vendor(accounts: int, messages: int, arriving_seconds: float) -> Iterator[Vendor]:
    """Run a PBX with so many accounts and messages of each, which arrive within so many seconds from now."""
    with child_process(_serve, accounts, messages, arriving_seconds) as ours:
        yield Vendor(ours)


def _serve(commands: Connection, accounts: int, messages: int, arriving_seconds: float) -> None:
    scenarios = fleet(accounts, messages, datetime.now(UTC), arriving=timedelta(seconds=arriving_seconds))
    with SimulatedFleet(scenarios) as running, suppress(EOFError):
        keys = {name: scenario.api_key for name, scenario in scenarios.items()}
        received = {
            message.uuid: (name, message.received_at)
            for name, scenario in scenarios.items()
            for message in [*scenario.messages, *scenario.arrivals]
        }
        commands.send((running.base_url, keys, received))
        while commands.recv() == "counts":
            commands.send(running.counts())
    sys.exit()
