"""Whether it lives and whether it is ready, for whoever asks, without a word more."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from vm_mcp.errors import ArchiveError
from vm_mcp.server.health import Check, Health

pytestmark = pytest.mark.anyio
Ask = Callable[[str], Awaitable[httpx2.Response]]


async def usable() -> bool:
    return True


async def unusable() -> bool:
    return False


async def broken() -> bool:
    raise ArchiveError("the database at db.internal refuses the password of vm_mcp")


async def ask(health: Health, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=health), base_url="http://any.name") as http:
        return await http.get(path)


def health(**checks: Check) -> Health:
    return Health(PlainTextResponse("the application"), checks)


async def test_a_process_lives_whatever_it_stands_on() -> None:
    answer = await ask(health(database=broken), "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_it_is_ready_when_every_part_is() -> None:
    answer = await ask(health(database=usable, issuer=usable), "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


async def test_it_names_the_parts_that_fail_and_nothing_of_how(caplog: pytest.LogCaptureFixture) -> None:
    answer = await ask(health(database=broken, issuer=unusable, queue=usable), "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "failing": ["database", "issuer"]})
    assert "db.internal" in caplog.text


async def test_a_part_that_does_not_answer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vm_mcp.server.health._WAIT_SECONDS", 0)

    async def silent() -> bool:
        return await asyncio.Event().wait()

    assert (await ask(health(database=silent), "/readyz")).json()["failing"] == ["database"]


async def test_many_who_ask_cost_one_look_a_second() -> None:
    looks, seconds = 0, 0.0

    async def look() -> bool:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)
        return True

    checked = Health(PlainTextResponse("x"), {"database": look}, lambda: seconds)
    await asyncio.gather(*(ask(checked, "/readyz") for _ in range(20)))
    assert looks == 1
    seconds = 1.5
    await ask(checked, "/readyz")
    assert looks == 2


async def test_the_rest_goes_to_the_application() -> None:
    for path in ("/", "/mcp", "/healthz/x", "/READYZ"):
        assert (await ask(health(database=broken), path)).text == "the application"
