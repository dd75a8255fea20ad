import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.archive_samples import NOW, fresh, keep, voicemail
from support.postgres_server import TeamDatabase

from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.sqlite import SqliteArchive
from vm_mcp.cli import main
from vm_mcp.config import load_settings
from vm_mcp.handling import Mark

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
async def at_the_desk(
    tmp_path: Path, team_database: TeamDatabase, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Run the program on a computer with an archive of two messages, without a key, next to a team's database."""
    monkeypatch.setenv("VM_MCP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("VM_MCP_ACCOUNT", "klinik")
    monkeypatch.setenv("VM_MCP_DATABASE_URL", team_database.url.get_secret_value())
    desk = SqliteArchive(load_settings().archive_path)
    await keep(desk, "u1", "Randevumu değiştirebilir miyiz?", voicemail("u1"))
    await keep(desk, "u2", "Beni arayın.", voicemail("u2"))
    await desk.mark(["u1"], Mark(state="done", at=NOW))
    await desk.aclose()
    return lambda *arguments: main(["archive", "copy", *arguments])


async def in_a_thread(command: Callable[..., int], *arguments: str) -> int:
    return await asyncio.to_thread(command, *arguments)


async def test_a_desks_archive_is_copied_and_its_digests_are_shown(
    at_the_desk: Callable[..., int], team_database: TeamDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    account = fresh()

    status = await in_a_thread(at_the_desk, "--to-account", account.upper())

    shown = capsys.readouterr()
    row = re.compile(r"^ +(messages|transcripts|marks) +(\d+ +\d+ +[0-9a-f]{16} +[0-9a-f]{16})", re.MULTILINE)
    rows = dict(row.findall(shown.out))
    assert status == 0
    assert {name: values.split()[:2] for name, values in rows.items()} == {
        "messages": ["2", "2"],
        "transcripts": ["2", "2"],
        "marks": ["1", "1"],
    }
    assert all(values.split()[2] == values.split()[3] for values in rows.values())
    assert "The copy is equal to the archive on this computer." in shown.err
    database = PostgresDatabase(team_database.url)
    assert len([1 async for _ in PostgresArchive(database, account).each()]) == 2
    await database.aclose()


async def test_a_computer_without_that_archive_has_nothing_to_copy(
    at_the_desk: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    status = await in_a_thread(at_the_desk, "--to-account", fresh(), "--account", "otel")

    assert status == 1
    assert "otel" in capsys.readouterr().err


async def test_without_a_database_it_says_what_to_set(
    at_the_desk: Callable[..., int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VM_MCP_DATABASE_URL")

    status = await in_a_thread(at_the_desk, "--to-account", "klinik")

    assert status == 1
    assert "VM_MCP_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "a b", "../x"])
def test_a_name_that_no_account_can_have_is_wrong_usage(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["archive", "copy", "--to-account", name])

    assert stopped.value.code == 2
    assert "accounts file" in capsys.readouterr().err


async def test_a_caller_is_forgotten_in_one_account_of_a_team(
    team_database: TeamDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_DATABASE_URL", team_database.url.get_secret_value())
    mine, theirs = fresh(), fresh()
    database = PostgresDatabase(team_database.url)
    archives = [PostgresArchive(database, account) for account in (mine, theirs)]
    for archive in archives:
        await keep(archive, "u1", "Merhaba", voicemail("u1", "Ayşe Yılmaz", "05324172893"))
        await keep(archive, "u2", "Selam", voicemail("u2", "Can", "05427310648"))
    command = ("archive", "purge", "--of-account", mine, "--caller", "0532 417 28 93")

    unconfirmed = await asyncio.to_thread(main, command)
    assert (unconfirmed, len([1 async for _ in archives[0].each()])) == (4, 2)
    done = await asyncio.to_thread(main, (*command, "--yes"))

    left = [[listed.uuid async for listed, _ in archive.each()] for archive in archives]
    await database.aclose()
    assert (done, left) == (0, [["u2"], ["u1", "u2"]])
    shown = capsys.readouterr()
    assert "Deleted 1 message and 1 transcript." in shown.out
    assert "until they expire" in shown.err
    assert "Another vm-mcp" not in shown.err


@pytest.mark.parametrize("what", [("--all",), ("--before", "1d"), ("--caller", "Can")])
def test_a_purge_of_an_account_without_messages_says_to_check_its_name(
    what: tuple[str, ...],
    team_database: TeamDatabase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VM_MCP_DATABASE_URL", team_database.url.get_secret_value())
    assert main(("archive", "purge", "--of-account", "hotle", *what, "--yes")) == 0
    shown = capsys.readouterr()
    assert shown.out == "Deleted 0 messages and 0 transcripts.\n"
    assert shown.err == "The team's database has no message of the account `hotle`. Check the name.\n"


def test_a_purge_of_a_team_has_to_say_of_whom(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_DATABASE_URL", "postgresql://nobody@/x?host=/nowhere")
    assert main(("archive", "purge", "--of-account", "klinik", "--yes")) == 1
    assert "--before WHEN, --caller WHO" in capsys.readouterr().err
