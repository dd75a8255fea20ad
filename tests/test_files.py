"""A file is written completely or not at all, and only its owner can read it."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vm_mcp.files import check_writable, write_atomically

OLD, NEW = b"what was there before", b"all of the new content\n" * 1000

has_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


class Stopped(Exception):  # noqa: N818 - no error: what a caller raises to keep the old file
    pass


def stop() -> None:
    raise Stopped


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "file.json"


@pytest.fixture
def there(path: Path) -> Path:
    """A file that somebody else may read."""
    path.parent.mkdir()
    path.write_bytes(OLD)
    path.chmod(0o644)
    return path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def test_a_new_file_holds_all_of_the_content_in_a_folder_that_is_created(path: Path) -> None:
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert names_in(path.parent) == [path.name]


@has_modes
@pytest.mark.parametrize("keep_mode", [True, False])
def test_a_new_file_is_its_owners_alone_whatever_the_umask(path: Path, *, keep_mode: bool) -> None:
    previous = os.umask(0)
    try:
        write_atomically(path, NEW, keep_mode=keep_mode)
    finally:
        os.umask(previous)
    assert mode_of(path) == 0o600


@has_modes
def test_a_file_that_others_may_read_is_its_owners_alone_unless_its_mode_is_kept(there: Path) -> None:
    write_atomically(there, NEW, keep_mode=True)
    assert mode_of(there) == 0o644
    write_atomically(there, NEW)
    assert mode_of(there) == 0o600
    assert there.read_bytes() == NEW


def test_the_new_content_is_on_the_disk_before_it_takes_the_place_of_the_old(
    there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[object] = []
    fsync = os.fsync

    def recorded(handle: int) -> None:
        fsync(handle)
        events.append((os.fstat(handle).st_ino, os.fstat(handle).st_size, there.read_bytes()))

    monkeypatch.setattr(os, "fsync", recorded)
    write_atomically(there, NEW, before_replace=lambda: events.append(there.read_bytes()))
    assert events == [(there.stat().st_ino, len(NEW), OLD), OLD]
    assert there.read_bytes() == NEW


def test_what_is_raised_before_the_replacement_leaves_the_old_file_alone(there: Path) -> None:
    with pytest.raises(Stopped):
        write_atomically(there, NEW, before_replace=stop)
    assert there.read_bytes() == OLD
    assert names_in(there.parent) == [there.name]


def test_what_is_raised_before_the_replacement_leaves_no_new_file(path: Path) -> None:
    with pytest.raises(Stopped):
        write_atomically(path, NEW, before_replace=stop)
    assert names_in(path.parent) == []


def test_a_process_that_dies_before_the_replacement_leaves_the_old_file_whole(there: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from vm_mcp.files import write_atomically; "
        "write_atomically(Path(sys.argv[1]), b'new', before_replace=lambda: os._exit(9))"
    )
    assert subprocess.run([sys.executable, "-c", program, str(there)]).returncode == 9
    assert there.read_bytes() == OLD
    write_atomically(there, NEW)
    assert there.read_bytes() == NEW


def test_a_full_disk_leaves_the_old_file_and_nothing_else(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(there, NEW)
    assert there.read_bytes() == OLD
    assert names_in(there.parent) == [there.name]


def test_a_folder_in_the_way_stays_and_nothing_is_left_beside_it(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(OSError, match=path.name):
        write_atomically(path, NEW)
    assert path.is_dir()
    assert names_in(path.parent) == [path.name]


def test_a_link_is_replaced_and_its_target_stays(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_bytes(OLD)
    path.parent.mkdir()
    path.symlink_to(target)
    write_atomically(path, NEW)
    assert target.read_bytes() == OLD
    assert not path.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows replaces no file that is being read")
def test_readers_see_all_of_the_old_or_all_of_the_new_content(path: Path) -> None:
    contents = {bytes([number]) * 20_000 for number in range(100)}
    write_atomically(path, bytes(20_000))
    is_done = threading.Event()
    seen: set[bytes] = set()

    def read() -> None:
        while not is_done.is_set() or not seen:
            seen.add(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for content in sorted(contents):
            write_atomically(path, content)
    finally:
        is_done.set()
        reader.join()
    assert seen <= contents


@has_modes
def test_a_folder_is_created_for_its_owner_alone_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    check_writable(folder)
    assert mode_of(folder) == 0o700
    assert names_in(folder) == []


def test_a_folder_that_cannot_be_created_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(OLD)
    with pytest.raises(OSError, match="taken"):
        check_writable(tmp_path / "taken")
    with pytest.raises(OSError, match="taken"):
        check_writable(tmp_path / "taken" / "folder")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"uuid,text")
        assert os.read(reading, 100) == b"uuid,text"
    finally:
        os.close(reading)
    assert pipe.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]
