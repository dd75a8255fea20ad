"""Measure the inbox page: its bytes, how soon it shows the first of 300 messages, and how soon a clicked word is heard.

    uv run --group browser python benchmarks/page.py

The page is opened in a headless Chromium: in a tab, as `vm-mcp open` serves it, and in the frame of the official host
bridge, where the driver hands it over, which takes its time. The server is real, over a simulated PBX
with 300 messages that were all transcribed; a script replaces the speech engine. It says what of the time the server
takes, to which a real PBX adds its own. A click is timed from its event to when the browser plays the samples, the
device's own delay left out.
"""

import asyncio
import gzip
import statistics
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from mcp import Client
from support.page_browser import ShownPage, hosted, opened_tab, running_browser
from support.page_serving import serving_page
from ten_questions import NOW, inbox_over

import vm_mcp.pbx.transport
from vm_mcp.page import FILE
from vm_mcp.server import build_server
from vm_mcp.simulator import Simulator, busy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser

MESSAGES, RUNS, WORDS = 300, 9, 12
FIRST_ROW = """
const seen = new MutationObserver(() => {
  if (!document.querySelector(".row")) return;
  seen.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => (window.firstRow = performance.now())));
});
seen.observe(document, { childList: true, subtree: true });
window.clicks = [];
addEventListener("click", ({ timeStamp }) => clicks.push(timeStamp), true);
"""
"""Notes when a frame with the first row was drawn, after the page began to load; and each click."""


@asynccontextmanager
async def transcribed(folder: Path) -> "AsyncIterator[tuple[Client, Simulator]]":
    """Open a mailbox in which everything was transcribed, and yield a client of its server, and its PBX."""
    vm_mcp.pbx.transport.BURST_SECONDS = 3600  # the simulator has no rate limit
    with Simulator(busy(NOW, MESSAGES), clock=lambda: NOW) as simulator:
        async with Client(build_server(inbox_over(simulator, folder))) as client:
            uuids = [message.uuid for message in simulator.scenario.messages]
            await client.call_tool("show_inbox", {"since": "60d"})
            for start in range(0, MESSAGES, 20):
                chosen = {"uuids": uuids[start : start + 20], "wait_seconds": 50}
                await client.call_tool("transcribe_voicemails", chosen)
            yield client, simulator


async def opening(browser: "Browser", client: Client) -> tuple[float, float]:
    """Return in milliseconds how long the first row took in a host's frame, and of that the server."""
    async with hosted(browser, client, script=FIRST_ROW) as shown:
        await shown.frame.locator(".row").first.wait_for()
        await shown.frame.evaluate("new Promise((done) => setTimeout(done, 100))")
        return await shown.frame.evaluate("firstRow"), shown.server.took_ms[0]


async def opening_alone(browser: "Browser", url: str) -> tuple[float, float, int]:
    """Return the same for a browser's tab, and how many messages the page counts."""
    async with opened_tab(browser, locale="tr") as tab:
        await tab.add_init_script(FIRST_ROW)
        await tab.goto(url)
        await tab.locator(".word").first.wait_for()
        await tab.evaluate("new Promise((done) => setTimeout(done, 100))")
        total = (await tab.locator(".count").inner_text()).rpartition(" ")[2]
        took = await tab.evaluate(
            "performance.getEntriesByType('resource').find((e) => e.name.includes('/call/')).duration"
        )
        return await tab.evaluate("firstRow"), took, int(total)


async def word_clicks(browser: "Browser", client: Client) -> list[float]:
    """Return how many milliseconds each click on a word of a fetched message took to be heard."""
    async with hosted(browser, client, script=FIRST_ROW) as shown:
        frame = shown.frame
        await frame.locator(".row").filter(has_text="0:23").first.click()
        await frame.get_by_role("button", name="Play").click()
        playing = frame.locator(".play[data-state=playing]")
        await playing.wait_for()
        while not await _is_fetched(shown):
            await frame.locator(".place").wait_for()
        taken: list[float] = []
        for _ in range(WORDS):
            await frame.get_by_role("button", name="Pause").click()
            heard = len(await shown.sounds())
            await frame.locator(".word").nth(3 + len(taken)).click()
            await playing.wait_for()
            [clicked] = (await frame.evaluate("clicks"))[-1:]
            taken.append((await shown.sounds())[heard]["at"] - clicked)
        return taken


async def _is_fetched(shown: ShownPage) -> bool:
    pieces = shown.server.called("inbox_audio")
    return len(pieces) > 1


async def measure(folder: Path) -> None:
    """Print the figures."""
    page = FILE.read_bytes()
    print(f"{len(page):,} bytes, {len(gzip.compress(page)):,} compressed")
    async with transcribed(folder) as (client, simulator), running_browser() as browser:
        async with serving_page(inbox_over(simulator, folder)) as new_url:
            alone = [await opening_alone(browser, new_url()) for _ in range(RUNS)]
        print(f"first of {alone[0][2]} open messages of {MESSAGES} in a tab: {_opened(alone)}")
        print(f"the same in a host's frame: {_opened([await opening(browser, client) for _ in range(RUNS)])}")
        print(f"click on a word to its sound: {_figures(await word_clicks(browser, client))}")


def _opened(runs: "Sequence[tuple[float, ...]]") -> str:
    return f"{_figures([run[0] for run in runs])}; of that the server: {_figures([run[1] for run in runs])}"


def _figures(milliseconds: list[float]) -> str:
    return f"median {statistics.median(milliseconds):.0f} ms ({min(milliseconds):.0f}-{max(milliseconds):.0f})"


def main() -> None:
    """Measure in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True) as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
