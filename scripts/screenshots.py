"""Take docs/inbox-*.png, the pictures of the inbox page, from the demo's messages.

    uv run --group browser python scripts/screenshots.py [FOLDER]

The messages are the simulated clinic's, transcribed by the model `base` as `vm-mcp demo` does, at a time that stands
still. The page is served as `vm-mcp open` does. That requires Chromium; see tests/support/page_browser.py.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.page_browser import opened_tab, running_browser
from support.page_serving import serving_page
from ten_questions import NOW

from vm_mcp.asr import open_transcriber
from vm_mcp.config import load_settings
from vm_mcp.inbox import Inbox, ListRequest
from vm_mcp.simulator import Simulator, clinic

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

DOCS = Path(__file__).parent.parent / "docs"
SHOWN = "Emre Şahin"
WIDE, NARROW = {"width": 1000, "height": 580}, {"width": 360, "height": 640}
MOST_BYTES = 150_000
"""Of a picture."""


async def main() -> None:
    """Take the pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    with tempfile.TemporaryDirectory(prefix="vm-mcp-", ignore_cleanup_errors=True) as data:
        async with served(Path(data)) as new_url, running_browser() as browser:
            await take(browser, new_url(), folder / "inbox-light.png", viewport=WIDE)
            await take(browser, new_url(), folder / "inbox-dark.png", viewport=WIDE, color_scheme="dark")
            await take(browser, new_url(), folder / "inbox-narrow.png", viewport=NARROW, device_scale_factor=1.5)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Callable[[], str]]:
    """Transcribe the clinic's messages, and yield what returns a URL that opens their page once."""
    with Simulator(clinic(NOW), clock=lambda: NOW) as simulator:
        given: dict[str, Any] = {"base_url": simulator.base_url, "api_key": simulator.api_key, "model": "base"}
        settings = load_settings(given | {"languages": "tr,en", "archive_dir": folder})
        inbox = Inbox(settings, open_transcriber(settings), clock=lambda: NOW)
        await transcribe(inbox, [message.uuid for message in simulator.scenario.messages])
        async with serving_page(inbox) as new_url:
            yield new_url


async def transcribe(inbox: Inbox, uuids: list[str]) -> None:
    """Transcribe messages, however long it takes."""
    await inbox.list_voicemails(ListRequest(status="all", limit=50))
    while True:
        entries = await inbox.transcribing.transcribe(uuids, wait_seconds=50)
        if not any(entry.status == "pending" for entry in entries):
            return


async def take(browser: "Browser", url: str, path: Path, **options: Any) -> None:  # noqa: ANN401 - of a browser's context
    """Take a picture of the page as it shows `SHOWN`, played up to a doubtful word.

    Raises:
        ValueError: It is too large.
    """
    async with opened_tab(browser, locale="tr-TR", **options) as tab:
        await tab.goto(url)
        await show(tab)
        picture = await tab.screenshot(path=path)
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{path.name} has more than {MOST_BYTES} bytes.")


async def show(tab: "Page") -> None:
    """Show the message, and move the pointer away."""
    await tab.get_by_role("listitem").filter(has_text=SHOWN).get_by_role("button").click()
    await tab.get_by_role("slider").fill("7")
    await tab.evaluate("document.activeElement.blur()")
    await tab.mouse.move(0, 0)


if __name__ == "__main__":
    asyncio.run(main())
