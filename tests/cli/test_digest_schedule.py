"""The entries that run a digest every day: what each scheduler would make of them, and what installing one leaves."""

import io
import os
import plistlib
import shlex
import stat
import subprocess
from collections.abc import Callable
from datetime import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.cli import main
from vm_mcp.cli.digest.schedule_command import digest_words
from vm_mcp.cli.digest.schedule_entries import DailyRun, cron_lines, launchd_plist, parse_time, windows_task
from vm_mcp.cli.digest.schedulers import Cron, Done, Launchd, TaskScheduler, scheduler_of
from vm_mcp.cli.program import build_parser
from vm_mcp.cli.spoken_language import speaking
from vm_mcp.errors import InputError, VmError
from vm_mcp.operating_system import OperatingSystem

RUN = DailyRun("digest", time(8, 5), ["/opt/vm mcp/vm-mcp", "digest", "--out=/tmp/50% \"a\" 'b' $c.html", "--lang=tr"])
NAMESPACE = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
printable = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=40)

# A crontab program that keeps what it is given in a file, as cron's own does.
CRONTAB = """\
#!/bin/sh
case "$1" in
  -l) if [ -e "$CRONTAB_FILE" ]; then cat "$CRONTAB_FILE"; else echo "no crontab for desk" >&2; exit 1; fi ;;
  -) cat > "$CRONTAB_FILE" ;;
esac
"""


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(CRONTAB)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("CRONTAB_FILE", str(tmp_path / "crontab"))
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("vm_mcp.cli.digest.schedule_command.this_system", lambda: OperatingSystem("linux"))
    return tmp_path / "crontab"


@given(st.lists(printable, min_size=1))
def test_a_shell_that_cron_starts_gets_the_arguments_as_they_were(arguments: list[str]) -> None:
    command = ["/bin/vm-mcp", *arguments]
    if not all(word.isprintable() for word in command):
        return
    comment, line, end = cron_lines(DailyRun("digest", time(8, 30), command)).split("\n")
    assert comment.startswith("#")
    assert end == ""
    fields = line.split(" ", 5)
    assert fields[:5] == ["30", "8", "*", "*", "*"]
    assert "%" not in fields[5].replace("\\%", "")
    assert shlex.split(fields[5].replace("\\%", "%")) == command


def test_no_line_break_gets_into_a_crontab() -> None:
    with pytest.raises(InputError, match="line break"):
        cron_lines(DailyRun("digest", time(8), ["vm-mcp", "--out=a\n* * * * * rm -rf /"]))


def test_launchd_reads_the_time_and_the_arguments_as_they_were() -> None:
    agent = plistlib.loads(launchd_plist(RUN, "digest.log").encode())
    assert agent["StartCalendarInterval"] == {"Hour": 8, "Minute": 5}
    assert agent["ProgramArguments"] == RUN.command
    assert agent["Label"] == "vm-mcp.digest"


def test_windows_reads_the_time_and_the_arguments_as_they_were() -> None:
    task = ET.fromstring(windows_task(RUN).replace('encoding="UTF-16"', ""))  # noqa: S314 - it is ours
    assert task.findtext(".//t:StartBoundary", "", NAMESPACE).endswith("T08:05:00")
    assert task.findtext(".//t:Command", "", NAMESPACE) == "/opt/vm mcp/vm-mcp"
    assert task.findtext(".//t:Arguments", "", NAMESPACE) == subprocess.list2cmdline(RUN.command[1:])
    assert task.findtext(".//t:StartWhenAvailable", "", NAMESPACE) == "true"


