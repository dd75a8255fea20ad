"""HTTP clients, direct or through the proxy that the environment names for an address.

The only module that makes HTTP clients. They verify certificates, follow no redirects and keep no cookies.
"""

import logging
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from vm_mcp.errors import ConfigError
from vm_mcp.net.addresses import is_loopback
from vm_mcp.net.bodies import ACCEPTED

_CONNECT_SECONDS = 5.0
_CERTIFICATE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_NO_CERTIFICATES = (
    "SSL_CERT_FILE or SSL_CERT_DIR names no file of certificates that can be read. Correct it, or unset it."
)

NOT_AN_ADDRESS = (httpx.InvalidURL, UnicodeError)
"""What httpx raises for an address that it can't use. The second is idna's, for a malformed international name."""

# They log the URL of every request, which may hold the API key or let anyone play a recording.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for a URL; None for this machine's loopback addresses.

    Unlike httpx's own reading of the environment, this also follows the exceptions set in Windows and macOS.
    """
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or is_loopback(url.host) or proxy_bypass(url.netloc.decode("ascii")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def parse_address(address: str, base: httpx.URL | None = None) -> httpx.URL | None:
    """Return an address; None if it is none.

    httpx takes a malformed international name (``https://xn--pbx-x.example``), and raises only when asked for its host.

    Args:
        address: The address.
        base: What it is relative to, if it has no host.
    """
    with suppress(*NOT_AN_ADDRESS):
        parsed = base.join(address) if base else httpx.URL(address)
        parsed.host  # noqa: B018 - raises
        return parsed
    return None


def is_certificate_refused(error: httpx.TransportError) -> bool:
    """Whether a connection failed because the peer's certificate can't be verified, so that nothing was sent.

    httpx has no type for it: any failed handshake is a `httpx.ConnectError` with OpenSSL's text.
    """
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


@lru_cache(maxsize=1)
def _read_certificates(*_places: str | None) -> ssl.SSLContext:
    """Read once, as long as the environment names the same: it takes 20 ms, and a team has a thousand clients."""
    return httpx.create_ssl_context()


class Connections:
    """HTTP clients for one service: a direct one, and one for each proxy.

    The caller chooses between them with `proxy_for`, and httpx doesn't. A direct request may go to an address that was
    resolved and checked beforehand; a proxy resolves the name itself.

    Args:
        peer: What a person calls the service, such as ``the PBX``; for error texts.
        stall_seconds: How long the peer may take to send or accept the next bytes; None: as long as the caller waits.
        headers: Sent with every request; they may hold a key.
        mock: Answers in place of the network.
    """

    def __init__(
        self,
        peer: str,
        stall_seconds: float | None,
        headers: Mapping[str, str] | None = None,
        mock: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._peer = peer
        self._timeout = httpx.Timeout(stall_seconds, connect=_CONNECT_SECONDS)
        self._headers = {"User-Agent": "vm-mcp", "Accept-Encoding": ACCEPTED, **(headers or {})}
        self._mock = mock
        self._clients: dict[str | None, httpx.AsyncClient] = {}

    def through(self, proxy: str | None) -> httpx.AsyncClient:
        """Return the client that uses a proxy; the direct one for None.

        Raises:
            ConfigError: The proxy can't be used, or the certificates named in the environment can't be read.
        """
        if proxy not in self._clients:
            self._clients[proxy] = self._open(proxy)
        return self._clients[proxy]

    async def aclose(self) -> None:
        """Close all clients."""
        for client in self._clients.values():
            await client.aclose()

    def _open(self, proxy: str | None) -> httpx.AsyncClient:
        if self._mock:
            return self._client(transport=self._mock)
        try:
            return self._client(verify=self._certificates, proxy=proxy)
        except (ValueError, ImportError, httpx.InvalidURL):
            # Not chained: a proxy's address may hold a password.
            problem = ConfigError(
                "HTTPS_PROXY or ALL_PROXY is no address of a proxy that can be used here. Give one such as "
                "http://proxy.example:3128, or name {host} in NO_PROXY.",
                host=self._peer,
            )
        raise problem

    def _client(self, **route: Any) -> httpx.AsyncClient:  # noqa: ANN401 - the library's arguments
        return httpx.AsyncClient(
            headers=self._headers,
            timeout=self._timeout,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            **route,
        )

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return read_certificates()


def read_certificates() -> ssl.SSLContext:
    """Return what verifies a peer's certificate. The first time, it reads files for some 20 ms.

    Raises:
        ConfigError: The certificates named in the environment can't be read.
    """
    try:
        return _read_certificates(*(os.environ.get(name) for name in _CERTIFICATE_VARIABLES))
    except OSError:
        problem = ConfigError(_NO_CERTIFICATES)
    raise problem
