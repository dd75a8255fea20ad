"""HTTP to a speech server: the only place that talks to it, tries again, and turns failures into our errors.

No word of its answers gets into an error, and none is raised while an `httpx` one is being handled, which holds the
request and with it the key.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import httpx

from vm_mcp.errors import EngineUnavailableError, TranscriptionError
from vm_mcp.net.bodies import ContentEncodingError, TruncatedBodyError, read_body
from vm_mcp.net.connections import Connections, is_certificate_refused, proxy_for
from vm_mcp.net.retries import RetryPolicy, TransientError, parse_retry_after, with_retries

MAX_ANSWER = 20_000_000
"""Bytes; half an hour of speech with all details is two million."""
ATTEMPTS = 3
_NO_SUCH = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY}
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class RequestRefusedError(TranscriptionError):
    """The server can't do what this request asks; another may be accepted."""


class NotFoundError(EngineUnavailableError):
    """The server has no such address, or no such model."""


class Upload(NamedTuple):
    """A recording as a form carries it."""

    data: bytes
    name: str
    mime_type: str


class SpeechServer:
    """One server's connections and retries. Use it from one event loop.

    Args:
        base: Checked address that the API's paths are under.
        headers: Sent with every request; they may hold the key.

    Raises:
        ConfigError: The proxy or the certificates that the environment names can't be used.
    """

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self._base = base
        url = httpx.URL(base)
        self._connections = Connections("the speech server", None, {"Accept-Encoding": "identity", **headers})
        # Plain http is for the local network only, which a proxy doesn't reach.
        self._client = self._connections.through(proxy_for(url) if url.scheme == "https" else None)

    async def models(self, budget: float) -> bytes:
        """Ask which models it serves, within ``budget`` seconds; empty when it has no such list.

        Raises:
            TranscriptionError: It can't be reached, fails, or refuses the key.
        """
        try:
            return await self._call(lambda: self._client.build_request("GET", f"{self._base}/models"), budget)
        except (NotFoundError, RequestRefusedError):
            return b""

    async def transcribe(self, upload: Upload, fields: dict[str, str], budget: float) -> bytes:
        """Send a recording, and give the body of the answer, within ``budget`` seconds.

        Raises:
            RefusedError: The server can't read the recording, or doesn't know one of the fields.
            TranscriptionError: It failed, or takes too long.
            EngineUnavailableError: It can't be reached, refuses the key, or has no such model.
        """
        files = {"file": (upload.name, upload.data, upload.mime_type)}
        url = f"{self._base}/audio/transcriptions"
        return await self._call(lambda: self._client.build_request("POST", url, data=fields, files=files), budget)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connections.aclose()

    async def _call(self, build: Callable[[], httpx.Request], budget: float) -> bytes:
        policy = RetryPolicy(attempts=ATTEMPTS, budget_seconds=budget, first_wait_seconds=0.3)
        return await with_retries(policy, lambda _number, _on_activity: _exchange(self._client, build()), _too_slow())


def _too_slow() -> TranscriptionError:
    return TranscriptionError(
        "The speech server takes too long. Try again when it has less to do, or set VM_MCP_MODEL to a smaller model."
    )


async def _exchange(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    failed: Exception
    try:
        response = await client.send(request, stream=True)
        try:
            _check(response)
            return await _read(response)
        finally:
            await response.aclose()
    except httpx.TransportError as error:
        failed = _line_failure(error)
    # httpx reads a redirect's address even where it won't follow
    except (ContentEncodingError, TruncatedBodyError, httpx.DecodingError, httpx.InvalidURL):
        failed = TranscriptionError("The speech server's answer is garbled. Try again; check for a proxy in between.")
    raise failed


def _line_failure(error: httpx.TransportError) -> Exception:
    if is_certificate_refused(error):
        return EngineUnavailableError(
            "The speech server's certificate can't be verified, so nothing was sent. Check this computer's clock; for "
            "a certificate of your own, set SSL_CERT_FILE to it."
        )
    return TransientError(
        EngineUnavailableError(
            "The speech server can't be reached, or breaks off. Check that it runs and that VM_MCP_REMOTE_URL is its "
            "address, then try again."
        )
    )


def _check(response: httpx.Response) -> None:
    """Raise what a status other than success stands for."""
    status = response.status_code
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TransientError(
            TranscriptionError(
                "The speech server fails, or is overloaded. Look at its log and try again; if it stays, set "
                "VM_MCP_ENGINE to an engine on this computer."
            ),
            parse_retry_after(response.headers.get("Retry-After", "")),
        )
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise EngineUnavailableError(
            "The speech server refuses the key. Set VM_MCP_REMOTE_API_KEY to one that it accepts, and restart."
        )
    if status in _NO_SUCH:
        raise NotFoundError(
            "The speech server has no such address or no such model. Check that VM_MCP_REMOTE_URL is its API's, and "
            "set VM_MCP_MODEL to a model that it serves."
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise TranscriptionError(
            "The recording is larger than the speech server accepts. Raise its limit, or listen in the web console."
        )
    if status in _REFUSALS:
        raise RequestRefusedError(
            "The speech server refuses the recording: its format, its language or VM_MCP_MODEL is not one that it "
            "knows. Look at its log, or listen to the message in the web console."
        )
    if not response.is_success:
        raise EngineUnavailableError(
            "The speech server answers with a redirect or something else unexpected. Set VM_MCP_REMOTE_URL to the "
            "final address of its API."
        )


async def _read(response: httpx.Response) -> bytes:
    body = await read_body(response.aiter_raw(), response.headers.get("Content-Encoding", ""), MAX_ANSWER)
    if body is None:
        raise TranscriptionError(
            "The speech server's answer is far longer than any transcript. Check that VM_MCP_REMOTE_URL is the "
            "address of an OpenAI-compatible API."
        )
    return body
