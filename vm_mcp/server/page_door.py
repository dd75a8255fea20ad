"""The inbox page for a browser: the page itself, and the calls that it makes.

What is served here is somebody's voicemail, and any page in the same browser, and any program on the same computer, can
send requests to it. So:

- A call needs a session's cookie, which only a one-time token or the server's own token opens. The cookie is never
  sent along by another site's page (SameSite), nor shown to any script (HttpOnly), and its path keeps it from servers
  at other ports of this computer, to which browsers would send it as well.
- A call must be JSON, from a page of this very address: another site's form can send neither.
- The Host header must be a name of ours: a site that resolves its own name to this computer (DNS rebinding) shows its.
- The page may run and show only what is in it, ask only this server, and stand in no other page's frame.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from mcp.server.transport_security import TransportSecurityMiddleware
from mcp_types import CallToolResult, TextContent
from pydantic import SecretStr
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from vm_mcp.page import FILE
from vm_mcp.server.tools import ALL

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "vm_mcp_inbox"
PATH = "/inbox/"
"""Of the page of a server that others use as well."""
MOST_BYTES = 64_000
"""Of a call's arguments."""
_MOST_SESSIONS = 100
_CALLED = frozenset(tool.name for tool in ALL if tool.page_part == "helper")
_OPEN_AGAIN = "This page is not open, or not any more. Open it again with `vm-mcp open`."
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With `no-referrer`, a browser would send no page's origin along with a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action {form}; frame-ancestors 'none'"
_FORM = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vm-mcp</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>vm-mcp</h1><form method="post" action="enter">
<label>VM_MCP_HTTP_TOKEN <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>OK</button></form></main></body></html>
"""
_ENTERED = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vm-mcp</title>
<meta http-equiv="refresh" content="0; url=./"></head><body></body></html>
"""


class Sessions:
    """Who may use the page: whoever has shown a token, by a cookie that stands for it afterwards.

    Args:
        token: The server's own, which opens any number of sessions; None: only one-time tokens do.
    """

    def __init__(self, token: SecretStr | None = None) -> None:
        self._token = token.get_secret_value().strip().encode() if token else b""
        self._once = b""
        self._cookies: list[bytes] = []

    @property
    def has_form(self) -> bool:
        """Whether people are asked for the server's token."""
        return bool(self._token)

    def one_time_token(self) -> str:
        """Return a new token that opens one session; the one before opens none any more."""
        token = secrets.token_urlsafe(32)
        self._once = token.encode()
        return token

    def enter(self, shown: str) -> str:
        """Return a new session's cookie for a token; empty for any other text."""
        is_once = bool(self._once) and hmac.compare_digest(shown.encode(), self._once)
        is_lasting = bool(self._token) and hmac.compare_digest(shown.strip().encode(), self._token)
        if not (is_once or is_lasting):
            return ""
        if is_once:
            self._once = b""
        cookie = secrets.token_urlsafe(32)
        self._cookies = [*self._cookies, cookie.encode()][-_MOST_SESSIONS:]
        return cookie

    def knows(self, cookie: str) -> bool:
        """Return whether a cookie is a session's."""
        return any(hmac.compare_digest(cookie.encode(), known) for known in self._cookies)


