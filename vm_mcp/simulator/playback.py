"""How each fault looks on the wire, as an ASGI response."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from vm_mcp.simulator.faults import FaultName, Step
from vm_mcp.simulator.scenario import Scenario

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_CHUNK = bytes(64 * 1024)
_HUGE_DECLARED = 10**12
_MAINTENANCE = (
    "<!doctype html><html><body><h1>Bakım çalışması</h1><p>Lütfen daha sonra tekrar deneyin.</p></body></html>"
)
_TRAILING_COMMA = (
    '{"messages":[{\n  "start_stamp":"2017-08-03 12:30:32 +0300",\n  "uuid":"651f8a68-782e-11g7-a6b6-5bedc26e2ab3",\n'
    '  "duration":"00:01:05",\n}],\n"pagination":{"page":1,"total_count":1,"total_pages":1,"limit":10}}'
)


def play(name: FaultName, step: Step, scenario: Scenario) -> Response:
    """Return the response that a fault puts in place of the real one.

    Raises:
        KeyError: The fault needs the account's own answer or key, so the endpoints play it.
    """
    return _PLAYERS[name](step, scenario)


def failure_headers(status: int, scenario: Scenario) -> dict[str, str]:
    """Return ``Retry-After``, if the scenario sends one with that status."""
    if status in {429, 503} and scenario.retry_after_seconds is not None:
        return {"Retry-After": str(scenario.retry_after_seconds)}
    return {}


def _failure(status: int, scenario: Scenario) -> Response:
    text = {429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable"}[status]
    return PlainTextResponse(text, status_code=status, headers=failure_headers(status, scenario))


def _huge(step: Step, scenario: Scenario) -> Response:
    return StreamingResponse(_zeros(scenario.huge_bytes), media_type=_huge_type(step))


def _huge_declared(step: Step, _scenario: Scenario) -> Response:
    headers = {"Content-Length": str(_HUGE_DECLARED)}
    return StreamingResponse(_zeros(_HUGE_DECLARED), headers=headers, media_type=_huge_type(step))


def _huge_type(step: Step) -> str:
    return "audio/x-wav" if step == "download" else "text/plain"


def _zeros(size: int) -> Iterator[bytes]:
    opening = b"RIFF\xff\xff\xff\xffWAVEfmt "
    yield opening
    left = size - len(opening)
    while left > 0:
        yield _CHUNK[:left]
        left -= len(_CHUNK)


class SilentResponse(Response):
    """Never answers; ends when the client leaves or the simulator stops."""

    async def __call__(self, _scope: "Scope", receive: "Receive", _send: "Send") -> None:
        """Wait for the end of the connection."""
        await _wait_for_disconnect(receive)


class ResetResponse(Response):
    """Resets the connection before an answer."""

    async def __call__(self, scope: "Scope", receive: "Receive", _send: "Send") -> None:
        """Drop the TCP connection."""
        _transport(scope).abort()
        await _wait_for_disconnect(receive)


class TruncatedResponse(Response):
    """Announces the full length of another response, sends half of it and closes the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send half and close."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body[: len(self.body) // 2])
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _transport(scope).close()
        await _wait_for_disconnect(receive)


def _transport(scope: "Scope") -> Any:  # noqa: ANN401 - an asyncio.Transport, put there by the server's protocol
    return scope["state"]["transport"]


async def _wait_for_disconnect(receive: "Receive") -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_PLAYERS: dict[FaultName, Callable[[Step, Scenario], Response]] = {
    "http500": lambda _, scenario: _failure(500, scenario),
    "http503": lambda _, scenario: _failure(503, scenario),
    "http429": lambda _, scenario: _failure(429, scenario),
    "html": lambda *_: HTMLResponse(_MAINTENANCE),
    "not_json": lambda *_: PlainTextResponse("Beklenmeyen bir hata olustu"),
    "trailing_comma": lambda *_: Response(_TRAILING_COMMA, media_type="application/json"),
    "empty": lambda *_: Response(media_type="text/plain"),
    "wrong_shape": lambda *_: Response('{"result":"ok","items":[]}', media_type="application/json"),
    "not_audio": lambda *_: Response(b"Bu bir ses kaydi degil.\n" * 40, media_type="audio/x-wav"),
    "redirect_elsewhere": lambda _, scenario: RedirectResponse(scenario.redirect_to, status_code=302),
    "reset": lambda *_: ResetResponse(),
    "slow": lambda *_: SilentResponse(),
    "huge": _huge,
    "huge_declared": _huge_declared,
}
