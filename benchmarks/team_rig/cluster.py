"""A PostgreSQL of a benchmark's own, which keeps what it confirms, as a team's does."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

OWNER, APP, DATABASE = "vm_mcp_owner", "vm_mcp_app", "vm_mcp"


class Cluster:
    """A server in a folder, on a socket in it; it may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs = _programs()
        # PostgreSQL refuses to run as root.
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            import pwd  # Windows has none, and tests import this module

            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C")

    def start(self) -> None:
        """Start it; return once it accepts connections."""
        options = f"-c listen_addresses= -c max_connections=200 -c shared_buffers=256MB -k {self.folder}"
        self._run("pg_ctl", "start", "--wait", "--silent", "-o", options, "--log", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is as if it were killed, ``fast`` ends all sessions and then itself."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode", mode)

    def url(self, role: str = "postgres", database: str = DATABASE) -> str:
        """Return the address for a role."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def create(self) -> None:
        """Create the roles and an empty database of a team; one that is there is dropped."""
        with psycopg.connect(self.url(database="postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
            for role in (OWNER, APP):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            made = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return what a query finds, as the superuser, whom row-level security doesn't bind."""
        with psycopg.connect(self.url(), row_factory=dict_row) as connection:
            return connection.execute(query.encode()).fetchall()

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server and all its processes, those that ended included."""
        lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="ascii").splitlines()
        postmaster = int(lines[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        ticks = _ticks(postmaster, 4) + sum(_ticks(int(child), 2) for child in children)
        return ticks / os.sysconf("SC_CLK_TCK")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self.folder / "data"), *arguments]
        # Not a pipe: the server inherits what it is started with, and would keep the pipe open.
        with (self.folder / "out").open("a") as out:
            subprocess.run(  # noqa: S603 - PostgreSQL's own programs
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.folder,
                env=os.environ | {"LC_ALL": "C"},
                **self._as,
            )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Start a server, and remove it at the end."""
    # A folder of a short path, since that of a socket may not be longer than 107 bytes.
    folder = Path(mkdtemp(prefix="team-pg-"))
    try:
        cluster = Cluster(folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        raise SystemExit("PostgreSQL is not installed: `apt-get install postgresql` brings it.")
    return found[-1].parent


def _ticks(process: int, numbers: int) -> int:
    """Return a process's user and system time; with 4 numbers, also that of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11 : 11 + numbers]))
