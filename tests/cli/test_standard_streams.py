"""Commands that are started without stdin, stdout or stderr, or whose output nobody takes."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from vm_mcp.simulator import Simulator

VM_MCP = [sys.executable, "-m", "vm_mcp"]
FULL = Path("/dev/full")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")


def run(
    simulator: Simulator, folder: Path, redirected: str, *arguments: str, lang: str = "en"
) -> subprocess.CompletedProcess[str]:
    """Run a command with streams redirected as the shell says."""
    shell = ["sh", "-c", f'exec "$@" {redirected}', "sh", *VM_MCP, *arguments]
    return subprocess.run(shell, capture_output=True, text=True, env=settings(simulator, folder, lang), check=False)


def settings(simulator: Simulator, folder: Path, lang: str) -> dict[str, str]:
    own = {"BASE_URL": simulator.base_url, "API_KEY": simulator.api_key, "DATA_DIR": str(folder), "LANG": lang}
    return os.environ | {f"VM_MCP_{name}": value for name, value in own.items()}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["login", "--file", "--unchecked"], 1), (["purge", "--all"], 4), (["serve", "--engine", "none"], 0)],
)
def test_a_closed_stdin_is_one_at_its_end(
    simulator: Simulator, tmp_path: Path, arguments: Sequence[str], status: int
) -> None:
    done = run(simulator, tmp_path, "<&-", *arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


def test_with_stderr_closed_what_is_said_about_a_result_is_not_in_the_result(
    simulator: Simulator, tmp_path: Path
) -> None:
    done = run(simulator, tmp_path, "2>&-", "search", "zzz")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_with_stdout_closed_the_archive_is_not_written_over(simulator: Simulator, tmp_path: Path) -> None:
    assert run(simulator, tmp_path, ">&-", "list", "--json").returncode == 0
    assert json.loads(run(simulator, tmp_path, "", "list", "--json").stdout)["voicemails"]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["doctor", "--engine", "none", "--json"]])
def test_a_full_disk_under_stdout_is_said_in_a_line(
    simulator: Simulator, tmp_path: Path, arguments: Sequence[str]
) -> None:
    done = run(simulator, tmp_path, f">{FULL}", *arguments, lang="tr")
    assert (done.returncode, done.stderr) == (1, "vm-mcp: Disk dolu. Yer açın, sonra yeniden deneyin.\n")


def test_a_reader_that_has_taken_enough_of_both_ends_the_command(simulator: Simulator, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    environment = settings(simulator, tmp_path, "en")
    done = subprocess.run([*VM_MCP, "list"], stdout=writing, stderr=writing, env=environment, check=False)
    os.close(writing)
    assert done.returncode == 1
