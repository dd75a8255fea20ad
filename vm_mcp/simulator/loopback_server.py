"""The server of simulated accounts, whose application can reach the TCP connection."""

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from vm_mcp.simulator.endpoints import build_app
from vm_mcp.simulator.prompt_server import PromptServer

if TYPE_CHECKING:
    from vm_mcp.simulator.faults import Faults
    from vm_mcp.simulator.simulated_accounts import SimulatedAccounts


class _Protocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class PbxServer(PromptServer):
    """Serves accounts on an open socket until `stop` or, in the main thread, a signal."""

    def __init__(self, accounts: "SimulatedAccounts", faults: "Faults") -> None:
        super().__init__(
            uvicorn.Config(
                build_app(accounts, faults),
                loop="asyncio",
                http=_Protocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,  # the accounts' clock may be another than this computer's
            )
        )
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, and set ``ready``."""
        await super().startup(sockets)
        self.ready.set()
