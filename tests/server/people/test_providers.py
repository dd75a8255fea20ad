"""A provider that nobody here wrote: its keys are found, and its tokens for other purposes open nothing."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from vm_mcp.server.people.bearer_tokens import JwtVerifier
from vm_mcp.server.people.issuer_keys import IssuerKeys

pytestmark = pytest.mark.anyio
REDIRECT = "http://127.0.0.1:1/callback"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run oidc-provider-mock; the issuer is its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                if "Uvicorn running" in line:
                    break
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture(scope="module")
def tokens(issuer: str) -> dict[str, str]:
    """Sign in, and return the tokens that the client gets."""
    asked = {
        "client_id": "assistant",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid profile email",
        "nonce": "n",
        "state": "s",
    }
    with httpx2.Client(base_url=issuer) as http:
        shown = http.post("/oauth2/authorize", params=asked, data={"sub": "ayse@example.com"})
        code = parse_qs(urlsplit(shown.headers["Location"]).query)["code"][0]
        exchanged = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        answer = http.post("/oauth2/token", data=exchanged | {"client_id": "assistant"}, auth=("assistant", "x"))
        got: dict[str, str] = answer.json()
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", got["id_token"])
    return got


async def test_its_keys_are_found(issuer: str) -> None:
    assert await IssuerKeys(issuer).look()


async def test_its_id_token_opens_nothing_even_where_the_audience_is_the_client(
    issuer: str, tokens: dict[str, str]
) -> None:
    verifier = JwtVerifier(IssuerKeys(issuer), ("assistant",))
    claims = await verifier._signed_claims(tokens["id_token"])
    assert claims["sub"] == "ayse@example.com", "it is signed by the issuer, for that audience"
    assert await verifier.verify_token(tokens["id_token"]) is None


async def test_a_token_that_is_no_jwt_opens_nothing(issuer: str, tokens: dict[str, str]) -> None:
    assert await JwtVerifier(IssuerKeys(issuer), ("assistant",)).verify_token(tokens["access_token"]) is None
