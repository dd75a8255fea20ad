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
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from mcp.server.transport_security import TransportSecurityMiddleware
from mcp_types import CallToolResult, TextContent
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from vm_mcp.languages import peoples_language
from vm_mcp.page import FILE
from vm_mcp.server.page_ahead import ListAhead
from vm_mcp.server.page_answers import ENTERED, FORM, HEADERS, failed_answer, html_answer, policy_of
from vm_mcp.server.page_sessions import Sessions
from vm_mcp.server.passed_on import in_language
from vm_mcp.server.tools import PAGE_HELPERS
from vm_mcp.wording import words

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "vm_mcp_inbox"
PATH = "/inbox/"
"""Of the page of a server that others use as well."""
MOST_BYTES = 64_000
"""Of a call's arguments."""
UNTOUCHED = "vm-mcp-untouched"
"""Header of a page's call: for how many seconds nobody has touched it; it refreshes by itself for a while."""
_OPEN_AGAIN = words("This page is not open, or not any more. Open it again with `vm-mcp open`.")


class PageDoor:
    """The page of one inbox, below a path.

    Args:
        server: Its tools are called.
        path: Begins and ends with a slash.
        names: The accepted Host and Origin headers.
        sessions: Who may use it; None: whoever reaches it, as they may use the server itself.
        ahead: Begins the page's first list with the page.
        on_close: Ends the server when the page asks for it; None: the page can't.
        on_use: Called for each request of a session, with the seconds since somebody touched the page that sent it.
    """

    def __init__(  # noqa: PLR0913 - where it stands
        self,
        server: "MCPServer[None]",
        path: str,
        names: "TransportSecuritySettings",
        sessions: Sessions | None,
        *,
        ahead: ListAhead | None = None,
        on_close: Callable[[], None] | None = None,
        on_use: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._server = server
        self._ahead = ahead
        self._path = path
        self._guard = TransportSecurityMiddleware(names)
        self._sessions = sessions
        self._on_close = on_close
        self._on_use = on_use

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
            return await self._enter(request, self._token_in_url(request))
        if "token" in request.query_params:
            return html_answer(ENTERED)
        self._begin_list(request)
        self._on_use(0)
        text = await asyncio.to_thread(FILE.read_text, encoding="utf-8")
        closes = "" if self._on_close else ' data-closes="no"'
        meta = f'<meta name="vm-mcp-bridge" content="local"{closes}>'
        return html_answer(text.replace("<head>", f"<head>{meta}", 1), policy_of(text))

    async def _form(self, request: Request) -> Response:
        if refusal := await self._guard.validate_request(request):
            return refusal
        if not _is_own(request):
            return failed_answer("Only the page itself may call this.", HTTPStatus.FORBIDDEN)
        body = await _body(request) or b""
        [token] = parse_qs(body.decode("ascii", "replace")).get("token", [""])[:1]
        return await self._enter(request, token)

    async def _enter(self, request: Request, token: str) -> Response:
        cookie = self._sessions.enter(token) if self._sessions else ""
        if not cookie:
            return await self._refused(request)
        # A page that leads on to the inbox: after a redirect, a browser would still count the request as the request of
        # whatever page the link was on, and keep the cookie back.
        entered = html_answer(ENTERED)
        self._begin_list(request)
        is_secure = request.headers.get("origin", "").startswith("https:")  # a proxy in front has TLS
        entered.set_cookie(COOKIE, cookie, path=self._path, httponly=True, samesite="strict", secure=is_secure)
        return entered

    def _token_in_url(self, request: Request) -> str:
        """Return the token of a URL that opens the page once; the server's own is taken from the form alone.

        Histories and logs keep a URL, and a link on another site's page would need no form.
        """
        return "" if self._sessions and self._sessions.has_form else request.query_params.get("token", "")

    async def _refused(self, request: Request) -> Response:
        if self._sessions and self._sessions.has_form:
            return html_answer(FORM, status=HTTPStatus.UNAUTHORIZED)
        return PlainTextResponse(await in_language(_OPEN_AGAIN, _language(request)), HTTPStatus.UNAUTHORIZED, HEADERS)

    async def _call(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        name = request.path_params["name"]
        if name not in PAGE_HELPERS:
            return failed_answer("There is no such call.", HTTPStatus.NOT_FOUND)
        arguments = await _arguments(request)
        if arguments is None:
            return failed_answer("The arguments are not JSON, or too long.", HTTPStatus.BAD_REQUEST)
        listing = self._ahead.take(name, arguments) if self._ahead else None
        result = await (listing or self._server.call_tool(name, arguments))
        if not isinstance(result, CallToolResult) or result.is_error:
            return failed_answer(_text(result), HTTPStatus.BAD_REQUEST)
        # An older transcript may have a time that is no number, which JSON can't write.
        content = to_json(result.structured_content, inf_nan_mode="null")
        return Response(content, media_type="application/json", headers=HEADERS)

    async def _close(self, request: Request) -> Response:
        if refusal := await self._refusal(request):
            return refusal
        if self._on_close is None:
            return failed_answer("This server is ended where it was started.", HTTPStatus.NOT_FOUND)
        self._on_close()
        return JSONResponse({}, headers=HEADERS)

    async def _refusal(self, request: Request) -> Response | None:
        """Return why a call isn't answered: it comes from elsewhere, or without a session."""
        if refusal := await self._guard.validate_request(request, is_post=True):
            return refusal
        if not _is_own(request):
            return failed_answer("Only the page itself may call this.", HTTPStatus.FORBIDDEN)
        if not self._is_open(request):
            return failed_answer(await in_language(_OPEN_AGAIN, _language(request)), HTTPStatus.UNAUTHORIZED)
        self._on_use(_untouched(request))
        return None

    def _begin_list(self, request: Request) -> None:
        if self._ahead:
            self._ahead.begin(_language(request))

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


def _is_own(request: Request) -> bool:
    """Return whether a page of this very host and port sent a request: browsers name it in every POST."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site == "same-origin" and request.headers.get("origin", "").partition("://")[2] == request.headers["host"]


def _untouched(request: Request) -> float:
    said = request.headers.get(UNTOUCHED, "")
    return float(said) if said.isdecimal() and len(said) < 10 else 0  # noqa: PLR2004 - no clock counts further


def _language(request: Request) -> str:
    """Return what a browser's user reads, of the languages that vm-mcp speaks."""
    return peoples_language(request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]) or "en"


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
