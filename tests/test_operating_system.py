"""What vm-mcp does on Windows and macOS, asked wherever the tests run, and what it relies on in CPython."""

import ast
import asyncio
import inspect
import locale
import os
import plistlib
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from vm_mcp import files
from vm_mcp.cli.hosts import HOSTS, Machine
from vm_mcp.cli.hosts.host_entries import is_ours
from vm_mcp.cli.hosts.host_install import Wish, install, uninstall
from vm_mcp.cli.spoken_language import speaking, spoken
from vm_mcp.operating_system import LONGEST_WINDOWS_PATH, OperatingSystem, this_system

WINDOWS, MACOS, LINUX = map(OperatingSystem, ("win32", "darwin", "linux"))
LONG = "C:\\Users\\ayşe\\" + "\\".join(["klasör" * 5] * 9)


def test_each_system_is_told_what_only_it_has() -> None:
    assert [system.program_suffix for system in (WINDOWS, MACOS, LINUX)] == [".exe", "", ""]
    assert [system.keeps_modes for system in (WINDOWS, MACOS, LINUX)] == [False, True, True]
    assert [system.runs_teams for system in (WINDOWS, MACOS, LINUX)] == [False, True, True]
    assert [system.watches_hangups for system in (WINDOWS, MACOS, LINUX)] == [False, True, True]
    assert [system.hidden for system in (WINDOWS, MACOS, LINUX)] == [0x08000000, 0, 0]
    assert this_system().platform == sys.platform


@pytest.mark.parametrize(
    ("path", "extended"),
    [
        ("C:\\Users\\ayşe\\archive.sqlite3", "C:\\Users\\ayşe\\archive.sqlite3"),
        (LONG, f"\\\\?\\{LONG}"),
        (f"\\\\?\\{LONG}", f"\\\\?\\{LONG}"),
        ("\\\\sunucu\\evler\\" + LONG[3:], "\\\\?\\UNC\\sunucu\\evler\\" + LONG[3:]),
        ("D:/" + "a/" * 150, "\\\\?\\D:\\" + "\\".join("a" * 150)),
        ("göreli\\" * 60, "göreli\\" * 60),
    ],
    ids=["short", "long", "extended already", "a home on a server", "slashes", "relative"],
)
def test_a_path_that_is_too_long_for_windows_is_written_in_the_form_that_has_no_limit(path: str, extended: str) -> None:
    assert WINDOWS.extended(path) == extended
    assert LINUX.extended(path) == path


def test_the_room_for_a_temporary_file_beside_the_target_counts() -> None:
    almost = "C:\\" + "a" * (LONGEST_WINDOWS_PATH - 3 - 10)
    assert WINDOWS.extended(almost).startswith("\\\\?\\")


def refusing(times: int) -> Callable[[Path, Path], None]:
    """Return a stand-in for `os.replace` that Windows refuses so often, as while another program reads the target."""
    left = [times]

    def move(source: Path, target: Path) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "Access is denied", str(source), 5, str(target))
        os.replace(source, target)  # noqa: PTH105 - what is stood in for

    return move


def test_a_file_that_a_host_has_open_is_replaced_once_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    waited: list[float] = []
    WINDOWS.replace(tmp_path / "new", tmp_path / "old", move=refusing(3), wait=waited.append)
    assert (tmp_path / "old").read_text() == "new"
    assert waited == [0.05, 0.1, 0.2]


def test_a_file_that_stays_open_is_reported_and_elsewhere_nothing_is_tried_twice(tmp_path: Path) -> None:
    waited: list[float] = []
    with pytest.raises(PermissionError):
        WINDOWS.replace(tmp_path / "new", tmp_path / "old", move=refusing(99), wait=waited.append)
    assert sum(waited) < 2
    waited.clear()
    with pytest.raises(PermissionError):
        LINUX.replace(tmp_path / "new", tmp_path / "old", move=refusing(1), wait=waited.append)
    assert waited == []


def test_what_is_written_atomically_goes_through_the_systems_own_replacing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[tuple[Path, Path]] = []
    monkeypatch.setattr(OperatingSystem, "replace", lambda _self, source, target: moved.append((source, target)))
    files.write_atomically(tmp_path / "file", b"x")
    assert [target for _, target in moved] == [tmp_path / "file"]


@pytest.mark.parametrize(
    ("number", "language"), [(0x041F, "tr"), (0x0409, "en"), (0x0407, "en"), (0x0C1F, "tr"), (0, "en")]
)
def test_windows_numbers_languages(number: int, language: str) -> None:
    assert WINDOWS.language(windows_language=lambda: number) == language


def test_the_numbers_are_those_of_cpythons_own_table() -> None:
    turkish = {number for number, name in locale.windows_locale.items() if name.startswith("tr")}
    assert turkish == {number for number in locale.windows_locale if number & 0x3FF == 0x1F}


