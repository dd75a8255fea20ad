"""A disk that is full, read-only or missing: listing works, and everything else says what to do."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Connect, MakeSettings
from mcp import Client
from support.tool_answers import text_of

from vm_mcp.archive.sqlite import connection, database
from vm_mcp.simulator import Simulator

pytestmark = pytest.mark.anyio

TOOLS: dict[str, dict[str, object]] = {
    "list_voicemails": {"status": "unheard"},
    "get_recording": {"uuid": ""},
    "transcribe_voicemails": {"uuids": ""},
    "search_transcripts": {"query": "randevu"},
}
needs_rights = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may enter every folder")

Break = Callable[[pytest.MonkeyPatch, Path], None]


def a_file_in_its_place(_: pytest.MonkeyPatch, folder: Path) -> None:
    folder.write_text("no folder", encoding="utf-8")


def no_right_to_write(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("vm_mcp.archive.sqlite.database.connect", refuse)
    monkeypatch.setattr("vm_mcp.files.tempfile.TemporaryFile", refuse)


def no_right_to_enter(_: pytest.MonkeyPatch, folder: Path) -> None:
    folder.mkdir(mode=0)


def a_read_only_disk(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    opened_with(monkeypatch, "PRAGMA query_only = ON")
    no_room_for_files(monkeypatch)


def a_full_disk(monkeypatch: pytest.MonkeyPatch, _: Path) -> None:
    opened_with(monkeypatch, "PRAGMA max_page_count = 1")
    no_room_for_files(monkeypatch)


def opened_with(monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
    """Make SQLite itself fail, with the errors that it raises on such a disk."""

    def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
        opened = connection.connect(path, busy_seconds)
        opened.execute(pragma)
        return opened

    monkeypatch.setattr(database, "connect", connect)


def no_room_for_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vm_mcp.files.os.fsync", full)


async def call(client: Client, tool: str, **arguments: object) -> tuple[bool, str]:
    result = await client.call_tool(tool, arguments)
    return bool(result.is_error), text_of(result)


@pytest.mark.parametrize(
    "break_it",
    [
        a_file_in_its_place,
        no_right_to_write,
        pytest.param(no_right_to_enter, marks=needs_rights),
        a_read_only_disk,
        a_full_disk,
    ],
)
async def test_listing_works_and_every_other_tool_says_what_to_do_and_retrieves_nothing(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path, break_it: Break,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder, uuid = tmp_path / "data", simulator.scenario.messages[0].uuid
    unread = [message.uuid for message in simulator.scenario.messages if message.read_at is None]
    async with connect(settings_for(simulator, data_dir=folder)) as client:
        with monkeypatch.context() as broken:
            break_it(broken, folder)
            is_error, text = await call(client, "list_voicemails")
            assert not is_error
            assert "Ayşe Yılmaz" in text
            assert "The archive can't be" in text
            for tool, arguments in TOOLS.items():
                is_error, text = await call(client, tool, **{name: given or uuid for name, given in arguments.items()})
                assert is_error, tool
                assert "VM_MCP_DATA_DIR" in text or "Make room" in text
        assert [message.uuid for message in simulator.scenario.messages if message.read_at is None] == unread
        if folder.is_file():
            folder.unlink()
        elif folder.exists():
            folder.chmod(0o700)
        assert not (await call(client, "transcribe_voicemails", uuids=[uuid]))[0]


async def test_a_disk_that_fills_up_during_a_save_leaves_no_file(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = simulator.scenario.messages[0].uuid
    async with connect(settings_for(simulator)) as client:
        with monkeypatch.context() as broken:
            no_room_for_files(broken)
            is_error, text = await call(client, "get_recording", uuid=uuid, delivery="file")
        assert is_error
        assert "the disk is full" in text
        assert list((tmp_path / "recordings").iterdir()) == []
        assert not (await call(client, "get_recording", uuid=uuid, delivery="file"))[0]
    assert (tmp_path / "recordings").stat().st_mode & 0o077 == 0


async def test_a_planted_symlink_is_replaced_and_not_followed(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, tmp_path: Path
) -> None:
    uuid = simulator.scenario.messages[0].uuid
    async with connect(settings_for(simulator)) as client:
        result = await client.call_tool("get_recording", {"uuid": uuid, "delivery": "file"})
        path = Path(str((result.structured_content or {})["path"]))
        victim = tmp_path / "victim"
        victim.write_text("mine", encoding="utf-8")
        path.unlink()
        path.symlink_to(victim)
        assert not (await call(client, "get_recording", uuid=uuid, delivery="file"))[0]
    assert victim.read_text(encoding="utf-8") == "mine"
    assert not path.is_symlink()


async def test_a_missing_home_is_a_clear_error_and_listing_works(
    connect: Connect, settings_for: MakeSettings, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: Path("~/.local/share/vm-mcp"))
    settings = settings_for(simulator)
    homeless = settings.model_copy(update={"data_dir": type(settings).model_fields["data_dir"].get_default(
        call_default_factory=True)})  # fmt: skip
    async with connect(homeless) as client:
        is_error, text = await call(client, "list_voicemails")
        assert not is_error
        assert "VM_MCP_DATA_DIR" in text
        is_error, text = await call(client, "get_recording", uuid="a", delivery="file")
        assert is_error
        assert "VM_MCP_DOWNLOAD_DIR" in text
