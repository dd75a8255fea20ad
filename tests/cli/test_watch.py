"""A watch says what arrives, once, whatever comes between; and it ends as asked."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import MakeSettings
from support.simulator_requests import Clock

from vm_mcp.cli import main
from vm_mcp.cli.spoken_language import speaking
from vm_mcp.cli.watch.notifications import MAX_TITLE, Notice, notice_command, show_notice
from vm_mcp.cli.watch.watch_reports import WatchReports
from vm_mcp.cli.watch.watching import REFUSED_SECONDS, Reports, Watch
from vm_mcp.errors import ConfigError, PbxAuthError, PbxUnavailableError, VmError
from vm_mcp.inbox import Inbox, ListedVoicemail, open_inbox
from vm_mcp.operating_system import OperatingSystem, this_system
from vm_mcp.simulator import SCENARIOS, Simulator
from vm_mcp.simulator.scenario import Message

pytestmark = pytest.mark.usefixtures("no_rate_limit")

LINUX, MAC, WINDOWS = map(OperatingSystem, ("linux", "darwin", "win32"))
HOSTILE = "-e'\"; $(touch x) `y` <b>&"


class NoticedReports(Reports):
    """Notes what a watch tells."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def started(self, open_count: int | None) -> None:
        self.told.append(f"started {open_count}")

    async def arrived(self, voicemails: Sequence[ListedVoicemail]) -> None:
        self.told.append(f"arrived {' '.join(voicemail.uuid for voicemail in voicemails)}")

    async def trouble(self, error: VmError, *, is_for_person: bool) -> None:
        self.told.append(f"{type(error).__name__} {is_for_person}")

    async def recovered(self) -> None:
        self.told.append("recovered")


class Script:
    """Does one thing at each wait of a watch, and ends it after the last."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self._steps = list(steps)
        self.waits: list[float] = []

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        if not self._steps:
            raise asyncio.CancelledError
        self._steps.pop(0)()


