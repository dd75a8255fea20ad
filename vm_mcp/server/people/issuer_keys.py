"""The keys that an identity provider signs its tokens with, found through its metadata and kept up to date."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit

from jwt import PyJWK, PyJWKClient, PyJWKClientConnectionError, PyJWKClientError, PyJWTError
from mcp.client.auth.utils import build_oauth_authorization_server_metadata_discovery_urls as metadata_addresses

from vm_mcp.errors import ConfigError, VmError
from vm_mcp.net.addresses import is_loopback
from vm_mcp.net.connections import read_certificates
from vm_mcp.wording import Words, words

logger = logging.getLogger(__name__)

FRESH_SECONDS = 300.0
"""Age at which the keys are fetched again, so that a key that the provider withdraws is not accepted for long."""
LONGEST_SECONDS = 3600.0
"""Age up to which they are used while the provider can't be reached; by then, its tokens have expired anyway."""
RETRY_SECONDS = 5.0
"""Shortest time between two attempts to fetch them."""
UNKNOWN_SECONDS = 30.0
"""Shortest time between two attempts because of a key that is not among them: anyone can make up the name of one."""
WAIT_SECONDS = 5.0
"""How long a request waits for an attempt."""
_TIMEOUT_SECONDS = 5.0


class KeysUnavailableError(VmError):
    """The provider's keys are not known, so nobody's token can be checked."""


class KeySet(NamedTuple):
    """What was fetched."""

    address: str
    """Where the keys are; it is looked up once."""
    keys: dict[str, PyJWK]
    """By their ids."""


Fetch = Callable[[str, str], KeySet]
"""Fetches the keys of an issuer from an address; from where its metadata says where the address is empty. Blocks."""


def fetch_key_set(issuer: str, address: str) -> KeySet:
    """Fetch an issuer's keys.

    Raises:
        ConfigError: Its metadata is not that of this issuer, or the certificates can't be read.
        PyJWTError: The provider can't be reached, or what it answers is no set of keys.
        OSError: The same.
        ValueError: The same.
    """
    address = address or _find_key_set(issuer)
    return KeySet(address, {str(key.key_id): key for key in _client(address).get_signing_keys()})


class IssuerKeys:
    """Keys in memory, refreshed by one attempt at a time that all requests share; never a thread for each request.

    Args:
        issuer: The issuer.
        fetch: Fetches its keys, in a thread.
        monotonic: Returns seconds of a clock that never goes back.
    """

    def __init__(
        self, issuer: str, *, fetch: Fetch = fetch_key_set, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.issuer = issuer
        self._fetch = fetch
        self._monotonic = monotonic
        self._known = KeySet("", {})
        self._fetched_at = self._tried_at = float("-inf")
        self._attempt: asyncio.Task[None] | None = None
        self._problem = ""

    async def find(self, key_id: str) -> PyJWK | None:
        """Return a key; None where the issuer has no such key.

        Args:
            key_id: The key's id; empty where a token names none: then it is the only one that there is.

        Raises:
            KeysUnavailableError: The issuer's keys are not known.
        """
        if self._age > FRESH_SECONDS:
            attempt = self._try(RETRY_SECONDS)
            if not self.are_known:
                await _finish(attempt)
        if not self.are_known:
            raise KeysUnavailableError("The identity provider can't be reached. Try again in a minute.")
        if not key_id:
            return next(iter(self._known.keys.values())) if len(self._known.keys) == 1 else None
        if key_id not in self._known.keys:
            await _finish(self._try(UNKNOWN_SECONDS))
        return self._known.keys.get(key_id)

    @property
    def are_known(self) -> bool:
        """Whether tokens can be checked."""
        return self._age <= LONGEST_SECONDS

    def warm_up(self) -> None:
        """Begin to fetch them, so that the first request finds them."""
        self._try(RETRY_SECONDS)

    async def look(self) -> bool:
        """Return whether tokens can be checked, after an attempt to get there where they can't."""
        if not self.are_known:
            await _finish(self._try(RETRY_SECONDS))
        return self.are_known

    async def aclose(self) -> None:
        """Leave an attempt in progress to itself."""
        if self._attempt:
            self._attempt.cancel()
            await asyncio.wait([self._attempt])

    @property
    def _age(self) -> float:
        return self._monotonic() - self._fetched_at

    def _try(self, interval: float) -> "asyncio.Task[None] | None":
        """Return the attempt in progress, else a new one, unless the last began less than so many seconds ago."""
        if self._attempt and not self._attempt.done():
            return self._attempt
        if self._monotonic() - self._tried_at < interval:
            return None
        self._tried_at = self._monotonic()
        self._attempt = asyncio.create_task(self._refresh())
        return self._attempt

    async def _refresh(self) -> None:
        try:
            self._known = await asyncio.to_thread(self._fetch, self.issuer, self._known.address)
        except (PyJWTError, OSError, ValueError, ConfigError) as error:
            self._known = self._known._replace(address="")  # the provider may have moved them
            self._report(str(error) if isinstance(error, ConfigError) else f"{type(error).__name__}: {error}")
        else:
            self._fetched_at = self._monotonic()
            self._problem = ""

    def _report(self, problem: str) -> None:
        """Log a problem once, not at each attempt."""
        if problem != self._problem:
            logger.warning("the keys of %s can't be fetched: %s", self.issuer, problem)
        self._problem = problem


async def _finish(attempt: "asyncio.Task[None] | None") -> None:
    """Wait for an attempt for a while. The attempt continues even if the caller stops waiting."""
    if attempt:
        await asyncio.wait([attempt], timeout=WAIT_SECONDS)


def _find_key_set(issuer: str) -> str:
    """Return where an issuer's keys are, from its metadata: OAuth's (RFC 8414), else OpenID's."""
    for address in metadata_addresses(issuer, issuer):
        try:
            metadata = _client(address).fetch_data()
        except (PyJWKClientError, ValueError) as error:
            if isinstance(error, PyJWKClientConnectionError) and not isinstance(error.__cause__, HTTPError):
                raise
            continue  # it answers, but not with metadata: some providers show a page of theirs at every address
        if metadata.get("issuer") != issuer:
            raise ConfigError(_another_issuer(str(metadata.get("issuer")), issuer))
        if found := metadata.get("jwks_uri"):
            return _checked(str(found))
    raise ConfigError("It serves no metadata that names its keys. Check VM_MCP_OAUTH_ISSUER.")


def _client(address: str) -> PyJWKClient:
    """Return a client for one JSON object, which verifies certificates and follows no redirects."""
    context = read_certificates() if address.startswith("https:") else None
    return PyJWKClient(address, cache_jwk_set=False, timeout=_TIMEOUT_SECONDS, ssl_context=context)


def _checked(address: str) -> str:
    place = urlsplit(address)
    if place.scheme != "https" and not is_loopback(place.hostname or ""):
        raise ConfigError("Its metadata names keys at an address without https. Correct it at the provider.")
    return address


def _another_issuer(named: str, issuer: str) -> Words:
    if named.rstrip("/") == issuer.rstrip("/"):
        return words("It differs from VM_MCP_OAUTH_ISSUER by a slash at the end. Set it as the provider writes it.")
    return words(
        "Its metadata is that of {issuer}. Set VM_MCP_OAUTH_ISSUER to exactly that, if it is yours.", issuer=named[:200]
    )
