"""Fixtures for a team's server, with people, accounts and an identity provider."""

import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from conftest import MakeSettings, MakeSimulator

from support.identity_provider import IdentityProvider, running_provider
from support.people import MakeAccount, ServeTeam, TeamServer
from support.scripted_transcriber import ScriptedTranscriber
from vm_mcp.config import Settings
from vm_mcp.config.accounts import AccessRule, AccountEntry
from vm_mcp.config.team_settings import TeamSettings
from vm_mcp.inbox import Inbox
from vm_mcp.net.listening import ListenAddress
from vm_mcp.people import Access
from vm_mcp.server.people.desk_inboxes import DeskInboxes
from vm_mcp.server.people.team_app import TeamApp
from vm_mcp.simulator.prompt_server import PromptServer
from vm_mcp.team.metrics import ServerMetrics


class NotedInboxes(DeskInboxes):
    """Opens inboxes as a desk does, and notes for whom. Mailboxes are not told apart."""

    def __init__(self, accounts: Mapping[str, AccountEntry], noted: list[tuple[str, Access]]) -> None:
        super().__init__({name: entry.model_copy(update={"access": ()}) for name, entry in accounts.items()}, _scripted)
        self._noted = noted

    def open(self, entry: AccountEntry, access: Access) -> Inbox:
        self._noted.append((entry.name, access))
        return super().open(entry, access)


def _scripted(_: Settings) -> ScriptedTranscriber:
    return ScriptedTranscriber()


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def make_account(make_simulator: MakeSimulator, settings_for: MakeSettings, tmp_path: Path) -> MakeAccount:
    """Make an account with a PBX of its own: ``make_account("klinik", group="reception", scenario="busy")``."""

    def make(
        name: str,
        *rules: AccessRule,
        group: str = "",
        scenario: str = "clinic",
        **changes: Any,  # noqa: ANN401 - any setting
    ) -> AccountEntry:
        simulator = make_simulator(scenario)
        settings = settings_for(simulator, account=name, data_dir=tmp_path / name, **changes)
        grouped = (AccessRule(claim="groups", value=group),) if group else ()
        return AccountEntry(settings=settings, access=(*grouped, *rules))

    return make


@pytest.fixture
def serve_team(
    provider: IdentityProvider, settings_for: MakeSettings, make_simulator: MakeSimulator
) -> Iterator[ServeTeam]:
    """Serve accounts to whoever has a token of the provider: ``serve_team(klinik, atolye, oauth_audience="x")``."""
    running: list[tuple[PromptServer, threading.Thread]] = []

    def start(
        *accounts: AccountEntry,
        token: str = "",
        metrics: ServerMetrics | None = None,
        **team: Any,  # noqa: ANN401 - any setting of a team
    ) -> TeamServer:
        listening = socket.create_server(("127.0.0.1", 0))
        address = ListenAddress("127.0.0.1", listening.getsockname()[1])
        url = f"http://{address.netloc}"
        provider.audience = f"{url}/mcp"
        issued = {} if token else {"public_url": url, "oauth_issuer": provider.issuer}
        noted: list[tuple[str, Access]] = []
        named = {entry.name: entry for entry in accounts}
        settings = settings_for(make_simulator(), http_token=token or None)
        app = TeamApp(settings, TeamSettings(**issued | team), named, NotedInboxes(named, noted), metrics=metrics)
        config = uvicorn.Config(app.build(address), log_config=None, timeout_graceful_shutdown=1)
        server = PromptServer(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        running.append((server, thread))
        return TeamServer(url, noted)

    yield start
    for server, thread in running:
        server.stop()
        thread.join()
