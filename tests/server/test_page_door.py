"""The inbox page in a browser: who gets in, who is turned away, and what the page may do."""

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from conftest import MakeSettings
from pydantic import SecretStr
from support.scripted_transcriber import ScriptedTranscriber
from support.virtual_time import elapsed, run_in_virtual_time

from vm_mcp import page
from vm_mcp.inbox import Inbox
from vm_mcp.net.listening import ListenAddress
from vm_mcp.server import build_server, page_door
from vm_mcp.server.http import build_app
from vm_mcp.server.page_ahead import FIRST_LIST, ListAhead
from vm_mcp.server.page_answers import policy_of
from vm_mcp.server.page_door import COOKIE, UNTOUCHED
from vm_mcp.server.page_server import PageServer
from vm_mcp.simulator import Simulator

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

ADDRESS = ListenAddress("127.0.0.1", 8765)
HERE = f"http://{ADDRESS.netloc}"
OWN = {"Origin": HERE, "Content-Type": "application/json"}
TOKEN = "a-token-of-twenty-characters-or-more"


class Opened:
    """A page server, and what ended it."""

    def __init__(self, inbox: Inbox) -> None:
        self._server = PageServer(inbox, idle_seconds=0)
        self.ends = 0
        self.app = self._server.app(ADDRESS, self._end)

    def url(self) -> str:
        return self._server.url(ADDRESS)

    def _end(self) -> None:
        self.ends += 1


@pytest.fixture
async def inbox(simulator: Simulator, settings_for: MakeSettings) -> AsyncIterator[Inbox]:
    opened = Inbox(settings_for(simulator), ScriptedTranscriber())
    yield opened
    await opened.aclose()


@pytest.fixture
async def opened(inbox: Inbox) -> Opened:
    return Opened(inbox)


def browser(app: Any) -> httpx2.AsyncClient:  # noqa: ANN401 - any ASGI application
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=HERE)


async def enter(client: httpx2.AsyncClient, opened: Opened) -> str:
    """Open the page as a browser does, and return its address."""
    url = opened.url()
    entered = await client.get(url)
    assert entered.status_code == 200
    assert 'content="0; url=./"' in entered.text
    return url.partition("?")[0]


async def test_a_one_time_token_opens_the_page_and_its_calls(opened: Opened) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        shown = await client.get(address)
        assert '<head><meta name="vm-mcp-bridge" content="local">' in shown.text
        listed = await client.post(f"{address}call/inbox_messages", json={"status": "all", "limit": 3}, headers=OWN)
        assert listed.status_code == 200
        assert len(listed.json()["voicemails"]) == 3
        uuid = listed.json()["voicemails"][0]["uuid"]
        played = await client.post(f"{address}call/inbox_audio", json={"uuid": uuid, "seconds": 1}, headers=OWN)
        assert len(base64.b64decode(played.json()["data"])) == 8_000
        closed = await client.post(f"{address}call/inbox_update", json={"uuids": uuid, "state": "done"}, headers=OWN)
        assert closed.json()["voicemails"][0]["state"] == "done"


async def test_the_cookie_is_no_scripts_and_no_other_sites_and_no_other_paths(opened: Opened) -> None:
    async with browser(opened.app) as client:
        url = opened.url()
        header = (await client.get(url)).headers["set-cookie"]
    assert {"httponly", "samesite=strict", f"path={urlsplit(url).path}".lower()} <= set(header.lower().split("; "))
    assert len(urlsplit(url).path) > 12
    assert parse_qs(urlsplit(url).query)["token"][0] not in header


async def test_a_token_opens_one_browser_and_no_second_one(opened: Opened) -> None:
    url = opened.url()
    async with browser(opened.app) as first, browser(opened.app) as second:
        assert (await first.get(url)).status_code == 200
        assert (await second.get(url)).status_code == 401
        assert (await second.get(url.partition("?")[0])).status_code == 401
        assert (await first.get(url)).status_code == 200, "going back in the history of the same browser"


async def test_a_newer_token_replaces_one_that_was_not_used(opened: Opened) -> None:
    older, newer = opened.url(), opened.url()
    async with browser(opened.app) as client:
        assert (await client.get(older)).status_code == 401
        assert (await client.get(newer)).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "%00", "é", "a" * 10_000])
