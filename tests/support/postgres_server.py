"""A PostgreSQL of the tests' own: in a temporary folder, on a socket in it, without TCP and without syncing."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

REQUIRE = "TESTS_REQUIRE"
"""With ``postgres`` in it, tests fail where PostgreSQL is missing, in place of being skipped."""
OWNER, APP = "vm_owner", "vm_app"
_OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 "
    "-c autovacuum=off -c shared_buffers=64MB -c log_min_messages=fatal"
)


class PostgresMissingError(Exception):
    """PostgreSQL's programs are not on this machine."""


def programs() -> Path:
    """Return the folder of PostgreSQL's server programs.

    Raises:
        PostgresMissingError: There is none.
    """
    candidates = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    if asking := shutil.which("pg_config"):
        asked = subprocess.run([asking, "--bindir"], capture_output=True, text=True)
        candidates.append(Path(asked.stdout.strip()))
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise PostgresMissingError("PostgreSQL is not installed: `apt-get install postgresql` brings it.")


def is_required() -> bool:
    return "postgres" in os.environ.get(REQUIRE, "").split(",")


class PostgresServer:
    """A server; it may be stopped and started again."""

    def __init__(self, folder: Path, options: str = "") -> None:
        self._folder = folder
        self._options = f"{_OPTIONS} {options}"
        self._programs = programs()
        # PostgreSQL refuses to run as root.
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user, group = _unprivileged()
            os.chown(folder, user, group)
            self._as = {"user": user, "group": group, "extra_groups": []}
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        options = f"{self._options} -k {self._folder}"
        self._run("pg_ctl", "start", "--wait", "--silent", "-o", options, "--log", str(self._folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode)

    def url(self, database: str, role: str = "postgres") -> str:
        return f"postgresql://{role}@/{database}?host={self._folder}"

    def run_sql(self, statement: str, database: str = "postgres", role: str = "postgres", **names: str) -> None:
        with psycopg.connect(self.url(database, role), autocommit=True) as connection:
            quoted = {name: sql.Identifier(value) for name, value in names.items()}
            connection.execute(sql.SQL(statement).format(**quoted))

    def _run(self, program: str, *arguments: str) -> None:
        environment = os.environ | {"LC_ALL": "C"}
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        # Not a pipe: the server inherits what it is started with, and would keep the pipe open.
        with (self._folder / "out").open("a") as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self._folder, env=environment, **self._as
            )
        assert done.returncode == 0, (self._folder / "out").read_text() + _read(self._folder / "log")


class TeamDatabase:
    """An empty database of a team: its addresses."""

    def __init__(self, server: PostgresServer, name: str) -> None:
        self.server = server
        self.name = name
        self.url = SecretStr(server.url(name, APP))
        self.owner_url = SecretStr(server.url(name, OWNER))

    def run_sql(self, statement: str, role: str = "postgres", **names: str) -> None:
        self.server.run_sql(statement, self.name, role, **names)


MakeDatabase = Callable[[], TeamDatabase]


@contextmanager
def running_server(options: str = "") -> Iterator[PostgresServer]:
    """Start a server with the roles of a team's owner and program, and remove all of it at the end."""
    # Not pytest's folder: an unprivileged user can't enter it, and its path may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="vm-mcp-pg-"))
    try:
        server = PostgresServer(folder, options)
        server.start()
        try:
            for role in (OWNER, APP):
                server.run_sql("CREATE ROLE {created} LOGIN", created=role)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def server_or_skip() -> Iterator[PostgresServer]:
    """Run a server; skip the test where PostgreSQL is missing, unless it is required."""
    try:
        with running_server() as server:
            yield server
    except PostgresMissingError as error:
        if is_required():
            raise
        pytest.skip(str(error))


def _unprivileged() -> tuple[int, int]:
    import pwd  # Windows has none

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)[2:4]
        except KeyError:
            continue
    raise PostgresMissingError("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`.")


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""
