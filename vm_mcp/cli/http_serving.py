"""``vm-mcp serve --http``: one desk's account, or a team's, for whoever shows the right token."""

import argparse
import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from vm_mcp.cli import console
from vm_mcp.cli.team_commands import announce_metrics, check_installed
from vm_mcp.config.team_settings import load_team_settings
from vm_mcp.errors import ConfigError
from vm_mcp.net.listening import ListenAddress, parse_address

if TYPE_CHECKING:
    from pathlib import Path

    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.config.team_settings import TeamSettings
    from vm_mcp.server.people.desk_inboxes import Inboxes
    from vm_mcp.team.metrics import ServerMetrics

_NO_METRICS = (
    "Metrics need prometheus-client, which is not installed. Install vm-mcp again as vm-mcp[team], or leave out "
    "--metrics."
)


def serve_over_http(arguments: argparse.Namespace, settings: "Settings", *, is_demo: bool) -> None:
    """Serve until Ctrl-C.

    Raises:
        VmError: The settings or an address are unusable.
    """
    address = parse_address(arguments.http)
    team = None if is_demo else load_team_settings()
    with _metrics(arguments) as metrics:
        if team and team.accounts:
            _serve_team(settings, team, team.accounts, address, metrics)
        elif team and team.oauth_issuer:
            raise ConfigError("VM_MCP_OAUTH_ISSUER is set, but no accounts are. Set VM_MCP_ACCOUNTS, see docs/team.md.")
        else:
            _serve_desk(settings, address, metrics)


def _serve_desk(settings: "Settings", address: ListenAddress, metrics: "ServerMetrics | None") -> None:
    from vm_mcp.asr import open_transcriber
    from vm_mcp.inbox import Inbox
    from vm_mcp.server import build_server
    from vm_mcp.server.http import check_token, desk_app, serve_app

    check_token(address, settings.http_token)
    server = build_server(Inbox(settings, open_transcriber(settings)), metrics=metrics)
    serve_app(lambda bound: desk_app(server, bound, settings, metrics), address, _announce_desk)


def _serve_team(
    settings: "Settings", team: "TeamSettings", file: "Path", address: ListenAddress, metrics: "ServerMetrics | None"
) -> None:
    from vm_mcp.config.accounts import load_accounts
    from vm_mcp.server.http import serve_app
    from vm_mcp.server.people.team_app import TeamApp

    accounts = load_accounts(file, settings)
    serve_app(
        TeamApp(settings, team, accounts, _inboxes(settings, team, accounts, metrics), metrics=metrics).build,
        address,
        _announce,
    )


def _inboxes(
    settings: "Settings", team: "TeamSettings", accounts: "dict[str, AccountEntry]", metrics: "ServerMetrics | None"
) -> "Inboxes":
    """Return what the accounts stand on: the team's database, else this computer."""
    if not team.database_url:
        from vm_mcp.server.people.desk_inboxes import DeskInboxes

        return DeskInboxes(accounts)
    check_installed()
    from vm_mcp.team.inboxes import TeamInboxes, check_database

    inboxes = TeamInboxes(
        settings,
        team.database_url,
        holds_recordings=team.recordings_key is not None,
        on_busy=metrics.busy if metrics else None,
    )
    check_database(team.database_url)
    return inboxes


@contextlib.contextmanager
def _metrics(arguments: argparse.Namespace) -> Iterator["ServerMetrics | None"]:
    """Show metrics where the flag says, and yield what counts; None where nobody asked for them."""
    if not hasattr(arguments, "metrics"):
        yield None
        return
    try:
        from vm_mcp.team.metrics import ServerMetrics, new_registry, shown
    except ImportError as error:
        raise ConfigError(_NO_METRICS) from error
    from vm_mcp.server.tools import ALL

    registry = new_registry()
    address = parse_address(arguments.metrics, "--metrics")
    with shown(registry, address) as port:
        announce_metrics(address, port)
        yield ServerMetrics(registry, frozenset(tool.name for tool in ALL))


def _announce_desk(url: str) -> None:
    _announce(url)
    console.say("The inbox page: {url}", url=urljoin(url, "inbox/"))


def _announce(url: str) -> None:
    console.say("Serving MCP at {url}; press Ctrl-C to stop.", url=url)
