"""Which tokens are good, and which are not, however well they are made."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from support.identity_provider import (
    NEVER,
    IdentityProvider,
    key_for,
    public_jwk,
    public_pem,
    rsa_key,
    running_provider,
)

from vm_mcp.server.people.bearer_tokens import JwtVerifier, RequestRefusedError, bearer_token
from vm_mcp.server.people.issuer_keys import IssuerKeys

pytestmark = pytest.mark.anyio
Forge = Callable[[IdentityProvider], str]


@pytest.fixture(scope="module")
def shared() -> Iterator[IdentityProvider]:
    with running_provider("/realms/us") as running:
        running.keys |= {"ec": key_for("ES256"), "ed": key_for("EdDSA")}
        yield running


@pytest.fixture
def verifier(shared: IdentityProvider) -> JwtVerifier:
    return JwtVerifier(IssuerKeys(shared.issuer), (shared.audience, f"{shared.audience}/klinik"))


@pytest.mark.parametrize(
    ("algorithm", "key_id"), [("RS256", "one"), ("PS256", "one"), ("ES256", "ec"), ("EdDSA", "ed")]
)
async def test_a_good_token_says_who_brings_it(
    shared: IdentityProvider, verifier: JwtVerifier, algorithm: str, key_id: str
) -> None:
    token = await verifier.verify_token(shared.token(algorithm, key_id=key_id, azp="assistant"))
    assert token
    assert (token.subject, token.client_id, token.resource) == ("u-1", "assistant", shared.audience)
    assert token.scopes == ["voicemail:open", "voicemail:read", "voicemail:update"]


@pytest.mark.parametrize(
    "given",
    [
        {"header": {"typ": "JWT"}},
        {"header": {"typ": "application/at+jwt"}},
        {"header": {"typ": "AT+JWT"}},
        {"header": {"typ": None}},
        {"aud": ["https://other.example", "https://voicemail.example.com/mcp"]},
        {"aud": "https://voicemail.example.com/mcp/klinik"},
        {"scope": NEVER, "scp": "voicemail:read"},
        {"scope": NEVER, "scp": ["voicemail:read"]},
        {"scope": ""},
        {"lifetime": -10},
        {"typ": "Bearer"},
    ],
    ids=str,
)
async def test_what_differs_between_providers_is_accepted(
    shared: IdentityProvider, verifier: JwtVerifier, given: dict[str, Any]
) -> None:
    assert await verifier.verify_token(shared.token(**given))


@pytest.mark.parametrize(
    "given",
    [
        {"lifetime": -60},
        {"exp": NEVER},
        {"exp": "tomorrow"},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"aud": "https://voicemail.example.com"},
        {"aud": "https://voicemail.example.com/mcp/"},
        {"aud": "https://voicemail.example.com/mcp/otel"},
        {"aud": []},
        {"aud": NEVER},
        {"iss": "https://login.example.com"},
        {"iss": NEVER},
        {"sub": NEVER},
        {"sub": ""},
        {"sub": 7},
        {"scope": NEVER},
        {"key_id": "unknown"},
        {"key_id": None},
        {"header": {"crit": ["exp"]}},
        {"header": {"typ": "logout+jwt"}},
        {"header": {"typ": "dpop+jwt"}},
        {"typ": "ID"},
        {"typ": "Refresh"},
        {"at_hash": "x"},
        {"events": {}},
        {"cnf": {"jkt": "x"}},
    ],
    ids=str,
)
async def test_a_token_is_refused_that_is_not_for_this(
    shared: IdentityProvider, verifier: JwtVerifier, given: dict[str, Any]
) -> None:
    assert await verifier.verify_token(shared.token(**given)) is None


@pytest.mark.parametrize("claim", ["iss", "aud"])
async def test_an_issuer_or_audience_that_only_begins_alike_is_refused(
    shared: IdentityProvider, verifier: JwtVerifier, claim: str
) -> None:
    good = {"iss": shared.issuer, "aud": shared.audience}[claim]
    for other in (f"{good}/", f"{good}x", good[:-1], good.upper()):
        given: dict[str, Any] = {claim: other}
        assert await verifier.verify_token(shared.token(**given)) is None


def none_algorithm(provider: IdentityProvider) -> str:
    _, payload, _ = provider.token().split(".")
    return f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': 'one'})}.{payload}."


def none_in_another_spelling(provider: IdentityProvider) -> str:
    _, payload, signature = provider.token().split(".")
    return f"{part({'alg': 'nOnE', 'kid': 'one'})}.{payload}.{signature}"


def signed_with_the_public_key(provider: IdentityProvider) -> str:
    """Anyone can make it, where a verifier takes the algorithm from the token and the key for a shared secret."""
    _, payload, _ = provider.token().split(".")
    signed = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': 'one'})}.{payload}"
    digest = hmac.new(public_pem(rsa_key()), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{encoded(digest)}"


def changed_after_signing(provider: IdentityProvider) -> str:
    header, _, signature = provider.token().split(".")
    _, other, _ = provider.token(sub="u-2").split(".")
    return f"{header}.{other}.{signature}"


def without_signature(provider: IdentityProvider) -> str:
    return provider.token().rpartition(".")[0] + "."


def of_a_short_algorithm(provider: IdentityProvider) -> str:
    return provider.token("RS512")


def signed_by_somebody_else(provider: IdentityProvider) -> str:
    return provider.token(key=rsa_key("another"))


def bringing_its_own_key(provider: IdentityProvider) -> str:
    other = rsa_key("another")
    return provider.token(key=other, header={"jwk": public_jwk("one", other), "jku": "https://evil.example/keys"})


def naming_a_key_of_another_kind(provider: IdentityProvider) -> str:
    return provider.token(key=rsa_key(), key_id="ec")


def id_token(provider: IdentityProvider) -> str:
    return provider.token(scope=NEVER, aud="assistant", nonce="n", at_hash="h", header={"typ": "JWT"})


def nested_on_purpose(_: IdentityProvider) -> str:
    return f"{encoded(b'[' * 9_000)}.e30.x"


def enormous(provider: IdentityProvider) -> str:
    return provider.token(filler="x" * 20_000)


def no_token(_: IdentityProvider) -> str:
    return "a.b.c"


def empty(_: IdentityProvider) -> str:
    return ""


def not_ascii(_: IdentityProvider) -> str:
    return "ş.ğ.ı"


def header_is_no_object(provider: IdentityProvider) -> str:
    return f"{encoded(b'7')}.{provider.token().split('.', 1)[1]}"


FORGED = [
    none_algorithm,
    none_in_another_spelling,
    signed_with_the_public_key,
    changed_after_signing,
    without_signature,
    of_a_short_algorithm,
    signed_by_somebody_else,
    bringing_its_own_key,
    naming_a_key_of_another_kind,
    id_token,
    nested_on_purpose,
    enormous,
    no_token,
    empty,
    not_ascii,
    header_is_no_object,
]


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(content: object) -> str:
    return encoded(json.dumps(content).encode())


@pytest.mark.parametrize("forge", FORGED, ids=lambda forge: forge.__name__)
async def test_a_forged_token_is_refused(shared: IdentityProvider, verifier: JwtVerifier, forge: Forge) -> None:
    assert await verifier.verify_token(forge(shared)) is None


async def test_a_key_set_with_a_shared_secret_in_it_opens_nothing(shared: IdentityProvider) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    oct_key = {"kty": "oct", "k": encoded(secret.encode()), "kid": "oct", "alg": "HS256"}
    shared.documents["/realms/us/keys"] = {"keys": [public_jwk("one", rsa_key()), oct_key]}
    try:
        verifier = JwtVerifier(IssuerKeys(shared.issuer), (shared.audience,))
        assert await verifier.verify_token(shared.token())
        assert await verifier.verify_token(shared.token("HS256", key_id="oct", key=secret)) is None
        claims = shared.token(key=rsa_key("other"), key_id="oct")
        assert await verifier.verify_token(claims) is None
    finally:
        del shared.documents["/realms/us/keys"]


async def test_the_log_says_why_without_a_word_of_the_token(
    shared: IdentityProvider, verifier: JwtVerifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "vm_mcp")
    token = shared.token(lifetime=-60, sub="ayse@example.com", name="Ayşe")
    assert await verifier.verify_token(token) is None
    assert "ExpiredSignatureError" in caplog.text
    assert not [word for word in ("ayse", "Ayşe", token[:10]) if word in caplog.text]


def scope(*authorization: bytes, query: bytes = b"") -> dict[str, Any]:
    return {"type": "http", "headers": [(b"authorization", each) for each in authorization], "query_string": query}


@pytest.mark.parametrize(
    "shown", [b"Bearer a.b.c", b"bearer a.b.c", b"BEARER a.b.c", b"Bearer   a.b.c", b"Bearer a.b.c "]
)
def test_the_scheme_may_have_any_case(shown: bytes) -> None:
    assert bearer_token(scope(shown)) == "a.b.c"


@pytest.mark.parametrize("shown", [(), (b"",), (b"Basic a.b.c",), (b"a.b.c",), (b"Bearer\ta.b.c",), (b"Bearera.b.c",)])
def test_a_request_without_a_token_gets_no_error_code(shown: tuple[bytes, ...]) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        bearer_token(scope(*shown))
    assert refused.value.error == ""


@pytest.mark.parametrize(
    ("shown", "query"),
    [
        ((b"Bearer a.b.c", b"Bearer a.b.c"), b""),
        ((b"Bearer a.b.c", b"Basic x"), b""),
        ((), b"access_token=a.b.c"),
        ((), b"x=1&access%5Ftoken="),
        ((b"Bearer a.b.c",), b"access_token=a.b.c"),
    ],
)
def test_a_token_in_two_places_or_in_the_url_is_refused(shown: tuple[bytes, ...], query: bytes) -> None:
    with pytest.raises(RequestRefusedError) as refused:
        bearer_token(scope(*shown, query=query))
    assert refused.value.error == "invalid_request"


def test_the_provider_of_these_tests_signs_with_keys_of_its_own() -> None:
    assert isinstance(rsa_key(), rsa.RSAPrivateKey)
    assert jwt.get_unverified_header(none_algorithm(IdentityProvider("http://127.0.0.1:1")))["alg"] == "none"
