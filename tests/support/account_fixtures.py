"""Fixtures for tests with several accounts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from conftest import MakeSettings

from support.accounts import OpenAs
from support.scripted_transcriber import ScriptedTranscriber
from vm_mcp.inbox import Inbox
from vm_mcp.simulator import Simulator


@pytest.fixture
def open_as(simulator: Simulator, settings_for: MakeSettings, transcriber: ScriptedTranscriber) -> OpenAs:
    @asynccontextmanager
    async def opened(key: str | None, **settings: Any) -> AsyncIterator[Inbox]:  # noqa: ANN401 - any setting
        inbox = Inbox(settings_for(simulator, api_key=key, **settings), transcriber)
        try:
            yield inbox
        finally:
            await inbox.aclose()

    return opened
