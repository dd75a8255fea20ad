"""The inbox page in a host: colours, widths, heights, and who can use it."""

import pytest
from playwright.async_api import expect
from support.page_browser import node_tools
from support.page_desks import OpenPage

pytest_plugins = ["support.page_fixtures"]
pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NARROW = {"width": 360, "height": 640}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_in_either_theme(open_page: OpenPage, theme: str) -> None:
    async with open_page(host={"theme": theme}) as shown:
        await shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin").get_by_role("button").click()
        await expect(shown.frame.locator("mark.word").first).to_be_visible()
        assert await shown.violations() == []
        await shown.frame.get_by_role("button", name="Klavye").click()
        await expect(shown.frame.get_by_role("dialog")).to_be_visible()
        assert await shown.violations() == []


async def test_a_narrow_page_shows_the_list_or_a_message_and_never_scrolls_sideways(open_page: OpenPage) -> None:
    async with open_page(viewport=NARROW) as shown:
        frame = shown.frame
        row = frame.get_by_role("listitem").filter(has_text="Emre Şahin")
        await expect(row).to_be_visible()
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await frame.evaluate(overflow) <= 0
        assert await shown.violations() == []
        await row.get_by_role("button").click()
        await expect(frame.get_by_role("heading", level=2)).to_have_text("Emre Şahin")
        await expect(row).to_be_hidden()
        assert await frame.evaluate(overflow) <= 0
        assert await shown.violations() == []
        await frame.get_by_role("button", name="Listeye dön").click()
        await expect(row.get_by_role("button")).to_be_focused()


async def test_every_control_is_as_large_as_a_finger(open_page: OpenPage) -> None:
    async with open_page(viewport=NARROW) as shown:
        await shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin").get_by_role("button").click()
        sizes = await shown.frame.evaluate(
            """() => [...document.querySelectorAll("button, select, input, a")]
              .filter((element) => element.checkVisibility())
              .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
              .filter(([, { width, height }]) => Math.min(width, height) < 43.5).map(([html]) => html)"""
        )
        assert sizes == []


async def test_the_hosts_theme_and_variables_are_used_and_followed(open_page: OpenPage) -> None:
    styles = {"variables": {"--color-background-primary": "light-dark(rgb(250, 240, 230), rgb(10, 20, 30))"}}
    async with open_page(host={"styles": styles, "theme": "dark"}) as shown:
        await expect(shown.frame.locator("body")).to_have_css("background-color", "rgb(10, 20, 30)")
        await shown.tab.evaluate("bridge.setHostContext({ theme: 'light' })")
        await expect(shown.frame.locator("body")).to_have_css("background-color", "rgb(250, 240, 230)")


async def test_inline_it_is_at_most_500_pixels_high_and_full_screen_where_the_host_offers_it(
    open_page: OpenPage,
) -> None:
    modes = {"displayMode": "inline", "availableDisplayModes": ["inline", "fullscreen"]}
    async with open_page(host=modes) as shown:
        main = shown.frame.locator("main")
        await expect(main).to_have_css("height", "500px")
        await shown.frame.get_by_role("button", name="Tam ekran").click()
        await expect(shown.frame.get_by_role("button", name="Küçült")).to_be_visible()
    async with open_page(host={"displayMode": "inline", "containerDimensions": {"maxHeight": 400}}) as shown:
        await expect(shown.frame.locator("main")).to_have_css("height", "400px")
        await expect(shown.frame.get_by_role("button", name="Tam ekran")).to_have_count(0)


async def test_a_host_that_takes_the_page_away_gets_an_answer_and_the_sound_ends(open_page: OpenPage) -> None:
    async with open_page() as shown:
        await shown.frame.get_by_role("listitem").filter(has_text="Ayşe Yılmaz").get_by_role("button").click()
        await shown.frame.get_by_role("button", name="Çal").click()
        await expect(shown.frame.get_by_role("button", name="Duraklat")).to_be_visible()
        assert await shown.tab.evaluate("bridge.teardownResource({})") == {}
        await expect(shown.frame.get_by_role("button", name="Çal")).to_be_visible()


async def test_what_a_colour_says_is_said_in_another_way_too(open_page: OpenPage) -> None:
    async with open_page(forced_colors="active") as shown:
        await shown.frame.get_by_role("listitem").filter(has_text="Emre Şahin").get_by_role("button").click()
        word = shown.frame.locator("mark.word").first
        await expect(word).to_have_css("text-decoration-line", "underline")
        await expect(word).to_have_accessible_name("Şahan. (şüpheli)")


def test_the_modules_types_are_right_and_the_page_is_what_they_make(capsys: pytest.CaptureFixture[str]) -> None:
    tools = node_tools()
    assert tools["run"]("tsc", "-p", str(tools["HERE"] / "tsconfig.json")) == ""
    assert tools["built"]() == tools["BUILT"].read_text(encoding="utf-8")
    assert capsys.readouterr().out == ""
