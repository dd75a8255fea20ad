"""A watch says what arrives, once, whatever comes between; and it ends as asked."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import MakeSettings

from vm_mcp.cli.spoken_language import speaking
from vm_mcp.cli.watch.notifications import MAX_TITLE, Notice, notice_command, show_notice
from vm_mcp.cli.watch.watch_reports import WatchReports
from vm_mcp.cli.watch.watching import REFUSED_SECONDS, Reports, Watch
from vm_mcp.errors import ConfigError, VmError
from vm_mcp.inbox import Inbox, ListedVoicemail, open_inbox
from vm_mcp.operating_system import OperatingSystem
from vm_mcp.simulator import Simulator
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


Opened = Callable[[], AbstractAsyncContextManager[Inbox]]


@pytest.fixture
def opened(simulator: Simulator, settings_for: MakeSettings) -> Opened:
    return lambda: open_inbox(settings_for(simulator, engine="none"))


def leave(simulator: Simulator, uuid: str, seconds_ago: float = 0, **changes: Any) -> None:  # noqa: ANN401 - any field
    pattern = simulator.scenario.messages[0]
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    message = Message(uuid, "1001", "05001112233", "Yeni Arayan", at, pattern.voice)
    simulator.scenario.messages.append(replace(message, **changes))


async def watched(opened: Opened, *steps: Callable[[], object]) -> tuple[list[str], list[float]]:
    reports, script = NoticedReports(), Script(*steps)
    with pytest.raises(asyncio.CancelledError):
        await Watch(opened, reports, 60, wait=script.wait).run()
    return reports.told, script.waits


@pytest.mark.anyio
async def test_new_messages_are_told_once_the_oldest_first_and_stay_unread(
    simulator: Simulator, opened: Opened
) -> None:
    unread = sum(message.read_at is None for message in simulator.scenario.messages)

    def two() -> None:
        leave(simulator, "second")
        leave(simulator, "first", 30)

    told, waits = await watched(opened, lambda: None, two, lambda: leave(simulator, "late", 3600))
    assert told == ["started 8", "arrived first second", "arrived late"]
    assert waits == [60] * 4
    assert sum(message.read_at is None for message in simulator.scenario.messages) == unread + 3


@pytest.mark.anyio
async def test_trouble_is_told_once_and_nothing_that_came_meanwhile_is_lost(
    simulator: Simulator, opened: Opened
) -> None:
    told, _ = await watched(
        opened,
        lambda: simulator.faults.set("not_json", "list"),
        lambda: leave(simulator, "meanwhile"),
        simulator.faults.clear,
        lambda: simulator.faults.set("not_json", "list"),
    )
    assert told == [
        "started 8", "PbxProtocolError False", "recovered", "arrived meanwhile", "PbxProtocolError False",
    ]  # fmt: skip


@pytest.mark.anyio
async def test_a_refused_key_is_told_once_and_asked_about_seldom_with_the_key_as_it_is_then(
    simulator: Simulator, opened: Opened
) -> None:
    openings = 0

    def counted() -> AbstractAsyncContextManager[Inbox]:
        nonlocal openings
        openings += 1
        return opened()

    simulator.faults.set("wrong_key", "list")
    told, waits = await watched(counted, lambda: None, simulator.faults.clear, lambda: leave(simulator, "new"))
    assert told == ["PbxAuthError True", "recovered", "started 8", "arrived new"]
    assert waits == [REFUSED_SECONDS, REFUSED_SECONDS, 60, 60]
    assert openings == 3


@pytest.mark.anyio
async def test_without_a_key_it_does_not_begin(simulator: Simulator, settings_for: MakeSettings) -> None:
    keyless = settings_for(simulator, engine="none").model_copy(update={"api_key": None})
    with pytest.raises(ConfigError):
        await Watch(lambda: open_inbox(keyless), NoticedReports(), 60).run()


@pytest.mark.anyio
async def test_a_night_asleep_is_one_request_and_one_notice(
    simulator: Simulator, opened: Opened, settings_for: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Notice] = []

    async def show(notice: Notice) -> bool:
        shown.append(notice)
        return True

    def night() -> None:
        simulator.requests.clear()
        for number in range(5):
            leave(simulator, f"night-{number}", number * 60)

    script = Script(night)
    reports = WatchReports(settings_for(simulator).zone, show)
    with speaking(["--lang", "tr"]), pytest.raises(asyncio.CancelledError):
        await Watch(opened, reports, 60, wait=script.wait).run()
    assert [request.path for request in simulator.requests if "voicemail" in request.path] == ["/voicemail_messages"]
    assert [notice.title for notice in shown] == ["5 mesaj daha geldi"]
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition("  ")[2] for line in lines] == [f"night-{number}" for number in (4, 3, 2, 1, 0)]
    assert all("Yeni Arayan" in line for line in lines)


@pytest.mark.anyio
async def test_where_no_notice_can_be_shown_that_is_said_once_and_lines_go_on(
    simulator: Simulator, opened: Opened, settings_for: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(_: Notice) -> bool:
        return False

    script = Script(lambda: leave(simulator, "one"), lambda: leave(simulator, "two"))
    with speaking(["--lang", "en"]), pytest.raises(asyncio.CancelledError):
        await Watch(opened, WatchReports(settings_for(simulator).zone, fail), 60, wait=script.wait).run()
    said = capsys.readouterr()
    assert said.err.count("shows no notifications") == 1
    assert [line.rpartition("  ")[2] for line in said.out.splitlines()] == ["one", "two"]


@pytest.mark.parametrize("system", [LINUX, MAC, WINDOWS])
def test_what_a_caller_chose_is_an_argument_or_a_variable_and_no_part_of_a_script(
    system: OperatingSystem, tmp_path: Path
) -> None:
    program = tmp_path / "notify-send"
    program.touch(mode=0o755)
    shown = notice_command(system, Notice(HOSTILE, "new message"), {"PATH": str(tmp_path)})
    harmless = notice_command(system, Notice("Ali", "new message"), {"PATH": str(tmp_path)})
    assert shown is not None
    assert harmless is not None
    if system.is_windows:
        assert shown.command == harmless.command
        assert HOSTILE in shown.variables.values()
        return
    differing = [word for word, other in zip(shown.command, harmless.command, strict=True) if word != other]
    assert differing == [HOSTILE]
    before = list(shown.command[: shown.command.index(HOSTILE)])
    assert "--" in before or "new message" in before  # so that it is no option, whatever it begins with


def test_a_long_name_is_cut_and_a_system_without_a_program_has_no_notices(tmp_path: Path) -> None:
    assert notice_command(LINUX, Notice("a", "b"), {"PATH": str(tmp_path)}) is None
    shown = notice_command(MAC, Notice("x" * 5000, "b"), {})
    assert shown is not None
    assert max(map(len, shown.command)) <= MAX_TITLE


@pytest.mark.anyio
@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for the program")
async def test_a_notice_reaches_the_program_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "notify-send"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$NOTICE_FILE"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTICE_FILE", str(tmp_path / "notice"))
    assert await show_notice(LINUX, Notice(HOSTILE, "new message for 1001"))
    assert (tmp_path / "notice").read_text().splitlines()[-3:] == ["--", HOSTILE, "new message for 1001"]
    program.write_text("#!/bin/sh\nexit 1\n")
    assert not await show_notice(LINUX, Notice("a", "b"))


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no such signals")
@pytest.mark.parametrize(("signal_number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_ends_cleanly_and_a_second_one_is_sent_away(
    simulator: Simulator, tmp_path: Path, signal_number: int, status: int
) -> None:
    environment = os.environ | {
        "VM_MCP_BASE_URL": simulator.base_url, "VM_MCP_API_KEY": simulator.api_key, "VM_MCP_DATA_DIR": str(tmp_path),
    }  # fmt: skip
    command = [sys.executable, "-m", "vm_mcp", "watch", "--lang", "en", "--no-notifications"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "Already there: 8 open messages.\n"
        assert process.stderr.readline().startswith("Watching")
        if signal_number == signal.SIGTERM:
            second = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert second.returncode == 1
            assert "watch runs already" in second.stderr
        process.send_signal(signal_number)
        assert process.stderr.read() == ""
        assert process.wait() == status
