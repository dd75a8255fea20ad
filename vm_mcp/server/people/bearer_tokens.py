"""Read and check the tokens that people bring (RFC 6750, RFC 9068)."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
from mcp.server.auth.provider import AccessToken, TokenVerifier

from vm_mcp.server.people.claims import granted_scopes
from vm_mcp.server.people.issuer_keys import IssuerKeys

if TYPE_CHECKING:
    from starlette.types import Scope

logger = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Asymmetric ones alone: with the others, whoever knows the public key could sign."""
LEEWAY_SECONDS = 30
"""How far the provider's clock may differ from this computer's."""
LONGEST_TOKEN = 16_384
"""Characters."""
_REQUIRED = ["exp", "iss", "aud", "sub"]
_ACCESS_TOKEN_TYPES = {"", "jwt", "at+jwt", "application/at+jwt"}
"""Of the header; a token for another purpose, such as a logout, has a type of its own (RFC 8725, 3.11)."""
_OTHER_CLAIMS = {
    "at_hash",  # an ID token, for the client alone (OpenID Connect Core, 3.1.3.6)
    "c_hash",
    "events",  # a security event, such as a logout (RFC 8417)
    "cnf",  # bound to a key of the client's, which would have to be checked (RFC 7800)
}


class RequestRefusedError(Exception):
    """A request without a usable token.

    Attributes:
        error: The code of RFC 6750; empty: there is no token at all.
        description: What is wrong.
    """

    def __init__(self, error: str = "", description: str = "Send an access token.") -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def bearer_token(scope: "Scope") -> str:
    """Return the token of a request's Authorization header.

    Raises:
        RequestRefusedError: There is none, or not exactly one, or one in the URL, which ends up in logs.
    """
    if "access_token" in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        raise RequestRefusedError("invalid_request", "The token belongs in the Authorization header, never in the URL.")
    shown = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(shown) > 1:  # a proxy in between may have checked the other one
        raise RequestRefusedError("invalid_request", "Send one Authorization header.")
    scheme, _, token = (shown[0] if shown else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":  # RFC 9110, 11.1: in any case
        raise RequestRefusedError
    return token.strip()


class JwtVerifier(TokenVerifier):
    """Checks tokens that are JWTs of one issuer.

    Args:
        keys: The issuer's keys.
        audiences: What a token may be for: it must name one of them.
    """

    def __init__(self, keys: IssuerKeys, audiences: Sequence[str]) -> None:
        self._keys = keys
        self._audiences = audiences

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return what a token says; None where it is not valid here. Why is logged, without a word of it.

        Raises:
            KeysUnavailableError: The issuer's keys are not known.
        """
        try:
            claims = await self._signed_claims(token)
            _check_is_access_token(claims)
        # ValueError, TypeError: a key of another kind. RecursionError: a header that is nested on purpose.
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            logger.info("a token was refused: %s", type(error).__name__)
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id") or claims.get("azp") or ""),
            scopes=sorted(granted_scopes(claims)),
            expires_at=int(claims["exp"]),
            resource=self._resource(claims),
            subject=claims["sub"],
            claims=claims,
        )

    async def _signed_claims(self, token: str) -> dict[str, Any]:
        """Return what the issuer signed for this server, whatever it is for."""
        if len(token) > LONGEST_TOKEN:
            raise jwt.DecodeError
        header = jwt.get_unverified_header(token)
        _check_header(header)
        key = await self._keys.find(header.get("kid", ""))
        if key is None:
            raise jwt.InvalidKeyError
        return jwt.decode(
            token,
            key.key,
            algorithms=ALGORITHMS,
            audience=self._audiences,
            issuer=self._keys.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )

    def _resource(self, claims: Mapping[str, Any]) -> str:
        named = [claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"]
        return next(each for each in self._audiences if each in named)


def _check_header(header: Mapping[str, Any]) -> None:
    """Raise `jwt.InvalidTokenError` before a key is looked for, if it is none of ours by its header."""
    if header.get("alg") not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    if str(header.get("typ", "")).lower() not in _ACCESS_TOKEN_TYPES:
        raise jwt.InvalidTokenError


def _check_is_access_token(claims: Mapping[str, Any]) -> None:
    """Raise `jwt.InvalidTokenError` for a token of the same issuer, to the same audience, for another purpose."""
    # Keycloak says in a claim what a token is: Bearer, ID, Refresh, Logout.
    is_other = str(claims.get("typ", "Bearer")).lower() != "bearer" or not _OTHER_CLAIMS.isdisjoint(claims)
    if is_other or not {"scope", "scp"} & claims.keys() or not claims["sub"]:
        raise jwt.InvalidTokenError
