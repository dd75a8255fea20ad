"""HTTP to the PBX: the only place that knows the API key, talks, retries, and turns failures into our errors.

The key travels in a URL, and the vendor's error bodies repeat it. So no refusal's text leaves this module, and no error
is raised while an `httpx` one, which holds the URL, is being handled: it would hang on as ``__context__``.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime

import httpx
from aiolimiter import AsyncLimiter
from pydantic import SecretStr

from vm_mcp.errors import ConfigError, PbxError, PbxProtocolError, PbxUnavailableError, RecordingError
from vm_mcp.net.addresses import HostNotFoundError, PrivateAddressError, is_loopback, resolve_public
from vm_mcp.net.bodies import ContentEncodingError, TruncatedBodyError, read_body
from vm_mcp.net.connections import Connections, is_certificate_refused, proxy_for
from vm_mcp.net.retries import OnActivity, RetryPolicy, TransientError, with_retries
from vm_mcp.pbx.responses import Answer, check_answer, check_download

CALL_BUDGET, DOWNLOAD_BUDGET = 25.0, 60.0
"""Seconds for a call and for a download, retries included; a download also ends after `CALL_BUDGET` of silence."""
MAX_ANSWER = 20_000_000
"""Bytes; a page of a hundred messages is a few tens of thousands."""
STALL_SECONDS = 10.0
"""Silence after which a request is broken off and tried again."""
MAX_REDIRECTS = 5
BURST_SECONDS = 4.5
"""What is allowed in this time may go at once: nine requests, one fewer than the vendor's ten, since requests that were
sent apart may arrive closer together."""
MAX_CLOCK_OFFSET = 366 * 86_400.0
"""Seconds; a PBX whose clock is further off shows nothing by it."""


class Transport:
    """One account's connections, request budget and retries. Use it from one event loop.

    The budget is this object's own, and so is kept per process, while the vendor counts per account. Where several
    processes of one account go over it together, the vendor answers 429; the request is then retried within
    `CALL_BUDGET`, after as many seconds as ``Retry-After`` asks for, or after a wait that grows where it asks for none.

    Raises:
        ConfigError: ``base_url`` is not https, and not this machine either.
    """

    def __init__(
        self, key: SecretStr, base_url: str, *, requests_per_second: float, mock: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.clock_offset_seconds: float | None = None
        """How far the PBX's clock is ahead of this computer's; None before its first answer."""
        self._key = key
        self._base = _check_base(base_url)
        self._limiter = AsyncLimiter(requests_per_second * BURST_SECONDS, BURST_SECONDS)
        self._connections = Connections("the PBX", STALL_SECONDS, mock=mock)
        self._client = self._connections.through(proxy_for(self._base))

    async def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """Ask, and give the body of the answer.

        Raises:
            PbxError: One of its kinds, after the retries.
        """
        return await self._call(lambda url, key: self._client.build_request("GET", url, params={**key, **params}), path)

    async def post(self, path: str, form: Mapping[str, str], on_turn: Callable[[], None] | None = None) -> bytes:
        """Post a form, and give the body of the answer; asking twice must do no harm, since it may be retried.

        Args:
            path: Of the API.
            form: What to post beside the key.
            on_turn: Called once the rate limit allows the request, right before it is first sent.

        Raises:
            PbxError: One of its kinds, after the retries.
        """

        def build(url: httpx.URL, key: dict[str, str]) -> httpx.Request:
            return self._client.build_request("POST", url, data={**key, **form})

        return await self._call(build, path, on_turn)

    async def download(self, url: str, max_bytes: int) -> bytes:
        """Fetch a recording, without the key, following redirects to public https hosts.

        Raises:
            LinkExpiredError: The URL is refused.
            RecordingError: It leads where nothing is downloaded from, or to too much.
            PbxUnavailableError: It can't be reached, after the retries.
        """

        async def attempt(number: int, on_activity: OnActivity) -> bytes:
            return await self._download(_parse(url), max_bytes, number, on_activity)

        return await with_retries(_policy(DOWNLOAD_BUDGET), attempt, _no_answer())

    def secured(self, url: str) -> str:
        """Give a recording's URL with https where the vendor's own examples still say http.

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
    ) -> bytes:
        url = self._base.copy_with(path=self._base.path.rstrip("/") + path)
        request = build(url, {"key": self._key.get_secret_value()})

        async def attempt(number: int, on_activity: OnActivity) -> bytes:
            if number > 1:
                await self._limiter.acquire()
            answer = await _exchange(self._client, request, MAX_ANSWER, on_activity)
            self._note_clock(answer)
            return check_answer(answer)

        # Waiting for one's turn is no sign of a dead PBX: the time allowed begins after it.
        await self._limiter.acquire()
        if on_turn:
            on_turn()
        return await with_retries(_policy(CALL_BUDGET), attempt, _no_answer())

    def _note_clock(self, answer: Answer) -> None:
        if answer.sent_at:
            offset = (answer.sent_at - datetime.now(UTC)).total_seconds()
            self.clock_offset_seconds = offset if abs(offset) < MAX_CLOCK_OFFSET else None

    async def _download(self, url: httpx.URL, max_bytes: int, attempt: int, on_activity: OnActivity) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            client, request = await self._download_request(url, attempt)
            answer = await _exchange(client, request, max_bytes, on_activity)
            if not answer.is_redirect:
                return check_download(answer, max_bytes)
            url = _parse(answer.headers.get("Location", ""), url)
        raise RecordingError("The recording's address redirects too often. Try again later, or ask the vendor.")

    async def _download_request(self, url: httpx.URL, attempt: int) -> tuple[httpx.AsyncClient, httpx.Request]:
        """Build a request to a URL that passed the checks, bound to the very address that was checked."""
        headers = {"Accept-Encoding": "identity"}
        if _origin(url) == _origin(self._base) and not url.userinfo:
            return self._client, self._client.build_request("GET", url, headers=headers)
        if url.scheme != "https" or not url.host or url.userinfo:
            raise RecordingError(
                "The recording's address is not one that this program downloads from (https, no password in it). "
                "Check that VM_MCP_BASE_URL is the address of the PBX's API."
            )
        address = await _public_address(url, attempt)
        client = self._connections.through(proxy_for(url))
        if proxy_for(url):
            return client, client.build_request("GET", url, headers=headers)  # it looks the name up itself
        headers["Host"] = url.netloc.decode("ascii")
        return client, client.build_request(
            "GET",
            url.copy_with(host=address),
            headers=headers,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
        )


