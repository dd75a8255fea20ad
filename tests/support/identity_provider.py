"""An identity provider on loopback: its metadata, its keys, and tokens as good or as forged as a test wants them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
READ = "voicemail:read"
EVERY_SCOPE = "voicemail:read voicemail:open voicemail:update"
NEVER = "(left out)"
"""Stands for a claim that a token lacks."""


@cache
def rsa_key(_: str = "first") -> rsa.RSAPrivateKey:
    """Return a key, the same for the same name: making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def key_for(algorithm: str) -> PrivateKey:
    """Return a key of the kind that an algorithm signs with."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return ed25519.Ed25519PrivateKey.generate() if algorithm == "EdDSA" else rsa_key()


def public_jwk(key_id: str, key: PrivateKey, **more: str) -> dict[str, Any]:
    """Return a public key as a key set holds it."""
    if isinstance(key, rsa.RSAPrivateKey):
        described = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        described = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        described = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**described, "kid": key_id, "use": "sig", **more}


def public_pem(key: PrivateKey) -> bytes:
    """Return a public key as text, which anyone can sign with where a verifier takes it for a shared secret."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class IdentityProvider:
    """One provider. What it serves can be changed while it runs.

    Attributes:
        documents: What is at each path, as JSON or as bytes; a status in place of it is sent without a body.
        audience: What its tokens are for.
        asked: The paths that were asked for.
    """

    def __init__(self, url: str, path: str = "") -> None:
        self.issuer = url + path
        self.audience = "https://voicemail.example.com/mcp"
        self.keys: dict[str, PrivateKey] = {"one": rsa_key()}
        self.documents: dict[str, Any] = {}
        self.asked: list[str] = []
        self.answers = threading.Event()
        self.answers.set()
        self.serve_metadata(f"/.well-known/oauth-authorization-server{path.rstrip('/')}")

    def serve_metadata(self, *paths: str, **changes: Any) -> None:  # noqa: ANN401 - JSON
        """Serve the metadata at these paths alone."""
        metadata = {"issuer": self.issuer, "jwks_uri": f"{self.issuer.rstrip('/')}/keys", **changes}
        self.documents = dict.fromkeys(paths, metadata)

    def document(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return what is at a path."""
        if path.endswith("/keys") and path not in self.documents:
            return {"keys": [public_jwk(key_id, key) for key_id, key in self.keys.items()]}
        return self.documents.get(path, 404)

    def token(
        self,
        algorithm: str = "RS256",
        *,
        key_id: str | None = "one",
        key: PrivateKey | bytes | str | None = None,
        header: dict[str, Any] | None = None,
        lifetime: float = 300,
        **claims: Any,  # noqa: ANN401 - JSON
    ) -> str:
        """Return a token that is good but for what is asked for."""
        now = time.time()
        said = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": "u-1",
            "scope": EVERY_SCOPE,
            "iat": int(now),
            "exp": int(now + lifetime),
            **claims,
        }
        signing = key if key is not None else self.keys.get(key_id or "one") or rsa_key()
        named = {} if key_id is None else {"kid": key_id}
        kept = {name: value for name, value in said.items() if value != NEVER}
        return jwt.encode(kept, signing, algorithm, headers={"typ": "at+jwt", **named, **(header or {})})


@contextmanager
def running_provider(path: str = "") -> Iterator[IdentityProvider]:
    """Run a provider on loopback whose issuer ends with a path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            provider.answers.wait(10)
            found = provider.document(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            status = found if isinstance(found, int) else 200
            self.send_response(status)
            if status in {301, 302}:
                self.send_header("Location", f"{provider.issuer}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}", path)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            provider.answers.set()
            server.shutdown()
            thread.join()
