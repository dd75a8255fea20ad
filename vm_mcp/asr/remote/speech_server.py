"""HTTP to a speech server: requests, retries, and failures as our errors.

Our errors repeat nothing of the server's answers. Nor are they raised while an `httpx` error is handled: it would
become their context, and it holds the request with the key.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import httpx

from vm_mcp.errors import EngineFailedError, EngineUnavailableError, TranscriptionError
from vm_mcp.net.bodies import ContentEncodingError, TruncatedBodyError, read_body
from vm_mcp.net.connections import NOT_AN_ADDRESS, Connections, is_certificate_refused, proxy_for
from vm_mcp.net.retries import RetryPolicy, TransientError, parse_retry_after, with_retries
from vm_mcp.wording import words

MAX_ANSWER = 20_000_000
"""Bytes. Half an hour of speech with all details takes two million."""
ATTEMPTS = 3
_NOT_FOUND = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_REFUSALS = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY}
_BUSY = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class RequestRefusedError(TranscriptionError):
    """The server can't do what this request asks. Another request may be accepted."""


class ServerFailedError(EngineFailedError):
    """The server failed on a request. It may fail on the recording, on the model, or on everything."""


class NoAnswerError(EngineFailedError):
    """The server did not answer in time. It may be at work on something else."""


class NotFoundError(EngineUnavailableError):
    """The server has nothing at this address, or does not have the model."""


class Upload(NamedTuple):
    """A recording as a file in a form."""

    data: bytes
    name: str
    mime_type: str


class SpeechServer:
    """One server's connections and retries. Use it from one event loop.

    Args:
        base: Address that the API's paths are appended to, as `api_base` returns it.
        headers: Sent with every request. The key may be among them.

    Raises:
        ConfigError: The proxy or the certificates that the environment names can't be used.
    """

    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self._base = base
        url = httpx.URL(base)
        self._connections = Connections(words("the speech server"), None, {"Accept-Encoding": "identity", **headers})
        # Plain http is for the local network only, which a proxy doesn't reach.
        self._client = self._connections.through(proxy_for(url) if url.scheme == "https" else None)

    async def models(self, budget: float) -> bytes:
        """Return the body of the list of models, within ``budget`` seconds; empty if the server has no such list.

        Raises:
            NoAnswerError: The server takes too long.
            EngineFailedError: It failed.
            EngineUnavailableError: It can't be reached, or refuses the key.
        """
        try:
            return await self._call(lambda: self._client.build_request("GET", f"{self._base}/models"), budget)
        except (NotFoundError, RequestRefusedError):
            return b""

    async def transcribe(self, upload: Upload, fields: dict[str, str], budget: float) -> bytes:
        """Send a recording and return the body of the answer, within ``budget`` seconds.

        Raises:
            RequestRefusedError: The server can't read the recording, or doesn't know one of the fields.
            EngineFailedError: It failed or takes too long; `ServerFailedError` if it may be because of the recording.
            TranscriptionError: The recording is too large, or the answer.
            EngineUnavailableError: It can't be reached, refuses the key, or doesn't have the model.
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


def _too_slow() -> NoAnswerError:
    return NoAnswerError(
        "The speech server takes too long. Try again when it is less busy, or set VM_MCP_MODEL to a smaller model."
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
        failed = _connection_error(error)
    # httpx parses the address of a redirect even if it does not follow it
    except (ContentEncodingError, TruncatedBodyError, httpx.DecodingError, *NOT_AN_ADDRESS):
        failed = EngineFailedError(
            "The speech server's answer is garbled. Try again. If it stays so, check whether a proxy changes it."
        )
    raise failed


def _connection_error(error: httpx.TransportError) -> Exception:
    if is_certificate_refused(error):
        return EngineUnavailableError(
            "The speech server's certificate can't be verified, so nothing was sent. Check this computer's clock. For "
            "a certificate of your own, set SSL_CERT_FILE to it."
        )
    return TransientError(
        EngineUnavailableError(
            "The speech server can't be reached, or closes the connection. Check that it runs and that "
            "VM_MCP_REMOTE_URL is its address, then try again."
        )
    )


def _check(response: httpx.Response) -> None:
    """Raise the error that a status other than success stands for."""
    status = response.status_code
    if status in _BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        failed = EngineFailedError if status in _BUSY else ServerFailedError
        raise TransientError(
            failed(
                "The speech server failed or is overloaded. Check its log and try again. If it stays so, set "
                "VM_MCP_ENGINE to an engine on this computer."
            ),
            parse_retry_after(response.headers.get("Retry-After", "")),
        )
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise EngineUnavailableError(
            "The speech server refuses the key. Set VM_MCP_REMOTE_API_KEY to one that it accepts, and restart."
        )
    if status in _NOT_FOUND:
        raise NotFoundError(
            "The speech server has no API at this address, or not this model. Check that VM_MCP_REMOTE_URL is the "
            "address of its API, and set VM_MCP_MODEL to a model that it serves."
        )
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise TranscriptionError(
            "The recording is larger than the speech server accepts. Raise its limit, or listen in the web console."
        )
    if status in _REFUSALS:
        raise RequestRefusedError(
            "The speech server refuses the recording: it does not know its format, its language or VM_MCP_MODEL. Check "
            "the server's log, or listen to the message in the web console."
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
