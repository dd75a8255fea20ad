"""The inbox page in a host: one message, how it is played, and what one says of it."""

import asyncio
from collections.abc import Sequence

import pytest
from playwright.async_api import Frame, Locator, expect
from support.page_browser import POLICIES
from support.page_desks import Desk, OpenPage

pytest_plugins = ["support.page_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def choose(frame: Frame, caller: str) -> None:
    await frame.get_by_role("listitem").filter(has_text=caller).get_by_role("button").click()
    await expect(frame.get_by_role("heading", level=2)).to_contain_text(caller)


async def choose_unread(frame: Frame) -> Locator:
    """Show a message that nobody has read; return its row."""
    row = frame.get_by_role("listitem").filter(has_text="Mehmet Kaya").first
    await expect(row).to_contain_text("okunmamış")
    await choose(frame, "Mehmet Kaya")
    return row


async def play_unread(frame: Frame) -> None:
    """Play the message that is shown, and agree that it is marked as read."""
    await frame.get_by_role("button", name="Çal").click()
    await frame.get_by_role("dialog").get_by_role("button", name="Çal").click()


def loudness(samples: Sequence[float]) -> float:
    return max(map(abs, samples))


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_message_is_heard_under_every_policy(open_page: OpenPage, policy: str) -> None:
    async with open_page(policy=policy) as shown:
        await choose(shown.frame, "Ayşe Yılmaz")
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        await expect(shown.frame.locator(".play[data-state=playing]")).to_be_visible()
        await expect(shown.frame.locator(".word.sounding")).to_have_count(1)
        await expect(shown.frame.get_by_role("slider")).not_to_have_value("0")
        await shown.frame.get_by_role("button", name="Duraklat").click()
        await expect(shown.frame.get_by_role("slider")).not_to_have_value("0")
        sounds = await shown.sounds()
    assert max(loudness(sound["samples"]) for sound in sounds) > 0.01


async def test_pieces_of_a_recording_join_without_a_click(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Ayşe Yılmaz")
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.locator(".place")).to_have_text("0:01 / 0:10")
        sounds = await shown.sounds()
    assert len(sounds) > 5
    assert {(sound["rate"], sound["playedAt"]) for sound in sounds} == {(8000, 8000)}
    ends = [sound["when"] + sound["length"] / sound["rate"] for sound in sounds]
    assert [sound["when"] for sound in sounds[1:]] == pytest.approx(ends[:-1], abs=1e-9)


async def test_a_click_on_a_word_plays_from_half_a_second_before_it(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        word = shown.frame.locator("mark.word").filter(has_text="Şahan")
        await expect(word).to_have_accessible_name("Şahan. (şüpheli)")
        await expect(word).to_have_attribute("title", "0:22")
        await word.click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        asked = shown.server.called("inbox_audio")[0]["start_seconds"]
        assert asked == pytest.approx(22.8 - 0.5, abs=0.1)


async def test_arrow_keys_go_from_word_to_word_and_enter_plays(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Ayşe Yılmaz")
        words = shown.frame.locator(".word")
        await words.first.focus()
        for _ in range(3):
            await shown.tab.keyboard.press("ArrowRight")
        await expect(words.nth(3)).to_be_focused()
        await shown.tab.keyboard.press("Enter")
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()


async def test_the_first_play_of_an_unread_message_says_that_it_marks_it_as_read_and_asks(
    desk: Desk, open_page: OpenPage
) -> None:
    uuid = desk.message("tr02_geri_ara").uuid
    async with open_page() as shown:
        row = shown.frame.get_by_role("listitem").filter(has_text="Mehmet Kaya").first
        await expect(row).to_contain_text("okunmamış")
        await expect(shown.frame.get_by_text("çalınca herkes için okundu sayılır")).to_be_visible()
        await shown.frame.get_by_role("button", name="Çal").click()
        dialog = shown.frame.get_by_role("dialog")
        await expect(dialog).to_contain_text("santralde herkes için kalıcı biçimde okundu olarak işaretler")
        await dialog.get_by_role("button", name="Vazgeç").click()
        assert shown.server.called("inbox_audio") == []
        await shown.frame.get_by_role("button", name="Çal").click()
        await dialog.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        await expect(row).not_to_contain_text("okunmamış")
        assert shown.server.called("inbox_audio")[0]["uuid"] == uuid


async def test_seeking_goes_to_the_place_and_faster_takes_less_time(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Ayşe Yılmaz")
        slider = shown.frame.get_by_role("slider")
        await slider.fill("4")
        await expect(slider).to_have_attribute("aria-valuetext", "0:04 / 0:10")
        await shown.frame.get_by_label("Hız").select_option("2×")
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        await expect(shown.frame.get_by_role("button", name="Çal")).to_be_visible()
        sounds = await shown.sounds()
        heard = sum(sound["length"] / sound["rate"] for sound in sounds)
        assert heard == pytest.approx((10.4 - 4) / 2, abs=0.5)


async def test_an_unread_message_played_from_beyond_its_end_is_shown_as_read_and_plays_from_its_beginning_next(
    open_page: OpenPage,
) -> None:
    async with open_page() as shown:
        row = await choose_unread(shown.frame)
        for _ in range(60):
            await shown.tab.keyboard.press("ArrowRight")
        await play_unread(shown.frame)
        await expect(row).not_to_contain_text("okunmamış")
        await expect(shown.frame.get_by_role("alert")).to_be_empty()
        await expect(shown.frame.get_by_role("slider")).to_have_value("0")
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()


async def test_a_recording_that_cannot_be_had_is_told_and_can_be_tried_again(desk: Desk, open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Sarah Mitchell")
        desk.simulator.faults.set("not_audio", "download", 1)
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("alert")).to_contain_text("ses değil, metin")
        await expect(shown.frame.get_by_role("button", name="Çal")).to_be_visible()


async def test_an_unread_message_that_could_not_be_played_is_shown_as_read_all_the_same(
    desk: Desk, open_page: OpenPage
) -> None:
    async with open_page() as shown:
        row = await choose_unread(shown.frame)
        desk.simulator.faults.set("not_audio", "download", 1)
        await play_unread(shown.frame)
        await expect(row).not_to_contain_text("okunmamış")
        await expect(shown.frame.get_by_role("alert")).to_contain_text("ses değil, metin")


async def test_a_message_that_was_left_before_it_could_not_be_played_is_shown_as_read_all_the_same(
    desk: Desk, open_page: OpenPage
) -> None:
    async with open_page() as shown:
        row = await choose_unread(shown.frame)
        desk.simulator.faults.set("not_audio", "download", 1)
        failing = shown.server.held["inbox_audio"] = asyncio.Event()
        await play_unread(shown.frame)
        await choose(shown.frame, "Ayşe Yılmaz")
        failing.set()
        await expect(row).not_to_contain_text("okunmamış")


async def test_numbers_are_shown_with_their_doubtful_digits_and_a_verdict(desk: Desk, open_page: OpenPage) -> None:
    await desk.client.call_tool("transcribe_voicemails", {"uuids": [desk.message("tr02_geri_ara").uuid]})
    async with open_page() as shown:
        numbers = shown.frame.locator(".facts section").filter(has_text="Söylenen numaralar")
        await expect(numbers.locator("strong")).to_have_text("0532 417 28 94")
        await expect(numbers.locator("mark.digit")).to_have_text("4")
        await expect(numbers).to_contain_text("duyulan: “sıfır beş yüz otuz iki")
        await expect(numbers).to_contain_text("bir hanesi arayan numaradan (0532 417 28 93) farklı")
        await numbers.get_by_role("button", name="yerinden dinle").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()


async def test_times_are_shown_with_what_they_were_read_from(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Ayşe Yılmaz")
        times = shown.frame.locator(".facts section").filter(has_text="Söylenen zamanlar")
        await expect(times).to_contain_text("yarın 14:00")
        await expect(times).to_contain_text("duyulan: “Yarın saat on dörtteki”")


async def test_closing_reopening_and_undoing_reach_the_server(desk: Desk, open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        row = shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin")
        await shown.frame.get_by_role("button", name="Kapat", exact=True).click()
        await expect(row).to_contain_text("kapatıldı")
        await expect(shown.frame.locator(".toast")).to_contain_text("Kapatıldı.")
        await shown.frame.get_by_role("button", name="Geri al").click()
        await expect(shown.frame.get_by_role("button", name="Kapat", exact=True)).to_be_visible()
        await expect(shown.frame.locator(".toast")).to_have_text("Yeniden açıldı.")
        await shown.frame.get_by_role("button", name="Kapat", exact=True).click()
        await shown.frame.get_by_role("button", name="Yenile").click()
        await expect(row).to_have_count(0)
        await shown.frame.get_by_role("button", name="Yeniden aç").click()
        await shown.frame.get_by_role("button", name="Yenile").click()
        await expect(row).to_have_count(1)
    uuid = desk.message("tr06_ariza").uuid
    answer = await desk.client.call_tool("inbox_messages", {"uuid": uuid})
    assert answer.structured_content
    assert answer.structured_content["voicemails"][0]["mark"]["state"] == "open"


async def test_what_is_marked_while_an_older_list_is_on_its_way_stays_marked(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        row = shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin")
        older = shown.server.held["inbox_messages"] = asyncio.Event()
        await shown.frame.get_by_role("button", name="Yenile").click()
        await shown.frame.get_by_role("button", name="Kapat", exact=True).click()
        await expect(row).to_contain_text("kapatıldı")
        older.set()
        await expect(shown.frame.locator(".rows")).to_have_attribute("aria-busy", "false")
        await expect(row).to_contain_text("kapatıldı")
        await expect(shown.frame.locator(".title .chip")).to_have_text("kapatıldı")


async def test_a_note_is_kept_shown_and_found(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        await shown.frame.get_by_role("button", name="Not yaz").click()
        await shown.frame.get_by_role("dialog").get_by_role("textbox").fill("Servis yarın <gidecek>")
        await shown.frame.get_by_role("button", name="Kaydet").click()
        await expect(shown.frame.locator("p.note")).to_have_text("Not: Servis yarın <gidecek>")
        await expect(shown.frame.locator(".title .chip")).to_have_text("yeni")
        await shown.frame.get_by_role("searchbox").fill("gidecek")
        await expect(shown.frame.locator(".rows > li")).to_have_count(1)


async def test_an_emptied_note_is_deleted_and_a_dialog_that_is_left_changes_nothing(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        note, dialog = shown.frame.locator("p.note"), shown.frame.get_by_role("dialog")
        for text in ("Servis yarın", ""):
            await shown.frame.get_by_role("button", name="Not yaz").click()
            await dialog.get_by_role("textbox").fill(text)
            await dialog.get_by_role("button", name="Kaydet").click()
            await expect(note).to_have_count(1 if text else 0)
        await expect(shown.frame.locator(".toast")).to_contain_text("Not silindi.")
        await shown.frame.get_by_role("button", name="Not yaz").click()
        await dialog.get_by_role("textbox").fill("Yanlış")
        await shown.tab.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        assert len(shown.server.called("inbox_update")) == 2


async def test_a_transcripts_language_is_said_in_words(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        await expect(shown.frame.locator(".transcript .tag")).to_have_text("Türkçe")


async def test_the_callers_number_is_copied(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await choose(shown.frame, "Emre Şahin")
        await shown.frame.locator(".places").get_by_role("button", name="Kopyala").click()
        await expect(shown.frame.locator(".toast")).to_contain_text("0530 512 88 44")


async def test_single_keys_do_what_the_help_says_and_can_be_turned_off(open_page: OpenPage) -> None:
    async with open_page() as shown:
        heading = shown.frame.get_by_role("heading", level=2)
        await choose(shown.frame, "Ayşe Yılmaz")
        press = shown.tab.keyboard.press
        await press("j")
        await expect(heading).to_have_text("Emre Şahin")
        await press("d")
        await expect(shown.frame.locator("mark.word").first).to_be_focused()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        await press("p")
        await expect(shown.frame.get_by_role("button", name="Çal")).to_be_visible()
        await press("e")
        await expect(shown.frame.locator(".title .chip")).to_have_text("kapatıldı")
        await press("?")
        await shown.frame.get_by_role("checkbox", name="Tek tuşları kullan").uncheck()
        await shown.frame.get_by_role("dialog").get_by_role("button", name="Tamam").click()
        await press("k")
        await expect(heading).to_have_text("Emre Şahin")
