"""What the commands of a team's machines share: their settings, and what to say where the extra is missing."""

import importlib.util
import logging
from typing import TYPE_CHECKING

from vm_mcp.cli import console
from vm_mcp.errors import ConfigError
from vm_mcp.operating_system import this_system

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.config.team_settings import TeamSettings
    from vm_mcp.net.listening import ListenAddress

_LIBRARIES = ("psycopg", "psycopg_pool", "procrastinate", "prometheus_client")
_NOT_INSTALLED = "What a team needs is not installed. Install vm-mcp again as vm-mcp[team], see docs/team.md."
_NOT_HERE = "A team's machines run Linux or macOS, for example in containers; see docs/team.md."
_NO_ACCOUNTS = "A worker needs accounts. Set VM_MCP_ACCOUNTS to their TOML file, see docs/team.md."
_NO_DATABASE = "A team needs a database. Set VM_MCP_DATABASE_URL to its address, see docs/team.md."


def team_settings() -> "TeamSettings":
    """Return the team's settings.

    Raises:
        ConfigError: The extra is not installed, or a setting is unusable.
    """
    from vm_mcp.config.team_settings import load_team_settings

    check_installed()
    return load_team_settings()


def check_installed() -> None:
    """Raise ConfigError where the extra is not installed, or can't be used."""
    if not this_system().runs_teams:
        raise ConfigError(_NOT_HERE)
    if not all(importlib.util.find_spec(name) for name in _LIBRARIES):
        raise ConfigError(_NOT_INSTALLED)


def database_url(team: "TeamSettings") -> "SecretStr":
    """Return the database's address.

    Raises:
        ConfigError: None is set.
    """
    if not team.database_url:
        raise ConfigError(_NO_DATABASE)
    return team.database_url


def account_entries(team: "TeamSettings", settings: "Settings") -> "Mapping[str, AccountEntry]":
    """Return the accounts.

    Raises:
        ConfigError: There is no file of them, or it is unusable.
    """
    from vm_mcp.config.accounts import load_accounts

    if not team.accounts:
        raise ConfigError(_NO_ACCOUNTS)
    return load_accounts(team.accounts, settings)


def announce_metrics(address: "ListenAddress", port: int) -> None:
    """Say where metrics are served.

    Args:
        address: What ``--metrics`` names.
        port: The port that was taken.
    """
    console.say("Metrics at http://{address}/metrics", address=address._replace(port=port).netloc)


def quiet_logging() -> None:
    """Log nothing below an error: what commands say is their own text."""
    logging.basicConfig(level=logging.ERROR)
