"""An account in a zone whose clocks change, end to end: what is listed, shown and forgotten around such a night."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import MakeSettings, MakeSimulator
from support.scripted_transcriber import ScriptedTranscriber
from support.simulator_requests import Clock

from vm_mcp import views
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.models import Voicemail
from vm_mcp.simulator import Message

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_rate_limit")]

OpenIn = Callable[[str, datetime, int], AbstractAsyncContextManager[Inbox]]
HOUR = timedelta(hours=1)


@pytest.fixture
def open_in(make_simulator: MakeSimulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber) -> OpenIn:
    """Open the inbox of an account in a zone, with a message at half past each of so many hours before a moment."""

    @asynccontextmanager
    async def opened(place: str, now: datetime, hours: int) -> AsyncIterator[Inbox]:
        clock = Clock()
        clock.now = now.astimezone(UTC)
        simulator = make_simulator("empty", clock=clock)
        whole = clock.now.replace(minute=30, second=0)
        simulator.scenario.messages = [
            Message(f"m{number}", "1001", "05324172893", "Mehmet Kaya", whole - number * HOUR, "tr02_geri_ara")
            for number in range(1, hours + 1)
        ]
        inbox = Inbox(settings_for(simulator, timezone=place), transcriber, clock=clock)
        try:
            yield inbox
        finally:
            await inbox.aclose()

    return opened


async def listed(inbox: Inbox, since: str, until: str = "") -> list[Voicemail]:
    """Return the messages of all pages."""
    page = await inbox.list_voicemails(ListRequest(since=since, until=until, limit=20))
    found = list(page.voicemails)
    while page.next_cursor:
        page = await inbox.list_voicemails(ListRequest(cursor=page.next_cursor, limit=20))
        found += page.voicemails
    return list(found)


@pytest.mark.parametrize(
    ("place", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Santiago", date(2026, 4, 4), 25),  # its last hour comes twice
        ("Europe/Istanbul", date(2026, 12, 31), 24),
    ],
)
async def test_a_day_lists_each_of_its_messages_by_any_name(open_in: OpenIn, place: str, day: date, hours: int) -> None:
    zone = ZoneInfo(place)
    next_noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone) + timedelta(days=1)
    async with open_in(place, next_noon, 72) as inbox:
        for since in (f"{day}", f"{day:%d.%m.%Y}", "yesterday", "dün"):
            found = await listed(inbox, since, since)
            assert len({each.uuid for each in found}) == len(found) == hours
            assert {each.received_at.astimezone(zone).date() for each in found if each.received_at} == {day}
        before = await listed(inbox, f"{day - timedelta(days=1)}", f"{day - timedelta(days=1)}")
        after = await listed(inbox, "today")
        assert {each.uuid for each in before + after}.isdisjoint(each.uuid for each in found)


async def test_a_list_shows_both_hours_of_the_night_on_which_clocks_go_back(open_in: OpenIn) -> None:
    zone = ZoneInfo("Europe/Berlin")
    async with open_in("Europe/Berlin", datetime(2026, 10, 25, 6, tzinfo=zone), 6) as inbox:
        page = await inbox.list_voicemails(ListRequest(since="2026-10-25T02:00", until="2026-10-25T02:59:59"))
        rows = views.voicemail_list(page, zone).as_json()["voicemails"]
        assert [row["received_at"] for row in rows] == ["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"]


@pytest.mark.parametrize("place", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
async def test_the_last_seven_days_are_168_hours_wherever_the_account_is(open_in: OpenIn, place: str) -> None:
    async with open_in(place, datetime(2026, 10, 28, 12, tzinfo=ZoneInfo(place)), 200) as inbox:
        assert len(await listed(inbox, "7d")) == 168