def test_macos_lists_languages_in_the_order_of_preference(tmp_path: Path) -> None:
    assert MACOS.language(tmp_path) == ""
    preferences = tmp_path / "Library" / "Preferences" / ".GlobalPreferences.plist"
    preferences.parent.mkdir(parents=True)
    contents: list[dict[str, list[str]]] = [{"AppleLanguages": ["tr-TR", "en-GB"]}, {"AppleLanguages": []}, {}]
    for content in contents:
        preferences.write_bytes(plistlib.dumps(content, fmt=plistlib.FMT_BINARY))
        assert MACOS.language(tmp_path) == ("tr-TR" if content.get("AppleLanguages") else "")
    preferences.write_bytes(b"no plist")
    assert MACOS.language(tmp_path) == ""
    assert LINUX.language(tmp_path) == ""


def test_a_turkish_windows_without_a_locale_speaks_turkish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "VM_MCP_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("vm_mcp.config.reading.env_file", lambda: tmp_path / ".env")
    monkeypatch.setattr("vm_mcp.operating_system._windows_language", lambda: 0x041F)
    monkeypatch.setattr("vm_mcp.operating_system.this_system", lambda: WINDOWS)
    with speaking([]):
        assert spoken("No message matches.") == "Uyan mesaj yok."


def claude(home: Path, place: str) -> Path:
    path = home / place / "Claude" / "claude_desktop_config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


PACKAGE = "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming"


def test_claude_desktop_is_set_up_in_both_places_where_there_are_two(tmp_path: Path) -> None:
    machine, host = Machine.of("win32", tmp_path), HOSTS["claude-desktop"]
    usual, packaged = claude(tmp_path, "AppData/Roaming"), claude(tmp_path, PACKAGE)
    assert [place.configuration(machine) for place in host.everywhere(machine)] == [packaged]
    usual.write_text('{"mcpServers": {"other": {"command": "node"}}}', encoding="utf-8")
    places = host.everywhere(machine)
    assert [place.configuration(machine) for place in places] == [packaged, usual]
    for place in places:
        install(place, machine, Wish(is_key_stored=True))
    assert all('"voicemail"' in path.read_text(encoding="utf-8") for path in (usual, packaged))
    assert '"other"' in usual.read_text(encoding="utf-8")
    for place in places:
        uninstall(place, machine)
    assert not any('"voicemail"' in path.read_text(encoding="utf-8") for path in (usual, packaged))


def test_of_two_packages_the_one_that_has_a_file_is_used(tmp_path: Path) -> None:
    machine, host = Machine.of("win32", tmp_path), HOSTS["claude-desktop"]
    claude(tmp_path, "AppData/Local/Packages/Claude_aaaa/LocalCache/Roaming")
    used = claude(tmp_path, PACKAGE)
    used.write_text("{}", encoding="utf-8")
    assert host.configuration(machine) == used


@pytest.mark.parametrize(
    "command",
    ["C:\\Users\\ayşe\\.local\\bin\\vm-mcp.exe", "\\\\sunucu\\evler\\ayşe\\vm-mcp.EXE", "/home/ayse/.local/bin/vm-mcp"],
)
def test_our_program_is_known_by_a_path_of_any_system(command: str) -> None:
    assert is_ours({"command": command})


def test_a_home_on_a_server_or_another_drive_is_absolute() -> None:
    assert PureWindowsPath("\\\\sunucu\\evler\\ayşe").is_absolute()
    assert PureWindowsPath("D:\\ev").is_absolute()
    assert not PureWindowsPath("D:ev").is_absolute()
    assert not PurePosixPath("ev").is_absolute()


# What is relied on, read in CPython itself: whoever runs a newer one learns here if it has changed.


def test_cpython_has_no_signal_handlers_for_loops_on_windows() -> None:
    handler = inspect.getsource(asyncio.AbstractEventLoop.add_signal_handler)
    assert "NotImplementedError" in handler
    tree = ast.parse(Path(asyncio.__file__).with_name("windows_events.py").read_text(encoding="utf-8"))
    assert "add_signal_handler" not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_cpython_starts_a_child_without_a_window_by_the_flag_that_is_used() -> None:
    source = inspect.getsource(subprocess)
    assert "CREATE_NO_WINDOW" in source
    assert WINDOWS.hidden == getattr(subprocess, "CREATE_NO_WINDOW", 0x08000000)


@pytest.mark.skipif(sys.platform == "win32", reason="what the others have")
def test_only_windows_lacks_what_hangups_and_workers_need() -> None:
    assert hasattr(select, "poll")
    assert hasattr(signal, "SIGKILL")


def test_cpythons_temporary_names_fit_the_room_that_is_left_for_them(tmp_path: Path) -> None:
    handle, name = tempfile.mkstemp(dir=tmp_path, prefix=".vm-mcp-")
    os.close(handle)
    assert len(Path(name).name) + 1 <= 20
