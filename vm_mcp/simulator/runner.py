"""Run the simulated PBX, in a thread or in the foreground."""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vm_mcp.simulator.faults import Faults
from vm_mcp.simulator.mailboxes import clinic
from vm_mcp.simulator.request_counts import RequestCounts
from vm_mcp.simulator.scenario import Scenario
from vm_mcp.simulator.simulated_account import RequestRecord, SimulatedAccount, SimulatedClock
from vm_mcp.simulator.simulated_accounts import SimulatedAccounts

if TYPE_CHECKING:
    from vm_mcp.simulator.loopback_server import PbxServer

_HOST = "127.0.0.1"
_START_SECONDS = 30.0
_KEPT_REQUESTS = 10
"""Of each account of a fleet, which counts the others: a thousand accounts make a hundred thousand."""


def _now() -> datetime:
    return datetime.now(UTC)


class LoopbackPbx:
    """The vendor's API on loopback, as a context manager that serves from a daemon thread.

    Args:
        accounts: Whom it serves.
        faults: What goes wrong, whoever asks.
        port: Where to listen; 0: any free port.
    """

    def __init__(self, accounts: SimulatedAccounts, faults: Faults, port: int = 0) -> None:
        self.faults = faults
        self._accounts = accounts
        self._port = port
        self._server: PbxServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """Such as ``http://127.0.0.1:40123``; the port is known once it is started."""
        return f"http://{_HOST}:{self._port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Serve from a thread; return once connections are accepted.

        Raises:
            OSError: The port is taken.
            RuntimeError: It is running already, or did not start in time.
        """
        if self._server is not None:
            raise RuntimeError("the simulator is running already")
        opened = self._open()
        server = self._server = self._build_server()
        self._thread = threading.Thread(target=server.run, args=([opened],), name="pbx-simulator", daemon=True)
        self._thread.start()
        if not server.ready.wait(_START_SECONDS):
            self.stop()
            raise RuntimeError("the simulator did not start")

    def stop(self) -> None:
        """Abort every connection and end the thread; does nothing when it is not running."""
        if self._server is not None:
            self._server.stop()
        if self._thread is not None:
            self._thread.join(_START_SECONDS)
        self._server = self._thread = None

    def serve(self, on_ready: Callable[[Self], None] | None = None) -> None:
        """Serve in this thread until Ctrl-C; ``on_ready`` is called once the port listens.

        Raises:
            OSError: The port is taken.
        """
        opened = self._open()
        server = self._build_server()
        if on_ready is not None:
            on_ready(self)
        # After an orderly shutdown, uvicorn raises the signal again.
        with suppress(KeyboardInterrupt):
            server.run(sockets=[opened])

    def _open(self) -> socket.socket:
        opened = socket.create_server((_HOST, self._port))
        # Connections inherit it. Without it each answer takes 40 ms: Nagle's algorithm holds the body back until the
        # client acknowledges the headers. asyncio sets it only on sockets that name their protocol, which this doesn't.
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = opened.getsockname()[1]
        return opened

    def _build_server(self) -> "PbxServer":
        # Importing uvicorn and starlette takes a fifth of a second, which only those who serve should pay.
        from vm_mcp.simulator.loopback_server import PbxServer

        return PbxServer(self._accounts, self.faults)


class Simulator(LoopbackPbx):
    """The vendor's API with one account.

    Args:
        scenario: The account; requests change it, and so may the caller meanwhile. Default: ``clinic``.
        port: Where to listen; 0: any free port.
        clock: Returns the current time, aware; for read timestamps, URL lifetimes and the rate limit.
    """

    def __init__(self, scenario: Scenario | None = None, port: int = 0, *, clock: SimulatedClock = _now) -> None:
        self.scenario = clinic(clock()) if scenario is None else scenario
        accounts = SimulatedAccounts([self.scenario], clock)
        super().__init__(accounts, Faults(self.scenario.faults), port)
        self._account = accounts.first

    @property
    def api_key(self) -> str:
        """The key that the account accepts."""
        return self.scenario.api_key

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request to an endpoint so far, oldest first."""
        return self._account.requests


class SimulatedFleet(LoopbackPbx):
    """The vendor's API with the accounts of a team, each with its own messages, rate limit and counts.

    Args:
        scenarios: The accounts by their names, with a key each; requests change them.
        port: Where to listen; 0: any free port.
        clock: As for `Simulator`.

    Raises:
        ValueError: There is no account, or two have one key.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], port: int = 0, *, clock: SimulatedClock = _now) -> None:
        self.scenarios = dict(scenarios)
        super().__init__(SimulatedAccounts(self.scenarios.values(), clock, _KEPT_REQUESTS), Faults(), port)

    def requests(self, name: str) -> list[RequestRecord]:
        """Return an account's latest requests, oldest first."""
        return list(self._named(name).requests)

    def counts(self) -> dict[str, RequestCounts]:
        """Return how often each account, by its name, was asked for what."""
        return {name: self._named(name).counts.copy() for name in self.scenarios}

    def _named(self, name: str) -> SimulatedAccount:
        return self._accounts.by_key(self.scenarios[name].api_key)


def serve_forever(
    scenario: Scenario | None = None,
    port: int = 0,
    *,
    rate_limit: bool = True,
    on_ready: Callable[[Simulator], None] | None = None,
) -> None:
    """Serve in the foreground until Ctrl-C.

    Args:
        scenario: The account. Default: ``clinic``.
        port: Where to listen on 127.0.0.1; 0: any free port.
        rate_limit: Refuse more than 2 requests a second (burst 10), as the vendor does.
        on_ready: Called once the port listens, for example to print ``base_url`` and ``api_key``.

    Raises:
        OSError: The port is taken.
    """
    simulator = Simulator(scenario, port)
    simulator.scenario.rate_limit = rate_limit
    simulator.serve(on_ready)
