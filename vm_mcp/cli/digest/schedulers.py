"""The operating systems' schedulers: what an entry is for each, and how it is installed and removed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from vm_mcp.cli.digest.schedule_entries import DailyRun, cron_lines, cron_marker, label, launchd_plist, windows_task
from vm_mcp.errors import VmError
from vm_mcp.files import write_atomically
from vm_mcp.operating_system import OperatingSystem
from vm_mcp.os_reasons import os_reason

_SECONDS = 60.0


class Done(NamedTuple):
    """How a program ended."""

    status: int
    out: str
    err: str


class RunProgram(Protocol):
    """Runs a program with arguments, never through a shell, and returns how it ended."""

    def __call__(self, command: Sequence[str], given: str | None = None) -> Done:
        """Run it; ``given`` is its input."""
        ...


class Scheduler(Protocol):
    """Runs commands every day."""

    name: str

    def entry(self, run: DailyRun) -> str:
        """Return what is installed, as a person would do it by hand."""
        ...

    def install(self, run: DailyRun) -> None:
        """Install a run, in place of an earlier one of its name."""
        ...

    def remove(self, name: str) -> bool:
        """Remove a run; return False where there was none."""
        ...


class Cron:
    """The user's crontab; every line that is not ours stays as it is."""

    name = "cron"

    def __init__(self, run_program: RunProgram) -> None:
        self._run = run_program

    def entry(self, run: DailyRun) -> str:
        """Return the lines of the crontab."""
        return cron_lines(run)

    def install(self, run: DailyRun) -> None:
        """Install a run."""
        lines = cron_lines(run)
        kept = "".join(_without(self._read(), run.name))
        if kept and not kept.endswith("\n"):
            kept += "\n"
        self._write(kept + lines)

    def remove(self, name: str) -> bool:
        """Remove a run."""
        lines = self._read()
        kept = _without(lines, name)
        if len(kept) == len(lines):
            return False
        self._write("".join(kept))
        return True

    def _read(self) -> list[str]:
        done = self._run(["crontab", "-l"])
        if done.status == 0:
            return done.out.splitlines(keepends=True)
        if "no crontab for" in done.err:
            return []
        raise VmError("The crontab can't be read, so it was not changed. Run `crontab -l` to see why.")

    def _write(self, text: str) -> None:
        if self._run(["crontab", "-"], text).status != 0:
            raise VmError("The crontab can't be written. Run `crontab -e` and add the lines by hand.")


class Launchd:
    """The user's agents at macOS' launchd."""

    name = "launchd"

    def __init__(self, run_program: RunProgram, home: Path, user_id: int) -> None:
        self._run = run_program
        self._home = home
        self._domain = f"gui/{user_id}"

    def entry(self, run: DailyRun) -> str:
        """Return the agent's property list."""
        return launchd_plist(run, str(self._home / "Library" / "Logs" / f"{label(run.name)}.log"))

    def install(self, run: DailyRun) -> None:
        """Install a run."""
        path = self._path(run.name)
        with _as_vm_error(path):
            write_atomically(path, self.entry(run).encode())
        self._run(["launchctl", "bootout", f"{self._domain}/{label(run.name)}"])  # fails where it is new
        if self._run(["launchctl", "bootstrap", self._domain, str(path)]).status != 0:
            raise VmError(
                "launchd refuses {path}. Run `launchctl bootstrap {domain} {path}` to see why.",
                path=str(path),
                domain=self._domain,
            )

    def remove(self, name: str) -> bool:
        """Remove a run."""
        self._run(["launchctl", "bootout", f"{self._domain}/{label(name)}"])
        path = self._path(name)
        with _as_vm_error(path):
            is_there = path.exists()
            path.unlink(missing_ok=True)
        return is_there

    def _path(self, name: str) -> Path:
        return self._home / "Library" / "LaunchAgents" / f"{label(name)}.plist"


class TaskScheduler:
    """The Windows Task Scheduler."""

    name = "Task Scheduler"

    def __init__(self, run_program: RunProgram) -> None:
        self._run = run_program

    def entry(self, run: DailyRun) -> str:
        """Return the task's XML."""
        return windows_task(run)

    def install(self, run: DailyRun) -> None:
        """Install a run."""
        with tempfile.TemporaryDirectory(prefix="vm-mcp-") as folder:
            path = Path(folder, "task.xml")
            path.write_text(windows_task(run), encoding="utf-16")
            done = self._run(["schtasks", "/Create", "/F", "/TN", label(run.name), "/XML", str(path)])
        if done.status != 0:
            raise VmError(
                "The Task Scheduler refuses the task. Save what --schedule prints as a file, and import it there."
            )

    def remove(self, name: str) -> bool:
        """Remove a run."""
        return self._run(["schtasks", "/Delete", "/F", "/TN", label(name)]).status == 0


def scheduler_of(system: OperatingSystem) -> Scheduler:
    """Return the scheduler of an operating system."""
    if system.is_windows:
        return TaskScheduler(run_program)
    if system.platform == "darwin":
        user: int = os.getuid()  # type: ignore[attr-defined,unused-ignore]  # not on Windows
        return Launchd(run_program, Path.home(), user)
    return Cron(run_program)


def run_program(command: Sequence[str], given: str | None = None) -> Done:
    """Run a program of the operating system.

    Raises:
        VmError: It is not installed, or does not end.
    """
    program = shutil.which(command[0])
    with suppress(OSError, subprocess.TimeoutExpired):
        if program:
            done = subprocess.run(  # noqa: S603 - arguments, and no shell
                [program, *command[1:]],
                input=given,
                capture_output=True,
                text=True,
                errors="surrogateescape",  # a crontab is written back as it was, whatever its encoding
                timeout=_SECONDS,
                check=False,
                env=os.environ | {"LC_ALL": "C"},
            )
            return Done(done.returncode, done.stdout, done.stderr)
    raise VmError(
        "`{program}` is not on this computer or doesn't answer, so nothing was changed. Give what --schedule prints to "
        "another scheduler.",
        program=command[0],
    )


@contextmanager
def _as_vm_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VmError(
            "{path} can't be written ({reason}). Make room or correct its permissions, then try again.",
            path=path,
            reason=os_reason(error),
        ) from error


def _without(lines: Sequence[str], name: str) -> list[str]:
    """Return a crontab without a run: its marker, and the line after it."""
    kept: list[str] = []
    is_ours = False
    for line in lines:
        is_marker = line.rstrip("\r\n") == cron_marker(name)
        if not (is_ours or is_marker):
            kept.append(line)
        is_ours = is_marker
    return kept