async def _public_address(url: httpx.URL, attempt: int) -> str:
    """Resolve a recording's host; its name is part of a link that lets anyone listen, so no error holds it."""
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


async def _exchange(
    client: httpx.AsyncClient, request: httpx.Request, max_bytes: int, on_activity: OnActivity
) -> Answer:
    """Send a request and read its answer, whatever the status; a line that fails is worth another try."""
    failed: Exception
    try:
        response = await client.send(request, stream=True)
        try:
            return Answer(response.status_code, response.headers, await _read(response, max_bytes, on_activity))
        finally:
            await response.aclose()
    except httpx.TransportError as error:
        failed = _line_failure(error)
    except TruncatedBodyError:
        failed = _unreachable()
    # httpx reads a redirect's address even where it won't follow
    except (ContentEncodingError, httpx.DecodingError, httpx.InvalidURL):
        failed = PbxProtocolError("The PBX's answer is garbled. Try again; if it stays, check for a proxy in between.")
    raise failed


def _line_failure(error: httpx.TransportError) -> Exception:
    if is_certificate_refused(error):
        return PbxUnavailableError(
            "The PBX's certificate can't be verified, so nothing was sent. Check this computer's clock; behind a proxy "
            "that inspects traffic, set SSL_CERT_FILE to its certificate."
        )
    if isinstance(error, httpx.ProxyError):
        return PbxUnavailableError(
            "The proxy between this computer and the PBX refuses to connect them. Correct HTTPS_PROXY, or name the PBX "
            "in NO_PROXY."
        )
    return _unreachable()


def _policy(budget_seconds: float) -> RetryPolicy:
    return RetryPolicy(attempts=5, budget_seconds=budget_seconds, first_wait_seconds=0.5, idle_seconds=CALL_BUDGET)


def _no_answer() -> PbxUnavailableError:
    return PbxUnavailableError("The PBX doesn't answer in time. Try again later.")


def _unreachable() -> TransientError:
    return TransientError(
        PbxUnavailableError(
            "The PBX can't be reached, or breaks off. Check the network and VM_MCP_BASE_URL, then try again."
        )
    )


async def _read(response: httpx.Response, max_bytes: int, on_activity: OnActivity) -> bytes | None:
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > max_bytes:
        return None
    chunks = _heard(response.aiter_raw(), on_activity)
    return await read_body(chunks, response.headers.get("Content-Encoding", ""), max_bytes)


async def _heard(chunks: AsyncIterator[bytes], on_activity: OnActivity) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        on_activity()
        yield chunk


def _check_base(base_url: str) -> httpx.URL:
    try:
        base = httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        base = httpx.URL("")
    if base.scheme not in {"http", "https"} or not base.host or base.userinfo or base.query or base.fragment:
        raise ConfigError(
            "VM_MCP_BASE_URL is no address of an API. Unset it, or give one such as https://api.bulutsantralim.com."
        )
    if base.scheme == "http" and not is_loopback(base.host):
        raise ConfigError(
            "VM_MCP_BASE_URL is plain http, over which the API key is not sent. Give it with https; "
            "http is for this computer's own address (127.0.0.1, ::1, localhost)."
        )
    return base


def _parse(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        return base.join(url) if base else httpx.URL(url)
    except httpx.InvalidURL:
        problem = RecordingError("The recording's address is unusable. Try again; if it stays, ask the vendor.")
    raise problem


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