class PageDoor:
    """The page of one inbox, below a path.

    Args:
        server: Its tools are called.
        path: Begins and ends with a slash.
        names: The accepted Host and Origin headers.
        sessions: Who may use it; None: whoever reaches it, as they may use the server itself.
        on_close: Ends the server when the page asks for it; None: the page can't.
        on_request: Called for each request of a session.
    """

    def __init__(  # noqa: PLR0913 - where it stands
        self,
        server: "MCPServer[None]",
        path: str,
        names: "TransportSecuritySettings",
        sessions: Sessions | None,
        *,
        on_close: Callable[[], None] | None = None,
        on_request: Callable[[], None] = lambda: None,
    ) -> None:
        self._server = server
        self._path = path
        self._guard = TransportSecurityMiddleware(names)
        self._sessions = sessions
        self._on_close = on_close
        self._on_request = on_request

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(self._path, self._page, methods=["GET"]),
            Route(f"{self._path}enter", self._form, methods=["POST"]),
            Route(f"{self._path}call/{{name}}", self._call, methods=["POST"]),
            Route(f"{self._path}close", self._close, methods=["POST"]),
        ]

    async def _page(self, request: Request) -> Response:
        if refusal := await self._guard.validate_request(request):
            return refusal
        if not self._is_open(request):
            return self._enter(request, request.query_params.get("token", ""))
        if "token" in request.query_params:
            return _html(_ENTERED, _CLOSED_POLICY.format(form="'none'"))
        self._on_request()
        text = await asyncio.to_thread(FILE.read_text, encoding="utf-8")
        closes = "" if self._on_close else ' data-closes="no"'
        meta = f'<meta name="vm-mcp-bridge" content="local"{closes}>'
        return _html(text.replace("<head>", f"<head>{meta}", 1), policy_of(text))

    async def _form(self, request: Request) -> Response:
        if refusal := await self._guard.validate_request(request):
            return refusal
        if not _is_own(request):
            return _failed("Only the page itself may call this.", HTTPStatus.FORBIDDEN)
        body = await _body(request) or b""
        [token] = parse_qs(body.decode("ascii", "replace")).get("token", [""])[:1]
        return self._enter(request, token)

    def _enter(self, request: Request, token: str) -> Response:
        cookie = self._sessions.enter(token) if self._sessions else ""
        if not cookie:
            return self._refused()
        # A page that leads on to the inbox: after a redirect, a browser would still count the request as the request of
        # whatever page the link was on, and keep the cookie back.
        entered = _html(_ENTERED, _CLOSED_POLICY.format(form="'none'"))
        is_secure = request.headers.get("origin", "").startswith("https:")  # a proxy in front has TLS
        entered.set_cookie(COOKIE, cookie, path=self._path, httponly=True, samesite="strict", secure=is_secure)
        return entered

    def _refused(self) -> Response:
        if self._sessions and self._sessions.has_form:
            return _html(_FORM, _CLOSED_POLICY.format(form="'self'"), HTTPStatus.UNAUTHORIZED)
        return PlainTextResponse(_OPEN_AGAIN, HTTPStatus.UNAUTHORIZED, _HEADERS)

    async def _call(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        name = request.path_params["name"]
        if name not in _CALLED:
            return _failed("There is no such call.", HTTPStatus.NOT_FOUND)
        arguments = await _arguments(request)
        if arguments is None:
            return _failed("The arguments are not JSON, or too long.", HTTPStatus.BAD_REQUEST)
        result = await self._server.call_tool(name, arguments)
        if not isinstance(result, CallToolResult) or result.is_error:
            return _failed(_text(result), HTTPStatus.BAD_REQUEST)
        # An older transcript may have a time that is no number, which JSON can't write.
        content = to_json(result.structured_content, inf_nan_mode="null")
        return Response(content, media_type="application/json", headers=_HEADERS)

    async def _close(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        if self._on_close is None:
            return _failed("This server is ended where it was started.", HTTPStatus.NOT_FOUND)
        self._on_close()
        return JSONResponse({}, headers=_HEADERS)

    async def _refusal(self, request: Request) -> Response | None:
        """Return why a call isn't answered: it comes from elsewhere, or without a session."""
        if refusal := await self._guard.validate_request(request, is_post=True):
            return refusal
        if not _is_own(request):
            return _failed("Only the page itself may call this.", HTTPStatus.FORBIDDEN)
        if not self._is_open(request):
            return _failed(_OPEN_AGAIN, HTTPStatus.UNAUTHORIZED)
        self._on_request()
        return None

    def _is_open(self, request: Request) -> bool:
        return self._sessions is None or self._sessions.knows(request.cookies.get(COOKIE, ""))


class WithPage:
    """An application with the page beside it, at `PATH`."""

    def __init__(self, app: "ASGIApp", door: PageDoor) -> None:
        self._app = app
        self._page = Router(door.routes())

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        is_page = scope["type"] == "http" and f"{scope['path']}/".startswith(PATH)
        await (self._page if is_page else self._app)(scope, receive, send)


def policy_of(page: str) -> str:
    """Return the Content-Security-Policy of a page: its own scripts and styles by their hashes, and nothing else."""
    sources = {
        f"{kind}-src": " ".join(f"'sha256-{_sha256(content)}'" for content in _inline(page, kind)) or "'none'"
        for kind in ("script", "style")
    }
    allowed = "; ".join(f"{name} {source}" for name, source in sources.items())
    closed = _CLOSED_POLICY.format(form="'none'")
    return f"{closed}; {allowed}; connect-src 'self'; img-src data:"


def _inline(page: str, kind: str) -> list[str]:
    return re.findall(rf"<{kind}\b[^>]*>(.*?)</{kind}>", page, re.DOTALL | re.IGNORECASE)


def _sha256(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _html(text: str, policy: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status, headers={**_HEADERS, "Content-Security-Policy": policy})


def _failed(text: str, status: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, status, headers=_HEADERS)


def _is_own(request: Request) -> bool:
    """Return whether a page of this very host and port sent a request: browsers name it in every POST."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and request.headers.get("origin", "").partition("://")[2] == request.headers["host"]


async def _arguments(request: Request) -> dict[str, Any] | None:
    """Return a call's arguments; None if they are none."""
    try:
        found = json.loads(await _body(request) or b"")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


async def _body(request: Request) -> bytes | None:
    """Return what was posted; None if it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return body


def _text(result: object) -> str:
    blocks = result.content if isinstance(result, CallToolResult) else []
    return "\n".join(block.text for block in blocks if isinstance(block, TextContent))
