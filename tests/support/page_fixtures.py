"""The clinic's inbox on a page, in a real browser."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.page_browser import ShownPage, browser_or_skip, hosted
from support.page_desks import Desk, OpenPage, opened_desk

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest.fixture(scope="session")
async def browser() -> "AsyncIterator[Browser]":
    async with browser_or_skip() as found:
        yield found


@pytest.fixture
async def desk(tmp_path: Path, no_rate_limit: None) -> AsyncIterator[Desk]:  # noqa: ARG001 - a fixture
    async with opened_desk(tmp_path) as found:
        yield found


@pytest.fixture
def open_page(browser: "Browser", desk: Desk) -> OpenPage:
    """Open the page over the clinic, in a host that speaks Turkish."""

    def opened(*, locale: str = "tr-TR", **options: object) -> AbstractAsyncContextManager[ShownPage]:
        host = {"locale": locale, "theme": "light"} | dict(options.pop("host", {}))  # type: ignore[call-overload]
        return hosted(browser, desk.client, host=host, **options)  # type: ignore[arg-type]

    return opened
