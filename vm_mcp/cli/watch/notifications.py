"""The operating system's own notifications.

What a caller chose goes to another program as an argument or a variable, never as part of a script, and only into the
title: the text below it may be read as markup.
"""

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import PureWindowsPath
from typing import NamedTuple

from vm_mcp.operating_system import OperatingSystem

MAX_TITLE = 100
"""Characters of a title."""
_SECONDS = 15.0
_APP = "vm-mcp"
_OSASCRIPT = ("on run argv", "display notification (item 1 of argv) with title (item 2 of argv)", "end run")
_TITLE, _TEXT = "VM_MCP_NOTICE_TITLE", "VM_MCP_NOTICE_TEXT"
# Windows shows notices of programs that it knows; PowerShell is one, by this id.
_POWERSHELL_ID = r"{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe"
_POWERSHELL = f"""\
$ErrorActionPreference = 'Stop'
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$template = [Windows.UI.Notifications.ToastTemplateType]::ToastText02
$toast = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent($template)
$texts = $toast.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($toast.CreateTextNode($env:{_TITLE}))
[void]$texts.Item(1).AppendChild($toast.CreateTextNode($env:{_TEXT}))
$notice = [Windows.UI.Notifications.ToastNotification]::new($toast)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('{_POWERSHELL_ID}').Show($notice)
"""


class Notice(NamedTuple):
    """What to show."""

    title: str
    """May hold what a caller chose."""
    text: str
    """Ours alone."""


class NoticeCommand(NamedTuple):
    """A program that shows a notice."""

    command: Sequence[str]
    variables: Mapping[str, str]


def notice_command(system: OperatingSystem, notice: Notice, environment: Mapping[str, str]) -> NoticeCommand | None:
    """Return what shows a notice; None where the system has no program for it.

    Args:
        system: Which one.
        notice: What to show.
        environment: Variables that say where its programs are.
    """
    title = notice.title[:MAX_TITLE]
    if system.is_windows:
        folder = PureWindowsPath(environment.get("SYSTEMROOT", r"C:\Windows"), "System32", "WindowsPowerShell", "v1.0")
        command = [str(folder / "powershell.exe"), "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL]
        return NoticeCommand(command, {_TITLE: title, _TEXT: notice.text})
    if system.platform == "darwin":
        lines = [part for line in _OSASCRIPT for part in ("-e", line)]
        # Our own text first: osascript takes no more options after it, whatever a caller's name begins with.
        return NoticeCommand(["/usr/bin/osascript", *lines, notice.text, title], {})
    program = shutil.which("notify-send", path=environment.get("PATH", os.defpath))
    command = [program, f"--app-name={_APP}", "--icon=phone", "--", title, notice.text] if program else []
    return NoticeCommand(command, {}) if command else None


async def show_notice(system: OperatingSystem, notice: Notice) -> bool:
    """Show a notice; return False where that failed."""
    shown = notice_command(system, notice, os.environ)
    if shown is None:
        return False
    with suppress(OSError):
        process = await asyncio.create_subprocess_exec(
            *shown.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **shown.variables},
            creationflags=system.hidden,
        )
        try:
            return await asyncio.wait_for(process.wait(), _SECONDS) == 0
        except TimeoutError:
            return False
        finally:
            with suppress(ProcessLookupError):
                process.kill()
    return False
