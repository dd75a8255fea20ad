"""Decide who is admitted, and to which account."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from vm_mcp.people import EVERYTHING, Access
from vm_mcp.server.http import PATH
from vm_mcp.server.people.bearer_tokens import JwtVerifier, RequestRefusedError, bearer_token
from vm_mcp.server.people.claims import access_to, known_scopes, person_of
from vm_mcp.server.people.issuer_keys import IssuerKeys, KeysUnavailableError
from vm_mcp.server.people.protected_resource import ProtectedResource
from vm_mcp.server.people.refusals import RefusedError

if TYPE_CHECKING:
    from starlette.types import Scope

    from vm_mcp.config.accounts import AccountEntry

_READ = "voicemail:read"
_STATUSES = {"invalid_request": 400, "invalid_token": 401, "": 401}
_NO_ACCOUNT = "No account here is open to you. Ask whoever runs this server, and say who you are at your provider."
_SEVERAL = "Several accounts are open to you. Connect to one of them: {addresses}."
_NOT_YOURS = "This address is not open to you. Yours: {addresses}."


class Admitted(NamedTuple):
    """An account, and what the requester may see and do there."""

    entry: "AccountEntry"
    access: Access


class Gate(Protocol):
    """Decides about a request."""

    async def admit(self, scope: "Scope", account: str) -> Admitted:
        """Return what is open to a request.

        Args:
            scope: The request; its ``user`` may be set.
            account: The name in its path; empty: the requester's only account.

        Raises:
            RefusedError: Nothing is.
        """
        ...


class TokenGate:
    """Admits people by tokens of their identity provider.

    Args:
        resource: The server to OAuth.
        keys: The provider's keys.
        accounts: The accounts by name.
    """

    def __init__(self, resource: ProtectedResource, keys: IssuerKeys, accounts: Mapping[str, "AccountEntry"]) -> None:
        self._resource = resource
        self._keys = keys
        self._accounts = accounts

    async def admit(self, scope: "Scope", account: str) -> Admitted:
        """Return what is open to a token's person; see `Gate.admit`."""
        token = await self._verified(scope, account)
        scope["user"] = AuthenticatedUser(token)  # where the SDK looks for it
        claims = token.claims or {}
        person = person_of(claims, self._resource.name_claim)
        scopes = known_scopes(frozenset(token.scopes))
        admitted = (
            Admitted(entry, access)
            for entry in self._accounts.values()
            if (access := access_to(entry, claims, person, scopes))
        )
        return _chosen({each.entry.name: each for each in admitted}, account, self._resource.public_url)

    async def _verified(self, scope: "Scope", account: str) -> AccessToken:
        try:
            token = bearer_token(scope)
            verified = await JwtVerifier(self._keys, self._resource.audiences(account)).verify_token(token)
        except RequestRefusedError as refusal:
            raise self._challenged(account, refusal.error, refusal.description) from refusal
        except KeysUnavailableError as error:
            raise RefusedError(503, "temporarily_unavailable", str(error)) from error
        if verified is None:
            raise self._challenged(account, "invalid_token", "The access token is expired, or not for this server.")
        if _READ not in verified.scopes:
            description = f"The access token lacks the scope {_READ}."
            needed = " ".join(sorted({_READ, *known_scopes(frozenset(verified.scopes))}))
            challenge = self._resource.challenge(account, "insufficient_scope", description, needed)
            raise RefusedError(403, "insufficient_scope", description, challenge=challenge)
        return verified

    def _challenged(self, account: str, error: str, description: str) -> RefusedError:
        challenge = self._resource.challenge(account, error, description)
        return RefusedError(_STATUSES[error], error, description, challenge=challenge)


class OpenGate:
    """Admits every request to every account, with all scopes: the server's own token was checked before.

    Args:
        accounts: The accounts by name.
    """

    def __init__(self, accounts: Mapping[str, "AccountEntry"]) -> None:
        self._admitted = {name: Admitted(entry, EVERYTHING) for name, entry in accounts.items()}

    async def admit(self, scope: "Scope", account: str) -> Admitted:  # noqa: ARG002 - it says nothing more
        """Return an account; see `Gate.admit`."""
        return _chosen(self._admitted, account, "")


def _chosen(admitted: Mapping[str, Admitted], account: str, public_url: str) -> Admitted:
    """Return the account of that name, or the only one; an account of others is refused as one that there isn't."""
    if account in admitted:
        return admitted[account]
    if len(admitted) == 1 and not account:
        return next(iter(admitted.values()))
    addresses = tuple(f"{public_url}{PATH}/{name}" for name in admitted)
    text = (_NOT_YOURS if account else _SEVERAL) if admitted else _NO_ACCOUNT
    described = text.format(addresses=", ".join(addresses))
    raise RefusedError(403, "access_denied", described, accounts=addresses)
