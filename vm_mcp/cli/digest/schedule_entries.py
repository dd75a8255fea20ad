"""Entries that have cron, launchd or the Windows Task Scheduler run a command every day."""

import plistlib
import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import date, time
from typing import NamedTuple
from xml.sax.saxutils import escape

from vm_mcp.errors import InputError

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_ANY_DAY = date(2026, 1, 1)
"""From when on a Windows task runs daily; it lies in the past."""


class DailyRun(NamedTuple):
    """A command to run every day."""

    name: str
    """Letters, digits, dots and dashes; tells it from other runs of vm-mcp."""
    at: time
    command: Sequence[str]
    """The program and its arguments, none of which has been through a shell."""


def parse_time(text: str) -> time:
    """Return a time of day.

    Raises:
        InputError: It is none.
    """
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise InputError("--schedule takes a time of day, such as 08:30.")
    return time(int(found[1]), int(found[2]))


def label(name: str) -> str:
    """Return a run's name at launchd and in the Task Scheduler."""
    return f"vm-mcp.{name}"


def cron_marker(name: str) -> str:
    """Return the comment before a run's line in a crontab, by which it is found again."""
    return f"# vm-mcp: {name}"


def cron_lines(run: DailyRun) -> str:
    """Return the lines of a crontab, the first of which is a comment.

    Raises:
        InputError: An argument holds a line break, which no crontab can.
    """
    command = shlex.join(run.command)
    if not command.isprintable():
        raise InputError("An argument holds a line break, which cron can't pass on. Leave it out.")
    # cron reads a bare % as the end of the line, even within quotes.
    return f"{cron_marker(run.name)}\n{run.at.minute} {run.at.hour} * * * {command.replace('%', chr(92) + '%')}\n"


def launchd_plist(run: DailyRun, log: str) -> str:
    """Return a launchd agent's property list; launchd makes up for a run that the computer slept through.

    Args:
        run: What to run.
        log: File for what it says.
    """
    agent = {
        "Label": label(run.name),
        "ProgramArguments": list(run.command),
        "StartCalendarInterval": {"Hour": run.at.hour, "Minute": run.at.minute},
        "StandardErrorPath": log,
        "StandardOutPath": log,
        "ProcessType": "Background",
    }
    return plistlib.dumps(agent, sort_keys=False).decode()


def windows_task(run: DailyRun) -> str:
    """Return a task for the Task Scheduler; it runs as the user, and later where the computer was off."""
    program, *arguments = run.command
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="{_NAMESPACE}">
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>{_ANY_DAY.isoformat()}T{run.at:%H:%M}:00</StartBoundary>
      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals><Principal id="Author"><LogonType>InteractiveToken</LogonType></Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT4H</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(subprocess.list2cmdline(arguments))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
