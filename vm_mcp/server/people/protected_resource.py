"""What the server is to OAuth: a protected resource, its metadata (RFC 9728) and its challenges (RFC 6750)."""

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from mcp.server.auth.handlers.metadata import ProtectedResourceMetadataHandler
from mcp.server.auth.routes import cors_middleware
from mcp.shared.auth import ProtectedResourceMetadata
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vm_mcp.errors import ConfigError
from vm_mcp.net.addresses import is_loopback
from vm_mcp.people import SCOPES
from vm_mcp.server.http import PATH

if TYPE_CHECKING:
    from vm_mcp.config.team_settings import TeamSettings

_WELL_KNOWN = "/.well-known/oauth-protected-resource"
_METHODS = ["GET", "OPTIONS"]
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class ProtectedResource(NamedTuple):
    """The server by its address, and whose tokens it takes."""

    public_url: str
    """Scheme and host, as clients reach it."""
    issuer: str
    """Of the tokens."""
    audience: str = ""
    """What tokens must be for; empty: the address that they are sent to, or that of the server."""
    name_claim: str = "name"
    """The claim with a person's name."""

    def address(self, account: str = "") -> str:
        """Return the address of an account, or without a name that of the requester's only account."""
        return f"{self.public_url}{PATH}{_below(account)}"

    def audiences(self, account: str = "") -> tuple[str, ...]:
        """Return what a token may be for that is sent to an address (RFC 8707)."""
        return (self.audience,) if self.audience else tuple(dict.fromkeys((self.address(), self.address(account))))

    def challenge(self, account: str, error: str = "", description: str = "", scope: str = "") -> str:
        """Return the value of ``WWW-Authenticate``, which leads a client to the identity provider."""
        parts = {
            "resource_metadata": f"{self.public_url}{_WELL_KNOWN}{PATH}{_below(account)}",
            "error": error,
            "error_description": description if error else "",
            "scope": scope,
        }
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)

    def metadata(self, account: str = "") -> ProtectedResourceMetadata:
        """Return the metadata of an address; the same for accounts that there are and that there aren't."""
        # Validated from text: an `AnyHttpUrl` made for the constructor ends in a slash, and the issuer's address must
        # stay as the issuer has it.
        return ProtectedResourceMetadata.model_validate(
            {
                "resource": self.address(account),
                "authorization_servers": [self.issuer],
                "scopes_supported": sorted(SCOPES),
                "resource_name": "Bulut Santral voicemail",
            }
        )

    def routes(self) -> list[Route]:
        """Return the routes of the metadata."""

        async def show(request: Request) -> Response:
            metadata = self.metadata(request.path_params.get("account", ""))
            return await ProtectedResourceMetadataHandler(metadata).handle(request)

        served = cors_middleware(show, _METHODS)
        return [Route(f"{_WELL_KNOWN}{PATH}{below}", endpoint=served, methods=_METHODS) for below in ("", "/{account}")]


def protected_resource(settings: "TeamSettings") -> ProtectedResource:
    """Return the resource that the settings describe.

    Raises:
        ConfigError: One of them is missing or unusable.
    """
    if not settings.oauth_issuer or not settings.public_url:
        missing = "VM_MCP_PUBLIC_URL" if settings.oauth_issuer else "VM_MCP_OAUTH_ISSUER"
        raise ConfigError(
            "{missing} is not set. People's tokens need both it and its counterpart, see docs/team.md.", missing=missing
        )
    public, issuer = urlsplit(settings.public_url), urlsplit(settings.oauth_issuer)
    if not _is_protected(public) or public.path.strip("/") or public.query or public.fragment or public.username:
        raise ConfigError("VM_MCP_PUBLIC_URL must be https and a host alone, such as https://voicemail.example.com.")
    if not _is_protected(issuer) or issuer.query or issuer.fragment:
        raise ConfigError("VM_MCP_OAUTH_ISSUER must be an https address, such as https://login.example.com/realms/us.")
    return ProtectedResource(
        f"{public.scheme}://{public.netloc.lower()}",
        settings.oauth_issuer,
        settings.oauth_audience,
        settings.oauth_name_claim,
    )


def host_of(resource: ProtectedResource) -> str:
    """Return the host by which clients reach the server; an IPv6 one without brackets."""
    return urlsplit(resource.public_url).hostname or ""


def _is_protected(url: SplitResult) -> bool:
    """Whether nobody on the way can read a token or forge a key. Loopback is for tests and trials."""
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or "")))


def _below(account: str) -> str:
    """Return the end of an account's path; nothing for what can't be one, which must not get into a header."""
    return f"/{account}" if _ACCOUNT.fullmatch(account) else ""
