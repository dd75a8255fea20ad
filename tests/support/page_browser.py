"""A browser that shows the inbox page, in the frame of an MCP host or by itself."""

import asyncio
import json
import os
import runpy
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from mcp import Client

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Frame, Page, Route

REQUIRE = "TESTS_REQUIRE"
"""With ``browser`` in it, tests fail where a browser or npm is missing, in place of being skipped."""
PAGE_TOOLS = Path(__file__).parents[2] / "scripts" / "page"
POLICIES = {
    "the specification's": "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'",
    "no media": "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'none'; connect-src 'none'",
    "basic-host's": "default-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline' blob: data:; img-src 'self' data: blob:; font-src 'self' data: blob:; "
    "media-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; frame-src 'none'; object-src 'none'; "
    "base-uri 'none'",
}
"""What hosts allow a page: the last is that of the example host of the protocol's authors."""
PATIENCE_MS = 20_000
"""How long a busy machine may take for anything."""
_HOST_URL, _PAGE_URL = "http://host.test/", "http://page.test/"
_HOST_PAGE = """<!doctype html><html lang="en"><title>Host</title>
<style>body {margin: 0} iframe {width: 100%; height: 500px; border: 0; display: block}</style>
<main></main><script type="module" src="host.js"></script></html>"""
_LISTEN = """
const start = AudioBufferSourceNode.prototype.start;
window.sounds = [];
AudioBufferSourceNode.prototype.start = function (when = 0, ...rest) {
  const delay = Math.max(0, when - this.context.currentTime) + this.context.baseLatency;
  const { sampleRate: rate, length } = this.buffer;
  const samples = Array.from(this.buffer.getChannelData(0).slice(0, 400));
  const at = performance.now() + 1000 * delay;
  sounds.push({ at, when, rate, length, samples, playedAt: this.context.sampleRate });
  return start.call(this, when, ...rest);
};
"""
"""Notes what is handed to the loudspeaker, and when it is heard."""

CallTool = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


class BrowserMissingError(Exception):
    """What the page is tested with is not on this machine."""


@asynccontextmanager
async def browser_or_skip() -> AsyncIterator["Browser"]:
    """Run a browser; skip the test where a part is missing, unless it is required."""
    try:
        async with running_browser() as browser:
            yield browser
    except BrowserMissingError as error:
        if "browser" in os.environ.get(REQUIRE, "").split(","):
            raise
        pytest.skip(str(error))


@asynccontextmanager
async def running_browser() -> AsyncIterator["Browser"]:
    """Run a headless Chromium.

    Raises:
        BrowserMissingError: It, its driver or npm is missing.
    """
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        raise BrowserMissingError("Chromium is not installed: `apt-get install chromium` brings it.")
    if not shutil.which("npm"):
        raise BrowserMissingError("npm is not installed: it brings the host that shows the page.")
    try:
        from playwright.async_api import async_playwright, expect
    except ModuleNotFoundError:
        raise BrowserMissingError("Playwright is not installed: `uv sync --group browser` brings it.") from None
    expect.set_options(timeout=PATIENCE_MS)
    # Root has no sandbox; a container may have little shared memory.
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--mute-audio"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            await browser.close()


@cache
def node_tools() -> dict[str, Any]:
    """Return what `scripts/page/build.py` defines, its tools installed."""
    tools = runpy.run_path(str(PAGE_TOOLS / "build.py"))
    tools["install"]()
    return tools


@cache
def host_script() -> str:
    """Return the host as one script."""
    os.environ["NODE_PATH"] = str(PAGE_TOOLS / "node_modules")
    source = Path(__file__).with_name("page_host.js")
    script: str = node_tools()["run"]("esbuild", str(source), "--bundle", "--format=esm", "--target=es2023")
    return script


