"""The commands of docs/team.md that back a team's database up and restore it."""

import re
import subprocess
from pathlib import Path

import pytest
from support.archive_samples import fresh, keep, voicemail
from support.postgres_server import OWNER, MakeDatabase, TeamDatabase, programs

from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
from vm_mcp.archive.postgres.schema import set_up

pytest_plugins = ["support.postgres_fixtures"]
pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[3] / "docs" / "team.md").read_text(encoding="utf-8")


def run(program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([programs() / program, *arguments], capture_output=True, text=True)


def options(program: str) -> list[str]:
    """Return the options that the page gives to a program."""
    [command] = re.findall(rf"^{program} ((?:.*\\\n)*.*)", PAGE, re.MULTILINE)
    return [word for word in command.replace("\\\n", " ").split() if word.startswith("--") and "=vm-mcp" not in word]


async def test_a_dump_of_the_role_that_the_page_makes_is_restored_whole(
    make_team_database: MakeDatabase, bare_database: MakeDatabase, tmp_path: Path
) -> None:
    made, again = make_team_database(), bare_database()
    mine, theirs = fresh(), fresh()
    await fill(made, mine, theirs)
    [role] = re.findall(r"^CREATE ROLE vm_mcp_backup .*;\nGRANT .*;$", PAGE, re.MULTILINE)
    made.run_sql(role.replace("vm_mcp_backup", "backup_" + made.name))
    dump = str(tmp_path / "dump")

    dumped = run("pg_dump", *options("pg_dump"), f"--file={dump}", made.server.url(made.name, "backup_" + made.name))
    restored = run(
        "pg_restore",
        *(option for option in options("pg_restore") if not option.startswith("--dbname")),
        f"--dbname={made.server.url(again.name)}",
        dump,
    )

    assert (dumped.returncode, dumped.stderr) == (0, "")
    assert (restored.returncode, restored.stderr) == (0, "")
    assert await set_up(again.owner_url, again.url) == []
    database = PostgresDatabase(again.url)
    archive = PostgresArchive(database, mine)
    assert [listed.uuid async for listed, _ in archive.each()] == ["u1"]
    assert [hit.voicemail.uuid for hit in (await archive.search("randevu")).hits] == ["u1"]
    assert [listed.uuid async for listed, _ in PostgresArchive(database, theirs).each()] == ["u2"]
    await database.aclose()


def test_the_owner_of_the_tables_cannot_dump_them(make_team_database: MakeDatabase, tmp_path: Path) -> None:
    made = make_team_database()

    dumped = run("pg_dump", f"--file={tmp_path / 'dump'}", made.server.url(made.name, OWNER))

    assert dumped.returncode == 1
    assert "row-level security" in dumped.stderr


async def fill(made: TeamDatabase, mine: str, theirs: str) -> None:
    database = PostgresDatabase(made.url)
    await keep(PostgresArchive(database, mine), "u1", "randevumu değiştirin", voicemail("u1", "Ayşe"))
    await keep(PostgresArchive(database, theirs), "u2", "odamız soğuk", voicemail("u2"))
    await database.aclose()
