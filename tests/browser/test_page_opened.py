"""The inbox page in a browser of its own, as `vm-mcp open` serves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Page, expect
from support.page_browser import opened_tab
from support.page_desks import Desk
from support.page_serving import serving_page
from ten_questions import inbox_over

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser

pytest_plugins = ["support.page_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@asynccontextmanager
async def opened(
    browser: "Browser", desk: Desk, folder: "Path", *, has_clock: bool = False, **options: object
) -> AsyncIterator[Page]:
    """Serve the page, and open it; at the end the server must end."""
    async with (
        serving_page(inbox_over(desk.simulator, folder)) as new_url,
        opened_tab(browser, **({"locale": "tr-TR"} | options)) as tab,
    ):
        if has_clock:
            await tab.clock.install()
        await tab.goto(new_url())
        await expect(tab.locator(".rows > li").first).to_be_visible()
        yield tab


async def test_a_message_is_listed_played_closed_and_found(browser: "Browser", desk: Desk, tmp_path: "Path") -> None:
    async with opened(browser, desk, tmp_path) as tab:
        await expect(tab.locator("html")).to_have_attribute("lang", "tr")
        row = tab.get_by_role("listitem").filter(has_text="Emre Şahin")
        await row.get_by_role("button").click()
        await tab.locator("mark.word").first.click()
        await expect(tab.locator(".play[data-state=playing]")).to_be_visible()
        assert await tab.evaluate("sounds.length") > 0
        await expect(tab.get_by_role("link", name="0530 512 88 44")).to_have_attribute("href", "tel:00905305128844")
        await tab.get_by_role("button", name="Kapat", exact=True).click()
        await expect(row).to_contain_text("kapatıldı")
        await tab.get_by_role("searchbox").fill("kombi")
        await expect(tab.locator(".rows > li")).to_have_count(1)


async def test_the_server_is_ended_from_the_page(browser: "Browser", desk: Desk, tmp_path: "Path") -> None:
    async with opened(browser, desk, tmp_path) as tab:
        await tab.get_by_role("button", name="Sunucuyu kapat").click()
        await expect(tab.get_by_text("Sunucu kapandı.")).to_be_visible()


async def test_a_server_that_has_ended_is_told_and_what_is_shown_stays(
    browser: "Browser", desk: Desk, tmp_path: "Path"
) -> None:
    async with opened(browser, desk, tmp_path) as tab:
        await tab.context.set_offline(True)
        await tab.get_by_role("button", name="Yenile").click()
        await expect(tab.get_by_role("alert")).to_contain_text("Sunucuya ulaşılamıyor")
        await expect(tab.locator(".rows > li").first).to_be_visible()
        await tab.context.set_offline(False)
        await expect(tab.get_by_role("alert")).to_be_empty()


async def test_a_page_whose_cookie_is_gone_says_how_to_open_it_again(
    browser: "Browser", desk: Desk, tmp_path: "Path"
) -> None:
    async with opened(browser, desk, tmp_path) as tab:
        await tab.context.clear_cookies()
        await tab.get_by_role("button", name="Yenile").click()
        await expect(tab.get_by_role("alert")).to_contain_text("vm-mcp open")


async def test_it_refreshes_while_it_is_used_and_lets_the_server_end_when_left_open(
    browser: "Browser", desk: Desk, tmp_path: "Path"
) -> None:
    async with opened(browser, desk, tmp_path, has_clock=True) as tab:
        await tab.wait_for_load_state("networkidle")  # a page that still loads doesn't refresh
        async with tab.expect_response("**/call/inbox_messages"):
            await tab.clock.run_for(61_000)
        await tab.clock.run_for(3_600_000)
        calls: list[str] = []
        tab.on("request", lambda request: calls.append(request.url))
        await tab.clock.run_for(3_600_000)
        assert calls == []
        async with tab.expect_response("**/call/inbox_messages"):
            await tab.keyboard.press("Shift")
