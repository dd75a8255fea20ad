"""What the inbox page's server answers with: never kept, never framed, and running only what is in the page."""

import base64
import hashlib
import re
from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With `no-referrer`, a browser would send no page's origin along with a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_CLOSED_POLICY = "default-src 'none'; base-uri 'none'; form-action {form}; frame-ancestors 'none'"
FORM = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vm-mcp</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>vm-mcp</h1><form method="post" action="enter">
<label>VM_MCP_HTTP_TOKEN <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>OK</button></form></main></body></html>
"""
ENTERED = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>vm-mcp</title>
<meta http-equiv="refresh" content="0; url=./"></head><body></body></html>
"""


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


def html_answer(text: str, policy: str = "", status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """Return a page that runs what its policy says; by default nothing, and it may post a form to where it is from."""
    policy = policy or _CLOSED_POLICY.format(form="'self'")
    return HTMLResponse(text, status, headers={**HEADERS, "Content-Security-Policy": policy})


def failed_answer(text: str, status: HTTPStatus) -> JSONResponse:
    """Return a text for the person at the page."""
    return JSONResponse({"error": text}, status, headers=HEADERS)
