"""HTTP to the PBX: the only module that holds the API key, keeps to the vendor's rate limit and retries.

The key travels in URLs and forms, and the vendor's error bodies repeat it. So no error text quotes a request or an
answer, see `vm_mcp.pbx.responses` and `vm_mcp.pbx.exchange`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

import httpx
from aiolimiter import AsyncLimiter
from pydantic import SecretStr

from vm_mcp.errors import ConfigError, PbxError, PbxUnavailableError, RecordingError
from vm_mcp.net.addresses import HostNotFoundError, PrivateAddressError, is_loopback, resolve_public
from vm_mcp.net.connections import Connections, parse_address, proxy_for
from vm_mcp.net.retries import OnActivity, RetryPolicy, with_retries
from vm_mcp.pbx import vendor
from vm_mcp.pbx.exchange import exchange
from vm_mcp.pbx.request_limits import OptionalPart, RequestTurns
from vm_mcp.pbx.responses import Answer, check_answer, check_download
from vm_mcp.wording import words

CALL_BUDGET, DOWNLOAD_BUDGET = 25.0, 60.0
"""Seconds for a call and for a download, retries included. A download also ends after `CALL_BUDGET` of silence."""
STALL_SECONDS = 10.0
"""Silence after which one attempt is given up."""
MAX_ANSWER = 20_000_000
"""Bytes; a page of a hundred messages is a few tens of thousands."""
MAX_REDIRECTS = 5
BURST_SECONDS = (vendor.BURST - 1) / vendor.REQUESTS_PER_SECOND
"""The rate limiter's period, whose requests may all be sent at once. They are one fewer than the vendor's burst, since
requests sent apart may arrive closer together."""
MAX_CLOCK_OFFSET = 366 * 86_400.0
"""Seconds. A larger offset says that the PBX's clock is unset, not that this computer's is wrong."""


class Transport:
    """One account's connections, rate limit and retries. Use it from one event loop.

    Unless ``turns`` are given, the rate limit is kept per process, while the vendor counts per account. Where several
    processes of one account exceed it together, the vendor answers 429. The request is then retried within
    `CALL_BUDGET`: after the seconds that ``Retry-After`` asks for, else after an exponential backoff.

    Raises:
        ConfigError: ``base_url`` is no usable address, or is plain http to another machine.
    """

    def __init__(  # noqa: PLR0913 - what only tests and teams replace has a default
        self,
        key: SecretStr,
        base_url: str,
        *,
        requests_per_second: float,
        clock: Callable[[], datetime],
        mock: httpx.AsyncBaseTransport | None = None,
        turns: RequestTurns | None = None,
        on_busy: Callable[[], None] | None = None,
    ) -> None:
        self.clock_offset_seconds: float | None = None
        """How far the PBX's clock is ahead of this computer's; None before its first answer."""
        self._key = key
        self._clock = clock
        self._base = _check_base(base_url)
        self._on_busy = on_busy
        self._turns = turns or AsyncLimiter(requests_per_second * BURST_SECONDS, BURST_SECONDS)
        self._connections = Connections(words("the PBX"), STALL_SECONDS, mock=mock)
        self._client = self._connections.through(proxy_for(self._base))

    async def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """Send a GET request and return the body of the answer.

        Raises:
            PbxError: Any of its kinds, after the retries.
        """
        return await self._call(self._builder(params), path)

    async def get_optional(self, path: str, params: Mapping[str, str], optional: OptionalPart) -> bytes:
        """Send a GET request for something that the key may have no right to, and return the body of the answer.

        Raises:
            PbxForbiddenError: The PBX refuses the key what was asked for.
            PbxRateLimitError: The wait for the part's own budget would be too long, or the PBX refuses.
            PbxError: Any other of its kinds, after the retries.
        """
        return await self._call(self._builder(params), path, optional=optional)

    async def post(self, path: str, form: Mapping[str, str], on_turn: Callable[[], None] | None = None) -> bytes:
        """Post a form and return the body of the answer. It may be sent again, so it must be safe to repeat.

        Args:
            path: Path below the API's address.
            form: Fields to post beside the key.
            on_turn: Called once the rate limit lets the request through, right before it is first sent.

        Raises:
            PbxError: Any of its kinds, after the retries.
        """

        def build(url: httpx.URL, key: dict[str, str]) -> httpx.Request:
            return self._client.build_request("POST", url, data={**key, **form})

        return await self._call(build, path, on_turn)

    async def download(self, url: str, max_bytes: int) -> bytes:
        """Download a recording without the key; redirects are followed to public https hosts only.

        Raises:
            LinkExpiredError: The URL is refused.
            RecordingError: The URL leads to a host that nothing is downloaded from, or to more than ``max_bytes``.
            PbxUnavailableError: The host can't be reached, after the retries.
        """

        async def attempt(number: int, on_activity: OnActivity) -> bytes:
            return await self._download(_parse(url), max_bytes, number, on_activity)

        return await with_retries(_policy(DOWNLOAD_BUDGET), attempt, _no_answer())

    def secured(self, url: str) -> str:
        """Return a recording's URL, with https if it is plain http to the PBX, as in the vendor's own examples.

        Raises:
            RecordingError: It is no URL.
        """
        parsed = _parse(url)
        upgraded = parsed.copy_with(scheme="https")
        if parsed.scheme == "http" and parsed.port is None and _origin(upgraded) == _origin(self._base):
            return str(upgraded)
        return str(parsed)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def _call(
        self,
        build: Callable[[httpx.URL, dict[str, str]], httpx.Request],
        path: str,
        on_turn: Callable[[], None] | None = None,
        optional: OptionalPart | None = None,
    ) -> bytes:
        url = self._base.copy_with(path=self._base.path.rstrip("/") + path)
        request = build(url, {"key": self._key.get_secret_value()})

        async def attempt(number: int, on_activity: OnActivity) -> bytes:
            if number > 1:
                await self._take_turn(optional)
            answer = await exchange(self._client, request, MAX_ANSWER, on_activity)
            self._note_clock(answer)
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS and self._on_busy:
                self._on_busy()
            return optional.check(answer) if optional else check_answer(answer)

        # The budget starts after the wait for the rate limit, which says nothing about the PBX.
        await self._take_turn(optional)
        if on_turn:
            on_turn()
        return await with_retries(_policy(CALL_BUDGET), attempt, _no_answer())

    def _builder(self, params: Mapping[str, str]) -> Callable[[httpx.URL, dict[str, str]], httpx.Request]:
        return lambda url, key: self._client.build_request("GET", url, params={**key, **params})

    async def _take_turn(self, optional: OptionalPart | None) -> None:
        if optional:
            await optional.take_turn(self._turns)
        else:
            await self._turns.acquire()

    def _note_clock(self, answer: Answer) -> None:
        if answer.sent_at:
            offset = (answer.sent_at - self._clock()).total_seconds()
            self.clock_offset_seconds = offset if abs(offset) < MAX_CLOCK_OFFSET else None

    async def _download(self, url: httpx.URL, max_bytes: int, attempt: int, on_activity: OnActivity) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            client, request = await self._download_request(url, attempt)
            answer = await exchange(client, request, max_bytes, on_activity)
            if not answer.is_redirect:
                return check_download(answer, max_bytes)
            url = _parse(answer.headers.get("Location", ""), url)
        raise RecordingError("The recording's address redirects too often. Try again later, or ask the vendor.")

    async def _download_request(self, url: httpx.URL, attempt: int) -> tuple[httpx.AsyncClient, httpx.Request]:
        """Check a URL and build the request for it, which connects to the very address that was checked."""
        headers = {"Accept-Encoding": "identity"}
        if _origin(url) == _origin(self._base) and not url.userinfo:
            return self._client, self._client.build_request("GET", url, headers=headers)
        if url.scheme != "https" or not url.host or url.userinfo:
            raise RecordingError(
                "The recording's address is not one that this program downloads from (https, no password in it). "
                "Check that VM_MCP_BASE_URL is the address of the PBX's API."
            )
        address = await _public_address(url, attempt)
        proxy = proxy_for(url)
        client = self._connections.through(proxy)
        if proxy:
            return client, client.build_request("GET", url, headers=headers)  # the proxy resolves the name itself
        headers["Host"] = url.netloc.decode("ascii")
        return client, client.build_request(
            "GET",
            url.copy_with(host=address),
            headers=headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )


async def _public_address(url: httpx.URL, attempt: int) -> str:
    """Resolve a recording's host. No error names it: with its URL, anyone can listen."""
    problem: PbxError
    try:
        return await resolve_public(url.host, url.port or 443, attempt)
    except HostNotFoundError:
        problem = PbxUnavailableError(
            "The host that keeps the recording can't be found. Check the network and try again."
        )
    except PrivateAddressError:
        problem = RecordingError(
            "The recording's address leads into a private network, so it was not followed. Ask the vendor about it."
        )
    raise problem


def _policy(budget_seconds: float) -> RetryPolicy:
    return RetryPolicy(attempts=5, budget_seconds=budget_seconds, first_wait_seconds=0.5, idle_seconds=CALL_BUDGET)


def _no_answer() -> PbxUnavailableError:
    return PbxUnavailableError("The PBX doesn't answer in time. Try again later.")


def _check_base(base_url: str) -> httpx.URL:
    base = parse_address(base_url.strip()) or httpx.URL("")
    if base.scheme not in {"http", "https"} or not base.host or base.userinfo or base.query or base.fragment:
        raise ConfigError(
            "VM_MCP_BASE_URL is no address of an API. Unset it, or give one such as {address}.", address=vendor.API_URL
        )
    if base.scheme == "http" and not is_loopback(base.host):
        raise ConfigError(
            "VM_MCP_BASE_URL is plain http, over which the API key is not sent. Give it with https; "
            "http is for this computer's own address (127.0.0.1, ::1, localhost)."
        )
    return base


def _parse(url: str, base: httpx.URL | None = None) -> httpx.URL:
    if parsed := parse_address(url, base):
        return parsed
    raise RecordingError("The recording's address is unusable. Try again; if it stays, ask the vendor.")


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
