"""Put a team's server together, from its settings."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from vm_mcp.errors import ConfigError
from vm_mcp.server.health import Check, Health
from vm_mcp.server.http import Guard, accepted_names, check_token
from vm_mcp.server.measuring import measured
from vm_mcp.server.people.account_servers import AccountServers
from vm_mcp.server.people.desk_inboxes import Inboxes
from vm_mcp.server.people.gates import OpenGate, TokenGate
from vm_mcp.server.people.issuer_keys import Fetch, IssuerKeys, fetch_key_set
from vm_mcp.server.people.people_app import build_people_app
from vm_mcp.server.people.protected_resource import ProtectedResource, host_of, protected_resource
from vm_mcp.server.voicemail_server import build_server

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from starlette.types import ASGIApp

    from vm_mcp.config import Settings
    from vm_mcp.config.accounts import AccountEntry
    from vm_mcp.config.team_settings import TeamSettings
    from vm_mcp.net.listening import ListenAddress
    from vm_mcp.people import Access
    from vm_mcp.team.metrics import ServerMetrics


logger = logging.getLogger(__name__)


class TeamApp:
    """A team's server: whom it lets in, and what it serves.

    Args:
        settings: Those of the process.
        team: The team's.
        accounts: The accounts by name.
        inboxes: Opens their inboxes.
        metrics: Count requests, where somebody asked for them.
        fetch: Fetches the identity provider's keys.

    Raises:
        ConfigError: Neither people's tokens nor a token of the server's own are set up, or a setting is unusable.
    """

    def __init__(  # noqa: PLR0913 - what it stands on is replaced in tests
        self,
        settings: "Settings",
        team: "TeamSettings",
        accounts: Mapping[str, "AccountEntry"],
        inboxes: Inboxes,
        *,
        metrics: "ServerMetrics | None" = None,
        fetch: Fetch = fetch_key_set,
    ) -> None:
        self._settings = settings
        self._accounts = accounts
        self._inboxes = inboxes
        self._metrics = metrics
        self._resource = _resource(settings, team)
        self._keys = IssuerKeys(self._resource.issuer, fetch=fetch) if self._resource else None
        for name, entry in accounts.items():
            if self._resource and not entry.access:
                logger.warning("nobody can see the account %s: no rule in the accounts file says who may", name)
            elif entry.access and not self._resource:
                logger.warning("the rules of the account %s are not followed: VM_MCP_HTTP_TOKEN opens all of it", name)

    def build(self, address: "ListenAddress") -> "ASGIApp":
        """Return the application for an address that it listens on.

        Raises:
            ConfigError: The server's own token is too short.
        """
        if not self._resource:
            check_token(address, self._settings.http_token)
        return measured(Health(self._build(address), self._checks()), self._metrics)

    def _build(self, address: "ListenAddress") -> "ASGIApp":
        public = [host_of(self._resource)] if self._resource else []
        names = accepted_names(address, [*self._settings.http_hosts, *public])
        servers = AccountServers(self._build_server, names)
        if self._resource and self._keys:
            gate = TokenGate(self._resource, self._keys, self._accounts)
            return build_people_app(gate, servers, self._resource.routes(), self._opened())
        app = build_people_app(OpenGate(self._accounts), servers, opened=self._opened())
        return Guard(app, self._settings.http_token) if self._settings.http_token else app

    def _build_server(self, entry: "AccountEntry", access: "Access") -> "MCPServer[None]":
        inbox = self._inboxes.open(entry, access)
        return build_server(inbox, metrics=self._metrics, forgets=self._inboxes.forgets)

    def _checks(self) -> dict[str, Check]:
        return dict(self._inboxes.checks) | ({"issuer": self._keys.look} if self._keys else {})

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[None]:
        async with self._inboxes:
            if self._keys:
                self._keys.warm_up()
            try:
                yield
            finally:
                if self._keys:
                    await self._keys.aclose()


def _resource(settings: "Settings", team: "TeamSettings") -> ProtectedResource | None:
    """Return what the server is to OAuth; None where it has a token of its own in place of people's."""
    if not team.oauth_issuer:
        if settings.http_token is None:
            # Not even on loopback, where a proxy may hand over the requests of the whole world.
            raise ConfigError(
                "Nothing says who may see which account. Set VM_MCP_OAUTH_ISSUER and VM_MCP_PUBLIC_URL for people's "
                "own tokens, or VM_MCP_HTTP_TOKEN for one token to all accounts."
            )
        return None
    if settings.http_token is not None:
        raise ConfigError(
            "VM_MCP_HTTP_TOKEN would open every account to whoever has it, beside people's own tokens. Unset it, or "
            "VM_MCP_OAUTH_ISSUER."
        )
    return protected_resource(team)
