"""The inbox page with what nobody expects of callers, recordings and networks."""

from dataclasses import replace
from pathlib import Path

import pytest
from mcp import Client
from playwright.async_api import Browser, Frame, expect
from support.page_browser import hosted
from support.page_desks import Desk, OpenPage
from ten_questions import NOW, inbox_over

from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, clinic

pytest_plugins = ["support.page_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.usefixtures("no_rate_limit")]

NARROW = {"width": 360, "height": 640}
LONG = "Ğ" * 10_000
REVERSED = "\u202egnp.exe\u202c \u2066Ali"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPILLED = """() => [...document.querySelectorAll(".message-body, .list, .rows")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => element.className)"""


async def choose(frame: Frame, caller: str) -> None:
    await frame.get_by_role("listitem").filter(has_text=caller).first.get_by_role("button").click()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1000, "height": 700}])
async def test_a_word_of_ten_thousand_letters_widens_nothing(
    desk: Desk, open_page: OpenPage, viewport: dict[str, int]
) -> None:
    message = desk.message("tr02_geri_ara")
    message.caller_id_name, message.caller_id_number = LONG, "03129990000"
    async with open_page(viewport=viewport) as shown:
        await choose(shown.frame, "Ğ" * 20)
        await expect(shown.frame.get_by_role("heading", level=2)).to_contain_text("Ğ" * 20)
        await shown.frame.get_by_role("button", name="Not yaz").click()
        await shown.frame.get_by_role("dialog").get_by_role("textbox").fill("x" * 300)
        await shown.frame.get_by_role("button", name="Kaydet").click()
        await expect(shown.frame.locator("p.note")).to_contain_text("x" * 20)
        assert await shown.frame.evaluate(OVERFLOW) <= 0
        assert await shown.frame.evaluate(SPILLED) == []


async def test_a_name_that_turns_the_direction_of_writing_turns_nothing_else(desk: Desk, open_page: OpenPage) -> None:
    message = desk.message("tr02_geri_ara")
    message.caller_id_name, message.caller_id_number = REVERSED, "03129990000"
    async with open_page() as shown:
        row = shown.frame.get_by_role("listitem").filter(has_text="gnp.exe")
        await expect(row.locator("[dir=auto]").first).to_have_css("unicode-bidi", "isolate")
        await row.get_by_role("button").click()
        heading = shown.frame.get_by_role("heading", level=2)
        await expect(heading).to_contain_text("gnp.exe")
        await expect(heading).to_have_css("unicode-bidi", "isolate")


async def test_a_key_that_is_refused_in_mid_use_is_told_in_turkish_and_the_list_stays(
    desk: Desk, open_page: OpenPage
) -> None:
    async with open_page() as shown:
        await expect(shown.frame.locator(".rows > li").first).to_be_visible()
        desk.simulator.faults.set("wrong_key", "list", 20)
        await shown.frame.get_by_role("button", name="Yenile").click()
        await expect(shown.frame.get_by_role("alert")).to_contain_text("Santral API anahtarını reddediyor")
        await expect(shown.frame.locator(".rows > li").first).to_be_visible()
        desk.simulator.faults.clear()
        await shown.frame.get_by_role("button", name="Yeniden dene").click()
        await expect(shown.frame.get_by_role("alert")).to_be_empty()


async def test_a_note_for_one_message_never_lands_on_another_that_was_chosen_meanwhile(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        await shown.frame.get_by_role("button", name="Not yaz").click()
        await shown.frame.get_by_role("dialog").get_by_role("textbox").fill("Kombi")
        await shown.frame.evaluate("document.querySelector('.row:not([aria-current=true])').click()")
        await shown.frame.get_by_role("button", name="Kaydet").click()
        row = shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin")
        await row.get_by_role("button").click()
        await expect(shown.frame.locator("p.note")).to_have_text("Not: Kombi")


async def test_what_is_closed_in_one_tab_is_closed_in_the_other(browser: Browser, desk: Desk) -> None:
    host = {"locale": "tr-TR"}
    async with hosted(browser, desk.client, host=host) as one, hosted(browser, desk.client, host=host) as other:
        for shown in (one, other):
            await choose(shown.frame, "Emre Şahin")
        await one.frame.get_by_role("button", name="Kapat", exact=True).click()
        await expect(one.frame.locator(".title .chip")).to_have_text("kapatıldı")
        await other.frame.get_by_role("button", name="Yenile").click()
        await expect(other.frame.get_by_role("listitem").filter(has_text="Emre Şahin")).to_have_count(0)


async def test_a_message_in_two_mailboxes_is_closed_in_both(browser: Browser, tmp_path: Path) -> None:
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        message = next(each for each in simulator.scenario.messages if each.voice == "tr06_ariza")
        twin = replace(message, user_number="1002")
        simulator.scenario.messages.append(twin)
        async with (
            Client(build_server(inbox_over(simulator, tmp_path))) as client,
            hosted(browser, client, host={"locale": "tr"}) as shown,
        ):
            rows = shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin")
            await expect(rows).to_have_count(2)
            await rows.first.get_by_role("button").click()
            await shown.frame.get_by_role("button", name="Kapat", exact=True).click()
            await expect(rows.filter(has_text="kapatıldı")).to_have_count(2)


async def test_a_recording_without_samples_and_one_without_words_show_no_error(desk: Desk, open_page: OpenPage) -> None:
    message = desk.message("tr02_geri_ara")
    message.overrides = {"duration": 0}
    async with open_page() as shown:
        await choose(shown.frame, "Mehmet Kaya")
        await expect(shown.frame.locator(".place")).to_have_text("0:00 / 0:00")
        await expect(shown.frame.locator(".transcript .remark")).to_have_text("Henüz yazıya dökülmedi.")