async def test_a_wrong_token_opens_nothing(opened: Opened, token: str) -> None:
    address = opened.url().partition("?")[0]
    async with browser(opened.app) as client:
        refused = await client.get(address, params={"token": token})
        assert refused.status_code == 401
        assert "vm-mcp open" in refused.text
        assert not client.cookies


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),  # another website
        ({"Origin": "null"}, 403),  # a sandboxed frame, or a file
        ({"Origin": "http://127.0.0.1:9999"}, 403),  # another program's page on this computer
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "evil.example:8765", "Origin": "http://evil.example:8765"}, 421),  # DNS rebinding
        ({"Host": "127.0.0.1:9999", "Origin": "http://127.0.0.1:9999"}, 421),
        ({"Content-Type": "text/plain"}, 400),  # what another site's form can send
        ({"Content-Type": "application/x-www-form-urlencoded"}, 400),
        ({"Cookie": ""}, 401),
        ({"Cookie": f"{COOKIE}=guessed"}, 401),
    ],
)
@pytest.mark.parametrize("call", ["call/inbox_messages", "call/inbox_audio", "close"])
async def test_a_call_from_elsewhere_is_refused_before_anything_is_done(
    opened: Opened, simulator: Simulator, changed: dict[str, str], status: int, call: str
) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        cookie = f"{COOKIE}={client.cookies[COOKIE]}"
        client.cookies.clear()
        headers = {"Cookie": cookie} | OWN | changed
        uuid = simulator.scenario.messages[0].uuid
        refused = await client.post(address + call, content=json.dumps({"uuid": uuid}), headers=headers)
    assert refused.status_code == status
    assert uuid not in refused.text
    assert (simulator.requests, opened.ends) == ([], 0)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80"])
async def test_the_page_is_not_shown_under_a_name_that_is_not_ours(opened: Opened, host: str) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        assert (await client.get(address, headers={"Host": host})).status_code == 421
        assert (await client.get(opened.url(), headers={"Host": host})).status_code == 421


@pytest.mark.parametrize("path", ["/", "/inbox/", "/call/inbox_messages", "/mcp", "/../", "/x/"])
async def test_nothing_is_served_beside_the_page(opened: Opened, path: str) -> None:
    async with browser(opened.app) as client:
        await enter(client, opened)
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, json={}, headers=OWN)).status_code == 404


