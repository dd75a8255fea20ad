"""Connections: straight ones, and those through the proxy that the environment names for an address."""

import ssl
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from vm_mcp.errors import ConfigError
from vm_mcp.net.addresses import is_loopback
from vm_mcp.net.bodies import ACCEPTED

TIMEOUT = httpx.Timeout(10.0, connect=5.0)

_NO_CERTIFICATES = (
    "SSL_CERT_FILE or SSL_CERT_DIR names no file of certificates that can be read. Correct it, or unset it."
)
_NO_PROXY = (
    "HTTPS_PROXY or ALL_PROXY is no address of a proxy that can be used here. Give one such as "
    "http://proxy.example:3128, or name the PBX in NO_PROXY."
)


def proxy_for(url: httpx.URL) -> str | None:
    """Give the proxy that the environment names for an address; none reaches this machine's own loopback."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or is_loopback(url.host) or proxy_bypass(url.netloc.decode("ascii")):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


class Connections:
    """Clients that send nothing anywhere but where they are told: no redirects, no cookies, certificates verified.

    Which of them a request goes over is decided here and not by the library, since the straight one is bound to an
    address that was checked, and a proxy looks names up itself.

    Args:
        mock: Answers in place of the network.

    """

    def __init__(self, mock: httpx.AsyncBaseTransport | None = None) -> None:
        self._mock = mock
        self._clients: dict[str | None, httpx.AsyncClient] = {}

    def through(self, proxy: str | None) -> httpx.AsyncClient:
        """Give the client that talks through a proxy, or straight.

        Raises:
            ConfigError: It is no proxy that can be used here, or the certificates that are set can't be read.
        """
        if proxy not in self._clients:
            self._clients[proxy] = self._open(proxy)
        return self._clients[proxy]

    async def aclose(self) -> None:
        """Close them all."""
        for client in self._clients.values():
            await client.aclose()

    def _open(self, proxy: str | None) -> httpx.AsyncClient:
        if self._mock:
            return self._client(transport=self._mock)
        try:
            return self._client(verify=self._certificates, proxy=proxy)
        except (ValueError, ImportError, httpx.InvalidURL):
            # Not chained: a proxy's address may hold a password.
            problem = ConfigError(_NO_PROXY)
        raise problem

    def _client(self, **line: Any) -> httpx.AsyncClient:  # noqa: ANN401 - the library's arguments
        return httpx.AsyncClient(
            headers={"User-Agent": "vm-mcp", "Accept-Encoding": ACCEPTED},
            timeout=TIMEOUT,
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            **line,
        )

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        try:
            return httpx.create_ssl_context()
        except OSError:
            problem = ConfigError(_NO_CERTIFICATES)
        raise problem