@pytest.mark.parametrize(("text", "at"), [("08:30", time(8, 30)), ("8.30", time(8, 30)), (" 23:59 ", time(23, 59))])
def test_a_time_is_read_as_people_write_it(text: str, at: time) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize("text", ["", "8", "24:00", "08:60", "8:3", "٠٨:٣٠", "08:30:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"08:30"):
        parse_time(text)


@pytest.mark.parametrize(
    "given_line",
    [
        "--to=a@b.example --only-if-open",
        "--out=/tmp/x.html --format=html --transcribe --since=7d --extension=1001",
        "--to=a@b.example --to=c@d.example --account=klinik --read-only --timezone=UTC",
    ],
)
def test_the_scheduled_command_is_the_one_that_was_typed(given_line: str) -> None:
    with speaking(["--lang", "tr"]):
        typed = build_parser().parse_args(["digest", *given_line.split(), "--schedule", "08:30", "--install", "--yes"])
        again = build_parser().parse_args(digest_words(typed))
    assert again.lang == "tr"
    same = {name: value for name, value in vars(typed).items() if name not in {"schedule", "install", "yes", "lang"}}
    assert {name: value for name, value in vars(again).items() if name in same} == same
    assert (again.schedule, again.install) == ("", False)


def test_a_folder_means_the_same_where_the_scheduler_starts_it() -> None:
    typed = build_parser().parse_args(["digest", "--out=a.txt", "--data-dir=data", "--archive-dir=/var/archive"])
    again = build_parser().parse_args(digest_words(typed))
    assert (again.out, again.data_dir) == (Path("a.txt").absolute(), str(Path("data").absolute()))
    assert again.archive_dir == "/var/archive"


def test_an_entry_is_printed_and_nothing_is_installed(
    crontab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VM_MCP_TIMEZONE", "UTC")
    assert main(["digest", "--schedule", "08:30", "--out", "özet.html", "--format", "html", "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# vm-mcp: digest\n30 8 * * * ")
    assert str(Path("özet.html").absolute()) in said.out
    assert "VM_MCP_TIMEZONE" in said.err
    assert "cron can't open a desktop's keyring" in said.err
    assert not crontab.exists()


def test_it_is_installed_after_a_yes_and_every_other_line_stays(
    crontab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = "MAILTO=me\n5 4 * * * backup # 100\\%"  # without a last line end
    crontab.write_text(mine)
    wanted = ["digest", "--lang=en", "--out=/tmp/a.txt", "--schedule"]
    assert main([*wanted, "08:30", "--install"]) == 4
    assert crontab.read_text() == mine
    assert main([*wanted, "08:30", "--install", "--yes"]) == 0
    assert main([*wanted, "09:00", "--install", "--yes"]) == 0
    kept = crontab.read_text()
    assert kept.startswith(f"{mine}\n# vm-mcp: digest\n0 9 * * * ")
    assert kept.count("vm-mcp: digest") == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("e\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["digest", "--lang=en", "--uninstall"]) == 0
    assert crontab.read_text() == f"{mine}\n"
    capsys.readouterr()
    assert main(["digest", "--lang=en", "--uninstall", "--yes"]) == 0
    assert "No daily digest is installed" in capsys.readouterr().out


def test_lines_in_another_encoding_stay_as_they_are(crontab: Path) -> None:
    mine = "# yedek: her gün\n5 4 * * * /opt/çalıştır\n".encode("iso-8859-9")
    crontab.write_bytes(mine)
    assert main(["digest", "--out=/tmp/özet.txt", "--schedule=08:30", "--install", "--yes"]) == 0
    assert crontab.read_bytes().startswith(mine)
    assert "özet.txt".encode() in crontab.read_bytes()


@pytest.mark.parametrize(
    "wrong", [["--to=a@b.example", "--format=html"], ["--out=/tmp/a.txt", "--transcribe", "--read-only"]]
)
def test_what_would_fail_every_morning_is_refused_at_once(
    crontab: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wrong: list[str]
) -> None:
    for name in ("HOST", "SENDER"):
        monkeypatch.setenv(f"VM_MCP_SMTP_{name}", "desk@b.example")
    alone = main(["digest", "--lang=en", *wrong]), capsys.readouterr().err
    assert (alone[0], "--format" in alone[1] or "--transcribe" in alone[1]) == (1, True)
    scheduled = main(["digest", "--lang=en", *wrong, "--schedule=08:30", "--install", "--yes"])
    assert (scheduled, capsys.readouterr().err) == alone
    assert not crontab.exists()


@pytest.mark.parametrize(("since", "why"), [("someday", "not a date"), ("2999-01-01", "Give")])
def test_a_time_that_no_list_can_begin_at_is_not_scheduled(
    crontab: Path, capsys: pytest.CaptureFixture[str], since: str, why: str
) -> None:
    wanted = ["digest", "--lang=en", "--out=/tmp/a.txt", f"--since={since}", "--schedule=08:30", "--install", "--yes"]
    assert main(wanted) == 1
    assert why in capsys.readouterr().err
    assert not crontab.exists()


def test_two_accounts_have_an_entry_each(crontab: Path) -> None:
    for account in ("klinik", "otel"):
        line = ["digest", "--account", account, "--out=/tmp/a.txt", "--schedule=08:30", "--install", "--yes"]
        assert main(line) == 0
    assert main(["digest", "--account", "otel", "--uninstall", "--yes"]) == 0
    assert "# vm-mcp: digest-klinik\n" in crontab.read_text()
    assert "otel" not in crontab.read_text()


def test_a_crontab_that_cannot_be_read_is_not_overwritten() -> None:
    asked: list[list[str]] = []

    def denied(command: list[str], given: str | None = None) -> Done:
        assert given is None
        asked.append(list(command))
        return Done(1, "", "you (desk) are not allowed to use this program")

    with pytest.raises(VmError, match="not changed"):
        Cron(denied).install(RUN)  # type: ignore[arg-type]  # a list is a sequence
    assert asked == [["crontab", "-l"]]


@pytest.mark.parametrize("arguments", [["--schedule=08:30"], ["--install"], ["--schedule=25:00", "--out=a"]])
def test_a_schedule_that_would_show_nobody_anything_is_refused(crontab: Path, arguments: list[str]) -> None:
    assert main(["digest", *arguments]) == 1
    assert not crontab.exists()


@pytest.fixture
def ran() -> list[list[str]]:
    return []


@pytest.fixture
def answering_with(ran: list[list[str]]) -> Callable[[int], Callable[..., Done]]:
    def make(status: int) -> Callable[..., Done]:
        def run(command: list[str], given: str | None = None) -> Done:  # noqa: ARG001 - as the schedulers call it
            ran.append(list(command))
            return Done(status, "", "")

        return run

    return make


def test_launchds_agent_is_a_file_of_the_users(
    tmp_path: Path, ran: list[list[str]], answering_with: Callable[[int], Callable[..., Done]]
) -> None:
    launchd = Launchd(answering_with(0), tmp_path, 501)
    launchd.install(RUN)
    path = tmp_path / "Library" / "LaunchAgents" / "vm-mcp.digest.plist"
    assert plistlib.loads(path.read_bytes())["ProgramArguments"] == RUN.command
    assert ran[-1] == ["launchctl", "bootstrap", "gui/501", str(path)]
    assert launchd.remove("digest")
    assert ran[-1] == ["launchctl", "bootout", "gui/501/vm-mcp.digest"]
    assert not path.exists()
    assert not launchd.remove("digest")
    with pytest.raises(VmError, match="launchctl bootstrap"):
        Launchd(answering_with(1), tmp_path, 501).install(RUN)


def test_a_folder_of_agents_that_can_not_be_written_is_named(
    tmp_path: Path, ran: list[list[str]], answering_with: Callable[[int], Callable[..., Done]]
) -> None:
    launchd = Launchd(answering_with(0), tmp_path, 501)
    (tmp_path / "Library").write_text("no folder")
    with pytest.raises(VmError, match=r"LaunchAgents.* can't be written \(a part of the path is a file"):
        launchd.install(RUN)
    assert ran == []
    (tmp_path / "Library").unlink()
    (tmp_path / "Library" / "LaunchAgents" / "vm-mcp.digest.plist").mkdir(parents=True)
    with pytest.raises(VmError, match=r"LaunchAgents.* can't be written"):
        launchd.remove("digest")


def test_the_task_scheduler_gets_a_file_and_no_shell_text(
    ran: list[list[str]], answering_with: Callable[[int], Callable[..., Done]]
) -> None:
    tasks = TaskScheduler(answering_with(0))
    tasks.install(RUN)
    [command] = ran
    assert command[:6] == ["schtasks", "/Create", "/F", "/TN", "vm-mcp.digest", "/XML"]
    assert tasks.remove("digest")
    with pytest.raises(VmError, match="--schedule prints"):
        TaskScheduler(answering_with(1)).install(RUN)


def test_each_system_has_its_scheduler() -> None:
    names = [scheduler_of(OperatingSystem(platform)).name for platform in ("linux", "darwin", "win32")]
    assert names == ["cron", "launchd", "Task Scheduler"]