@pytest.mark.parametrize("name", ["get_recording", "transcribe_voicemails", "list_voicemails", "close", "..%2Fclose"])
async def test_the_page_can_call_nothing_but_its_own_tools(opened: Opened, simulator: Simulator, name: str) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        uuid = simulator.scenario.messages[0].uuid
        refused = await client.post(f"{address}call/{name}", json={"uuid": uuid}, headers=OWN)
    assert refused.status_code == 404
    assert (simulator.requests, opened.ends) == ([], 0)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff", b"[" * 50_000, b'{"query": "' + b"a" * 70_000 + b'"}'])
async def test_arguments_that_are_none_are_refused_in_words(opened: Opened, body: bytes) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        refused = await client.post(f"{address}call/inbox_messages", content=body, headers=OWN)
    assert (refused.status_code, "not JSON" in refused.json()["error"]) == (400, True)


async def test_a_tools_error_reaches_the_person_in_its_own_words(opened: Opened) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        failed = await client.post(f"{address}call/inbox_messages", json={"since": "someday"}, headers=OWN)
        wrong = await client.post(f"{address}call/inbox_messages", json={"limit": 1_000}, headers=OWN)
    assert (failed.status_code, wrong.status_code) == (400, 400)
    assert "`someday` is not a date" in failed.json()["error"]
    assert "`limit`" in wrong.json()["error"]


async def test_the_page_may_run_only_what_is_in_it_and_is_never_kept(opened: Opened) -> None:
    async with browser(opened.app) as client:
        shown = await client.get(await enter(client, opened))
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-frame-options"] == "DENY"
    policy = dict(part.split(" ", 1) for part in shown.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["connect-src"] == "'self'"
    for kind in ("script", "style"):
        contents = re.findall(rf"<{kind}[^>]*>(.*?)</{kind}>", shown.text, re.DOTALL)
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in contents]
        assert policy[f"{kind}-src"].split() == [f"'sha256-{each}'" for each in hashes]
    assert "unsafe" not in shown.headers["content-security-policy"]


def test_a_page_without_a_script_may_run_none() -> None:
    assert "script-src 'none'" in policy_of("<p>a</p>")


async def test_the_page_can_end_the_server(opened: Opened) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        assert (await client.post(f"{address}close", json={}, headers=OWN)).status_code == 200
    assert opened.ends == 1


@pytest.fixture
def no_list_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the page's server from the network, which virtual time doesn't wait for."""
    monkeypatch.setattr(ListAhead, "begin", lambda *_: None)


@pytest.mark.usefixtures("no_list_ahead")
def test_the_server_ends_once_nobody_has_used_it_for_a_while(simulator: Simulator, settings_for: MakeSettings) -> None:
    async def used_once() -> float:
        ended = asyncio.Event()
        server = PageServer(Inbox(settings_for(simulator), ScriptedTranscriber()), idle_seconds=1_800)
        app = server.app(ADDRESS, ended.set)
        async with app.router.lifespan_context(app), browser(app) as client:
            url = server.url(ADDRESS)
            await client.get(url)
            await asyncio.sleep(1_000)
            used = await client.post(f"{url.partition('?')[0]}call/nothing", headers=OWN)
            assert used.status_code == 404
            await ended.wait()
            return elapsed()

    assert run_in_virtual_time(used_once()) == pytest.approx(2_800)


@pytest.mark.usefixtures("no_list_ahead")
def test_what_is_no_number_of_seconds_counts_as_a_touch_now(simulator: Simulator, settings_for: MakeSettings) -> None:
    async def called() -> float:
        ended = asyncio.Event()
        server = PageServer(Inbox(settings_for(simulator), ScriptedTranscriber()), idle_seconds=1_800)
        app = server.app(ADDRESS, ended.set)
        async with app.router.lifespan_context(app), browser(app) as client:
            url = server.url(ADDRESS)
            await client.get(url)
            await asyncio.sleep(180)
            for nonsense in ("", "-5", "nan", "9" * 50):
                await client.post(f"{url.partition('?')[0]}call/nothing", headers=OWN | {UNTOUCHED: nonsense})
            await client.post(f"{url.partition('?')[0]}call/nothing", headers=OWN | {UNTOUCHED: "999"})
            await ended.wait()
            return elapsed()

    assert run_in_virtual_time(called()) == pytest.approx(180 + 1_800)


@pytest.mark.usefixtures("no_list_ahead")
def test_a_page_that_refreshes_by_itself_keeps_no_server_up(simulator: Simulator, settings_for: MakeSettings) -> None:
    async def untouched() -> float:
        ended = asyncio.Event()
        server = PageServer(Inbox(settings_for(simulator), ScriptedTranscriber()), idle_seconds=1_800)
        app = server.app(ADDRESS, ended.set)
        async with app.router.lifespan_context(app), browser(app) as client:
            url = server.url(ADDRESS)
            await client.get(url)
            for seconds in range(60, 660, 60):
                await asyncio.sleep(60)
                await client.post(f"{url.partition('?')[0]}call/nothing", headers=OWN | {UNTOUCHED: str(seconds)})
            await ended.wait()
            return elapsed()

    assert run_in_virtual_time(untouched()) == pytest.approx(1_800)


async def test_an_address_that_was_used_says_so_in_the_persons_language(opened: Opened) -> None:
    async with browser(opened.app) as client:
        refused = await client.get(
            opened.url().replace("token=", "token=x"), headers={"Accept-Language": "tr-TR,tr;q=0.9"}
        )
    assert refused.status_code == 401
    assert "`vm-mcp open` ile yeniden açın" in refused.text


async def test_a_page_opened_anew_gets_the_list_begun_with_it(opened: Opened, simulator: Simulator) -> None:
    async with browser(opened.app) as client:
        address = await enter(client, opened)
        first = dict(FIRST_LIST) | {"language": "en"}
        await client.post(f"{address}call/inbox_messages", json=first, headers=OWN)
        alone = lists(simulator)
        await client.post(f"{address}call/inbox_messages", json=first, headers=OWN)
        each = lists(simulator) - alone
        await client.get(address)
        await client.post(f"{address}call/inbox_messages", json=first, headers=OWN)
        assert lists(simulator) - alone == 2 * each, "one list a page"


def lists(simulator: Simulator) -> int:
    return sum(record.path.startswith("/voicemail") for record in simulator.requests)


@pytest.fixture
async def shared(inbox: Inbox) -> Any:  # noqa: ANN401 - an ASGI application
    return build_app(build_server(inbox), ADDRESS, SecretStr(TOKEN), ())


async def test_beside_mcp_the_page_asks_for_the_servers_token(shared: Any) -> None:  # noqa: ANN401 - ASGI
    async with browser(shared) as client:
        asked = await client.get("/inbox/")
        assert (asked.status_code, '<form method="post" action="enter">' in asked.text) == (401, True)
        assert "form-action 'self'" in asked.headers["content-security-policy"]
        wrong = await client.post("/inbox/enter", data={"token": "wrong"}, headers={"Origin": HERE})
        assert (wrong.status_code, not client.cookies) == (401, True)
        entered = await client.post("/inbox/enter", data={"token": f" {TOKEN} "}, headers={"Origin": HERE})
        assert entered.status_code == 200
        shown = await client.get("/inbox/")
        assert '<meta name="vm-mcp-bridge" content="local" data-closes="no">' in shown.text
        listed = await client.post("/inbox/call/inbox_messages", json={"limit": 1}, headers=OWN)
        assert len(listed.json()["voicemails"]) == 1
        assert (await client.post("/inbox/close", json={}, headers=OWN)).status_code == 404
        assert (await client.post("/mcp", json={}, headers=OWN)).status_code == 401, "the cookie is the page's alone"


async def test_the_servers_own_token_opens_nothing_from_a_url_which_histories_and_logs_keep(
    shared: Any,  # noqa: ANN401 - ASGI
) -> None:
    async with browser(shared) as client:
        refused = await client.get("/inbox/", params={"token": TOKEN})
        assert (refused.status_code, not client.cookies) == (401, True)
        assert '<form method="post" action="enter">' in refused.text


async def test_another_site_can_not_sign_a_browser_in(shared: Any) -> None:  # noqa: ANN401 - ASGI
    async with browser(shared) as client:
        for origin in ("https://evil.example", "null", "http://127.0.0.1:9999"):
            refused = await client.post("/inbox/enter", data={"token": TOKEN}, headers={"Origin": origin})
            assert (refused.status_code, not client.cookies) == (403, True)


async def test_through_a_proxy_with_tls_the_cookie_never_leaves_it(inbox: Inbox) -> None:
    app = build_app(build_server(inbox), ListenAddress("127.0.0.1", 8765), SecretStr(TOKEN), ("vm.example",))
    async with browser(app) as client:
        headers = {"Host": "vm.example", "Origin": "https://vm.example"}
        entered = await client.post("/inbox/enter", data={"token": TOKEN}, headers=headers)
    assert "secure" in entered.headers["set-cookie"].lower().split("; ")


async def test_where_the_server_asks_for_no_token_the_page_asks_for_none_and_checks_all_else(inbox: Inbox) -> None:
    app = build_app(build_server(inbox), ADDRESS, None, ())
    async with browser(app) as client:
        assert (await client.get("/inbox")).status_code in {307, 308}
        assert (await client.get("/inbox/")).status_code == 200
        assert (await client.post("/inbox/call/inbox_messages", json={}, headers=OWN)).status_code == 200
        for changed in ({"Origin": "https://evil.example"}, {"Origin": ""}, {"Content-Type": "text/plain"}):
            refused = await client.post("/inbox/call/inbox_messages", content=b"{}", headers=OWN | changed)
            assert refused.status_code in {400, 403}


async def test_the_page_is_read_from_disk_for_each_visit(
    opened: Opened,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,  # noqa: ANN401 - a path
) -> None:
    file = tmp_path / "inbox.html"
    monkeypatch.setattr(page_door, "FILE", file)
    file.write_text(page.FILE.read_text(encoding="utf-8").replace("vm-mcp", "changed"), encoding="utf-8")
    async with browser(opened.app) as client:
        assert "changed" in (await client.get(await enter(client, opened))).text