class ShownPage:
    """The page in a browser's tab."""

    def __init__(self, tab: "Page", frame: "Frame", server: "PageServer") -> None:
        self.tab = tab
        self.frame = frame
        self.server = server

    async def sounds(self) -> list[dict[str, Any]]:
        """What was handed to the loudspeaker."""
        found: list[dict[str, Any]] = await self.frame.evaluate("sounds")
        return found

    async def violations(self) -> list[dict[str, Any]]:
        """What axe-core finds at WCAG 2.2 AA, with where."""
        await self.frame.evaluate((PAGE_TOOLS / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result = await self.frame.evaluate(
            "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", rules
        )
        return [
            {"rule": each["id"], "nodes": [node["html"] for node in each["nodes"]]} for each in result["violations"]
        ]


class PageServer:
    """What the page's calls reach: a client of the server, and what is wrong with the way to it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.took_ms: list[float] = []
        self.is_gone = False
        self.held: dict[str, asyncio.Event] = {}
        """By a tool's name, what its answers wait for."""
        self._running = set[asyncio.Task[Any]]()

    async def call(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Call a tool as a host does for a page."""
        self.calls.append((name, given))
        if self.is_gone:
            raise ConnectionError("Connection closed")
        started = time.perf_counter()
        running = asyncio.ensure_future(self._client.call_tool(name, given))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        result = (await running).model_dump(mode="json", by_alias=True, exclude_none=True)
        self.took_ms.append(1000 * (time.perf_counter() - started))
        if name in self.held:
            await self.held[name].wait()
        return result

    async def wait(self) -> None:
        """Wait for calls that nobody waits for any more."""
        await asyncio.gather(*self._running)

    def called(self, name: str) -> list[dict[str, Any]]:
        """Return what a tool was called with, in order."""
        return [given for called, given in self.calls if called == name]


Options = Mapping[str, Any]


@asynccontextmanager
async def hosted(
    browser: "Browser",
    client: Client,
    *,
    policy: str = "the specification's",
    host: Options | None = None,
    asked: Options | None = None,
    script: str = "",
    **options: Any,  # noqa: ANN401 - of a browser's context
) -> AsyncIterator[ShownPage]:
    """Show the page in a host's frame.

    Args:
        browser: It.
        client: Of the server.
        policy: One of `POLICIES`.
        host: What the host says of itself, such as its theme and locale.
        asked: The arguments that `show_inbox` was called with.
        script: Runs in the frame before the page does.
        options: Of the browser's context, such as its window's size.
    """
    server = PageServer(client)
    async with opened_tab(browser, **options) as tab:
        await tab.expose_function("callTool", server.call)
        await tab.add_init_script(script or "0")
        await tab.route("**/*", _answers(policy))
        said = {"url": _PAGE_URL, "context": dict(host or {}), "asked": dict(asked or {})}
        await tab.goto(f"{_HOST_URL}#{quote(json.dumps(said))}")
        await tab.frame_locator("iframe").locator("main").wait_for()
        yield ShownPage(tab, tab.frames[1], server)
    await server.wait()


@asynccontextmanager
async def opened_tab(browser: "Browser", **options: Any) -> AsyncIterator["Page"]:  # noqa: ANN401 - of a browser's context
    """Open a tab, and check at its end that no script failed in it and that it broke no policy."""
    context: BrowserContext = await browser.new_context(
        viewport=options.pop("viewport", {"width": 1000, "height": 700}), **options
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        await context.add_init_script(_LISTEN)
        tab = await context.new_page()
        failures: list[str] = []
        tab.on("pageerror", lambda error: failures.append(str(error)))
        tab.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
        yield tab
        assert [failure for failure in failures if "Failed to load resource" not in failure] == []
    finally:
        await asyncio.wait_for(context.close(), 10)


def _answers(policy: str) -> Callable[["Route"], Awaitable[None]]:
    from vm_mcp.page import FILE

    found = {
        _HOST_URL: ("text/html", _HOST_PAGE, ""),
        f"{_HOST_URL}host.js": ("text/javascript", host_script(), ""),
        _PAGE_URL: ("text/html", FILE.read_text(encoding="utf-8"), POLICIES[policy]),
    }

    async def answer(route: "Route") -> None:
        content_type, body, rules = found.get(route.request.url.partition("#")[0], ("text/plain", "", ""))
        headers = {"Content-Security-Policy": rules} if rules else {}
        await route.fulfill(content_type=f"{content_type}; charset=utf-8", body=body, headers=headers)

    return answer
