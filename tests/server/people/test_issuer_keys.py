"""The identity provider's keys: how they are found, and that nobody can have them fetched over and over."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from jwt import PyJWKClientConnectionError, PyJWTError
from support.identity_provider import IdentityProvider, rsa_key, running_provider

from vm_mcp.errors import ConfigError
from vm_mcp.server.people import issuer_keys
from vm_mcp.server.people.issuer_keys import IssuerKeys, KeySet, KeysUnavailableError, fetch_key_set

pytestmark = pytest.mark.anyio
REALM = "/realms/us"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with running_provider(REALM) as running:
        yield running


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(provider: IdentityProvider, clock: Clock) -> IssuerKeys:
    return IssuerKeys(provider.issuer, monotonic=clock)


@pytest.mark.parametrize(
    "path",
    [
        f"/.well-known/oauth-authorization-server{REALM}",
        f"/.well-known/openid-configuration{REALM}",
        f"{REALM}/.well-known/openid-configuration",
    ],
)
@pytest.mark.parametrize("elsewhere", [404, 500, b"<html>every address shows this page</html>", ["no object"]])
async def test_the_keys_are_found_wherever_the_metadata_is(
    provider: IdentityProvider, path: str, elsewhere: object
) -> None:
    provider.serve_metadata(path)
    for other in ("oauth-authorization-server", "openid-configuration"):
        provider.documents.setdefault(f"/.well-known/{other}{REALM}", elsewhere)
    assert list(fetch_key_set(provider.issuer, "").keys) == ["one"]


@pytest.mark.parametrize("path", ["", "/"])
async def test_an_issuer_may_be_a_host_alone_with_or_without_a_slash(path: str) -> None:
    with running_provider(path) as provider:
        assert list(fetch_key_set(provider.issuer, "").keys) == ["one"]


async def test_the_metadata_of_another_issuer_is_refused(provider: IdentityProvider) -> None:
    provider.serve_metadata(*provider.documents, issuer="https://login.example.com")
    with pytest.raises(ConfigError, match=r"login\.example\.com"):
        fetch_key_set(provider.issuer, "")
    provider.serve_metadata(*provider.documents, issuer=provider.issuer + "/")
    with pytest.raises(ConfigError, match="a slash at the end"):
        fetch_key_set(provider.issuer, "")


async def test_keys_that_anyone_on_the_way_could_replace_are_refused(provider: IdentityProvider) -> None:
    provider.serve_metadata(*provider.documents, jwks_uri="http://login.example.com/keys")
    with pytest.raises(ConfigError, match="https"):
        fetch_key_set(provider.issuer, "")


async def test_a_redirect_is_not_followed(provider: IdentityProvider) -> None:
    provider.documents[f"{REALM}/keys"] = 302
    with pytest.raises(PyJWKClientConnectionError):
        fetch_key_set(provider.issuer, "")
    assert provider.asked[-1] == f"{REALM}/keys"


@pytest.mark.parametrize("document", [b"{", [], {"keys": []}, {"keys": [{"kty": "oct", "k": "AA"}]}, {}])
async def test_what_is_no_set_of_keys_is_an_error(provider: IdentityProvider, document: object) -> None:
    provider.documents[f"{REALM}/keys"] = document
    with pytest.raises((PyJWTError, ValueError)):
        fetch_key_set(provider.issuer, "")


async def test_requests_share_one_attempt(provider: IdentityProvider, keys: IssuerKeys) -> None:
    found = await asyncio.gather(*(keys.find("one") for _ in range(20)))
    assert all(found)
    assert provider.asked.count(f"{REALM}/keys") == 1


async def test_a_key_that_is_known_costs_no_request(provider: IdentityProvider, keys: IssuerKeys) -> None:
    await keys.find("one")
    asked = len(provider.asked)
    for _ in range(10):
        assert await keys.find("one")
    assert len(provider.asked) == asked


async def test_made_up_keys_do_not_hammer_the_provider(
    provider: IdentityProvider, keys: IssuerKeys, clock: Clock
) -> None:
    await keys.find("one")
    for number in range(50):
        clock.seconds += 1
        assert await keys.find(f"made-up-{number}") is None
    assert provider.asked.count(f"{REALM}/keys") == 2


async def test_a_token_need_not_name_the_only_key(provider: IdentityProvider, keys: IssuerKeys, clock: Clock) -> None:
    assert await keys.find("")
    provider.keys["two"] = rsa_key("second")
    clock.seconds += issuer_keys.UNKNOWN_SECONDS
    assert await keys.find("two")
    assert await keys.find("") is None
    assert provider.asked.count(f"{REALM}/keys") == 2


async def test_a_new_key_of_the_provider_is_found(provider: IdentityProvider, keys: IssuerKeys, clock: Clock) -> None:
    await keys.find("one")
    provider.keys = {"two": rsa_key("second")}
    clock.seconds += issuer_keys.UNKNOWN_SECONDS
    assert await keys.find("two")
    assert await keys.find("one") is None, "a key that the provider withdrew"


async def test_a_withdrawn_key_is_not_accepted_for_long(
    provider: IdentityProvider, keys: IssuerKeys, clock: Clock
) -> None:
    await keys.find("one")
    provider.keys = {"two": rsa_key("second")}
    clock.seconds += issuer_keys.FRESH_SECONDS + 1
    await keys.find("one")  # nobody waits for the attempt that this begins
    assert keys._attempt
    await keys._attempt
    assert await keys.find("one") is None


async def test_known_keys_outlive_an_outage_of_the_provider_but_not_for_ever(
    provider: IdentityProvider, keys: IssuerKeys, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await keys.find("one")
    provider.documents = {f"{REALM}/keys": 503}
    for _ in range(5):
        clock.seconds += issuer_keys.LONGEST_SECONDS / 6
        assert await keys.find("one")
        assert keys._attempt
        await keys._attempt
    clock.seconds += issuer_keys.LONGEST_SECONDS / 3
    with pytest.raises(KeysUnavailableError):
        await keys.find("one")
    assert not await keys.look()
    # One line for the address that failed, one for the metadata that is gone; none for each attempt.
    assert len(caplog.records) == 2


async def test_a_provider_that_is_down_at_the_start_is_asked_again_later(
    keys: IssuerKeys, provider: IdentityProvider, clock: Clock
) -> None:
    documents, provider.documents = provider.documents, {}
    for _ in range(10):
        with pytest.raises(KeysUnavailableError):
            await keys.find("one")
    asked = len(provider.asked)
    assert asked == 3, "each place of the metadata once"
    provider.documents = documents
    clock.seconds += issuer_keys.RETRY_SECONDS
    assert await keys.find("one")
    assert await keys.look()


async def test_a_provider_that_does_not_answer_holds_up_no_thread_for_each_request(
    keys: IssuerKeys, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuer_keys, "WAIT_SECONDS", 0.05)
    provider.answers.clear()
    found = await asyncio.gather(*(keys.find("one") for _ in range(50)), return_exceptions=True)
    assert {type(each) for each in found} == {KeysUnavailableError}
    assert len(provider.asked) <= 1
    provider.answers.set()
    await keys.aclose()


async def test_a_provider_that_is_not_there_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        issuer = f"http://127.0.0.1:{gone.getsockname()[1]}"
    assert not await IssuerKeys(issuer).look()
    assert issuer in caplog.text


async def test_the_keys_address_is_looked_up_once(provider: IdentityProvider) -> None:
    known = fetch_key_set(provider.issuer, "")
    asked = len(provider.asked)
    assert isinstance(fetch_key_set(provider.issuer, known.address), KeySet)
    assert provider.asked[asked:] == [f"{REALM}/keys"]
