"""What the server says over HTTP to people with and without tokens, and which account is open to whom."""

import re
import socket
from typing import Any

import httpx2
import pytest
from support.identity_provider import NEVER, IdentityProvider
from support.people import HEADERS, PING, MakeAccount, ServeTeam, post

from vm_mcp.config.accounts import AccessRule
from vm_mcp.people import EVERYTHING, Access, Person

pytest_plugins = ["support.people_fixtures"]
TOKEN = "a-token-of-twenty-characters-or-more"
RECEPTION: dict[str, Any] = {"groups": ["reception"], "name": "Ayşe Yılmaz"}
BOTH: dict[str, Any] = {"groups": ["reception", "mechanics"]}


def challenge(response: httpx2.Response) -> dict[str, str]:
    """Return the parts of a challenge."""
    header = response.headers["WWW-Authenticate"]
    assert header.startswith("Bearer ")
    return dict(re.findall(r'(\w+)="([^"]*)"', header))


def test_without_a_token_it_says_where_to_get_one_and_gives_no_error_code(
    serve_team: ServeTeam, make_account: MakeAccount
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    for path in ("/mcp", "/mcp/klinik", "/mcp/nobodys"):
        refused = post(url + path)
        assert refused.status_code == 401
        assert challenge(refused) == {"resource_metadata": f"{url}/.well-known/oauth-protected-resource{path}"}


def test_a_token_that_is_not_good_is_named_so(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    for token in ("x", provider.token(lifetime=-60), provider.token(aud="other"), provider.token(scope=NEVER)):
        refused = post(f"{url}/mcp", token)
        assert refused.status_code == 401
        assert challenge(refused)["error"] == "invalid_token"
        assert challenge(refused)["resource_metadata"] == f"{url}/.well-known/oauth-protected-resource/mcp"
        assert refused.json()["error"] == "invalid_token"


def test_a_token_without_the_scope_to_read_is_refused_with_the_scopes_to_ask_for(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    for scope, needed in {"": "voicemail:read", "openid voicemail:open": "voicemail:open voicemail:read"}.items():
        refused = post(f"{url}/mcp", provider.token(scope=scope, **RECEPTION))
        assert refused.status_code == 403
        assert challenge(refused)["error"] == "insufficient_scope"
        assert challenge(refused)["scope"] == needed
        assert challenge(refused)["resource_metadata"]


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER"])
def test_the_scheme_may_have_any_case(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider, scheme: str
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    assert post(f"{url}/mcp", Authorization=f"{scheme} {provider.token(**RECEPTION)}").status_code == 200


def test_a_token_in_the_url_is_refused_and_two_headers_are(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    token = provider.token(**RECEPTION)
    for refused in (
        post(f"{url}/mcp?access_token={token}"),
        post(f"{url}/mcp?access_token={token}", token),
        httpx2.post(
            f"{url}/mcp",
            json=PING,
            headers=[*HEADERS.items(), *[("Authorization", f"Bearer {token}")] * 2],
        ),
    ):
        assert refused.status_code == 400
        assert challenge(refused)["error"] == "invalid_request"


@pytest.mark.parametrize("path", ["/mcp", "/mcp/klinik", "/mcp/nobodys"])
def test_the_metadata_names_the_provider_as_it_names_itself_and_the_scopes(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider, path: str
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    found = httpx2.get(f"{url}/.well-known/oauth-protected-resource{path}", headers={"Origin": "https://inspector"})
    assert found.headers["Access-Control-Allow-Origin"] == "*"
    assert found.json() == {
        "resource": f"{url}{path}",
        "authorization_servers": [provider.issuer],
        "scopes_supported": ["voicemail:open", "voicemail:read", "voicemail:update"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Bulut Santral voicemail",
    }


def test_a_name_that_can_be_no_accounts_gets_into_no_header(serve_team: ServeTeam, make_account: MakeAccount) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    for name in ("%22%2C%20error=%22x", "%0d%0aX-Evil:%201", "ş", "a" * 41):
        refused = post(f"{url}/mcp/{name}")
        assert refused.status_code == 401
        assert challenge(refused) == {"resource_metadata": f"{url}/.well-known/oauth-protected-resource/mcp"}
        found = httpx2.get(f"{url}/.well-known/oauth-protected-resource/mcp/{name}")
        assert found.json()["resource"] == f"{url}/mcp"


def test_the_person_and_what_they_may_see_and_do_come_from_the_token(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    klinik = make_account("klinik", AccessRule(claim="groups", value="reception", extensions=("101", "102")))
    team = serve_team(klinik)
    assert post(f"{team.url}/mcp", provider.token(scope="voicemail:read", **RECEPTION)).status_code == 200
    expected = Access(Person("u-1", "Ayşe Yılmaz"), frozenset({"101", "102"}), frozenset({"voicemail:read"}))
    assert team.accesses == [("klinik", expected)]


def test_several_accounts_are_each_at_an_address_of_their_own(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    accounts = [make_account("klinik", group="reception"), make_account("atolye", group="mechanics")]
    team = serve_team(*accounts, make_account("otel", group="lobby"))
    refused = post(f"{team.url}/mcp", provider.token(**BOTH))
    assert refused.status_code == 403
    assert refused.json()["accounts"] == [f"{team.url}/mcp/klinik", f"{team.url}/mcp/atolye"]
    assert "Connect to one of them" in refused.json()["error_description"]
    for name in ("klinik", "atolye"):
        assert post(f"{team.url}/mcp/{name}", provider.token(**BOTH)).status_code == 200
    assert [name for name, _ in team.accesses] == ["klinik", "atolye"]


def test_an_account_of_others_looks_like_one_that_there_is_not(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception"), make_account("otel", group="lobby")).url
    people: list[dict[str, Any]] = [RECEPTION, {"groups": []}]
    for person in people:
        theirs, none = (post(f"{url}/mcp/{name}", provider.token(**person)) for name in ("otel", "nobodys"))
        assert (theirs.status_code, theirs.content) == (none.status_code, none.content)
        assert theirs.status_code == 403
    assert "WWW-Authenticate" not in theirs.headers, "no other token would help"
    assert "No account here is open to you" in post(f"{url}/mcp", provider.token(groups=[])).text


def test_an_account_that_nobody_can_see_is_named_in_the_log(
    serve_team: ServeTeam, make_account: MakeAccount, caplog: pytest.LogCaptureFixture
) -> None:
    serve_team(make_account("klinik", group="reception"), make_account("otel"))
    assert [record.getMessage() for record in caplog.records if "nobody can see" in record.getMessage()] == [
        "nobody can see the account otel: no rule in the accounts file says who may"
    ]


def test_a_token_for_one_address_opens_no_other(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception"), make_account("atolye", group="mechanics")).url
    token = provider.token(aud=f"{url}/mcp/klinik", **BOTH)
    statuses = {path: post(url + path, token).status_code for path in ("/mcp/klinik", "/mcp/atolye", "/mcp")}
    assert statuses == {"/mcp/klinik": 200, "/mcp/atolye": 401, "/mcp": 401}


def test_a_provider_without_resource_indicators_names_an_audience_of_its_own(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception"), oauth_audience="api://voicemail").url
    assert post(f"{url}/mcp", provider.token(aud="api://voicemail", **RECEPTION)).status_code == 200
    assert post(f"{url}/mcp", provider.token(**RECEPTION)).status_code == 401


def test_while_the_provider_can_not_be_reached_it_is_unavailable_and_says_so(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    provider.documents = {}
    url = serve_team(make_account("klinik", group="reception")).url
    refused = post(f"{url}/mcp", provider.token(**RECEPTION))
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert post(f"{url}/mcp").status_code == 401, "no key is needed to see that there is no token"
    ready = httpx2.get(f"{url}/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "failing": ["issuer"]})
    assert httpx2.get(f"{url}/healthz").json() == {"status": "ok"}


def test_it_is_ready_once_it_knows_the_providers_keys(serve_team: ServeTeam, make_account: MakeAccount) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    ready = httpx2.get(f"{url}/readyz", headers={"Host": "10.0.0.7:8000"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "rebound.example"}, 421), ({"Origin": "https://rebound.example"}, 403), ({"Host": "localhost:1"}, 200)],
)
def test_another_sites_page_is_refused_even_with_a_token(
    serve_team: ServeTeam,
    make_account: MakeAccount,
    provider: IdentityProvider,
    headers: dict[str, str],
    status: int,
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    assert post(f"{url}/mcp", provider.token(**RECEPTION), **headers).status_code == status


def test_the_public_address_is_a_name_of_the_server_and_what_a_proxy_says_is_not(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    public = "https://voicemail.example.com"
    url = serve_team(make_account("klinik", group="reception"), public_url=f"{public}/").url
    provider.audience = f"{public}/mcp"
    named: dict[str, Any] = {"Host": "voicemail.example.com", "Origin": public}
    assert post(f"{url}/mcp", provider.token(**RECEPTION), **named).status_code == 200
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    assert "evil" not in post(f"{url}/mcp", **named, **forwarded).headers["WWW-Authenticate"]


def test_a_token_of_the_servers_own_opens_every_account_with_all_scopes(
    serve_team: ServeTeam, make_account: MakeAccount
) -> None:
    team = serve_team(make_account("klinik"), make_account("atolye"), token=TOKEN)
    for path in ("/mcp/klinik", "/mcp/atolye"):
        assert post(team.url + path, TOKEN).status_code == 200
        assert post(team.url + path, TOKEN + "x").status_code == 401
    assert team.accesses == [("klinik", EVERYTHING), ("atolye", EVERYTHING)]
    several = post(f"{team.url}/mcp", TOKEN)
    assert (several.status_code, several.json()["accounts"]) == (403, ["/mcp/klinik", "/mcp/atolye"])
    assert httpx2.get(f"{team.url}/readyz").json() == {"status": "ok"}
    assert httpx2.get(f"{team.url}/.well-known/oauth-protected-resource/mcp").status_code == 401


def test_a_broken_request_is_an_answer_and_not_a_crash(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    url = serve_team(make_account("klinik", group="reception")).url
    host, port = url.removeprefix("http://").split(":")
    sent = "POST /mcp?%zz&access_token HTTP/1.1\r\nHost: localhost\r\nAuthorization: \xff\xfe\r\n\r\n"
    with socket.create_connection((host, int(port))) as line, line.makefile("rb") as answer:
        line.sendall(sent.encode("latin-1"))
        assert int(answer.readline().split()[1]) in {400, 401}
    assert provider.asked.count("/keys") <= 1


def test_a_slash_at_the_end_is_the_same_address_and_never_a_redirect_to_plain_http(
    serve_team: ServeTeam, make_account: MakeAccount, provider: IdentityProvider
) -> None:
    server = serve_team(make_account("klinik", group="reception"))
    for path in ("/mcp/", "/mcp/klinik/"):
        assert post(server.url + path, provider.token(**RECEPTION)).status_code == 200
        refused = post(server.url + path, Host="evil.example")
        assert (refused.status_code, refused.headers.get("Location")) == (401, None)
    assert server.accesses == [("klinik", Access(Person("u-1", "Ayşe Yılmaz")))]
    assert post(f"{server.url}/.well-known/oauth-protected-resource/mcp/").status_code == 404


def test_rules_that_a_token_of_the_servers_own_can_not_follow_are_named_in_the_log(
    serve_team: ServeTeam, make_account: MakeAccount, caplog: pytest.LogCaptureFixture
) -> None:
    serve_team(make_account("klinik", group="reception"), make_account("atolye"), token=TOKEN)
    ignored = [record.getMessage() for record in caplog.records if record.name.startswith("vm_mcp.server")]
    assert ignored == ["the rules of the account klinik are not followed: VM_MCP_HTTP_TOKEN opens all of it"]
