"""A team in one process: accounts on a simulated PBX, its database, workers with a scripted engine, and people."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr

from support.accounts import messages_of
from support.postgres_server import TeamDatabase
from support.scripted_transcriber import ScriptedTranscriber
from vm_mcp.archive.postgres import PostgresDatabase
from vm_mcp.config import Settings, load_settings
from vm_mcp.config.accounts import AccountEntry, load_accounts
from vm_mcp.config.team_settings import TeamSettings
from vm_mcp.inbox import Inbox
from vm_mcp.people import EVERYTHING, Access
from vm_mcp.simulator import Simulator
from vm_mcp.team import polling, upkeep
from vm_mcp.team.backing import TeamBacking
from vm_mcp.team.engine_name import NamedTranscriber, engine_name
from vm_mcp.team.held_recordings import new_key
from vm_mcp.team.job_failures import RetryRules
from vm_mcp.team.team_accounts import TeamAccounts
from vm_mcp.team.work_app import open_app
from vm_mcp.team.work_queue import WorkQueue
from vm_mcp.team.worker import TeamWorker, WorkerOptions

T = TypeVar("T")
DEADLINE_SECONDS = 30.0
QUICKLY = RetryRules(most=3, most_by_message=2, first_seconds=0.05, factor=1.0)
KEY_VARIABLE = "TEAM_TEST_KEY"
_FIRST_KEY = f'key_env = "{KEY_VARIABLE}"'


async def until(asked: Callable[[], Awaitable[T]], seconds: float = DEADLINE_SECONDS) -> T:
    """Ask again and again until the answer is true, and return it."""
    async with asyncio.timeout(seconds):
        while not (answer := await asked()):  # noqa: ASYNC110 - other processes send no event
            await asyncio.sleep(0.02)
    return answer


class TeamTables:
    """A team's tables as PostgreSQL's superuser sees them: row-level security hides none."""

    def __init__(self, database: TeamDatabase) -> None:
        self._url = database.server.url(database.name)

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with psycopg.connect(self._url, row_factory=dict_row, options="-c search_path=vm_mcp") as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self._url, options="-c search_path=vm_mcp") as connection:
            connection.execute(statement.encode(), values)


class Team:
    """One team with one account, ``klinik``, of two new messages.

    Args:
        database: The team's, with nothing in it.
        simulator: The account's PBX.
        folder: For the accounts file.
        recordings_key: Whether recordings are held.
    """

    def __init__(self, database: TeamDatabase, simulator: Simulator, folder: Path) -> None:
        self.database = database
        self.tables = TeamTables(database)
        self.simulator = simulator
        self.folder = folder
        self.transcriber = ScriptedTranscriber()
        self.transcriber.engine, self.transcriber.model = "remote", ""
        self.changes: dict[str, Any] = {}
        """Settings that differ from those of other tests."""
        self.recordings_key: SecretStr | None = SecretStr(new_key())
        simulator.scenario.messages[:] = messages_of("new", count=2)
        self.write_accounts()

    @property
    def uuids(self) -> list[str]:
        return sorted(message.uuid for message in self.simulator.scenario.messages)

    @property
    def recordings_asked_for(self) -> list[str]:
        """The messages whose recordings were asked for, once for each time."""
        records = list(self.simulator.requests)
        return sorted(record.form["uuid"] for record in records if record.path == "/voicemail_recording_url/")

    def write_accounts(
        self,
        transcribe: str = "new",
        poll_seconds: int = 10,
        accounts: tuple[str, ...] = ("klinik",),
        extra: str = "",
    ) -> None:
        """Write the accounts file; the first account has the simulator's key, all others one of nobody."""
        tables = (
            f"[accounts.{name}]\n{self._key_of(name) if name != accounts[0] else _FIRST_KEY}\n"
            f'transcribe = "{transcribe}"\npoll_seconds = {poll_seconds}\n{extra}\n'
            for name in accounts
        )
        (self.folder / "accounts.toml").write_text("\n".join(tables))

    def _key_of(self, name: str) -> str:
        file = self.folder / f"{name}.key"
        file.write_text(f"K-of-{name}")
        file.chmod(0o600)
        return f'key_file = "{file}"'

    @property
    def settings(self) -> Settings:
        given = {"base_url": self.simulator.base_url, "data_dir": self.folder, "engine": "remote"}
        return load_settings(given | self.changes)

    @property
    def team_settings(self) -> TeamSettings:
        return TeamSettings(
            accounts=self.folder / "accounts.toml",
            database_url=self.database.url,
            recordings_key=self.recordings_key,
        )

    @property
    def entries(self) -> dict[str, AccountEntry]:
        os.environ[KEY_VARIABLE] = self.simulator.api_key
        return load_accounts(self.folder / "accounts.toml", self.settings)

    def due(self, account: str = "klinik") -> None:
        """Have an account polled as soon as a worker looks."""
        self.run(
            "INSERT INTO account_polls (account, next_at) VALUES (%s, now()) "
            "ON CONFLICT (account) DO UPDATE SET next_at = now()",
            account,
        )

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Return rows of the team's tables."""
        return self.tables.rows(statement, *values)

    def run(self, statement: str, *values: object) -> None:
        """Change the team's tables."""
        self.tables.execute(statement, *values)

    def transcribed(self) -> list[str]:
        """The messages with a transcript, one entry for each."""
        return [row["uuid"] for row in self.rows("SELECT uuid FROM transcripts ORDER BY uuid")]

    def jobs(self) -> list[tuple[str, str]]:
        """The jobs of messages: task and status."""
        return [
            (row["task_name"], row["status"])
            for row in self.rows(
                "SELECT task_name, status::text FROM procrastinate_jobs WHERE task_name IN ('fetch', 'transcribe') "
                "ORDER BY id"
            )
        ]

    async def until_transcribed(self, *uuids: str) -> None:
        async def are_transcribed() -> bool:
            return set(self.transcribed()) >= set(uuids or self.uuids)

        await until(are_transcribed)

    @asynccontextmanager
    async def worker(self, **options: Any) -> AsyncIterator[TeamWorker]:  # noqa: ANN401 - any of WorkerOptions
        """Run a worker during the block."""
        given: dict[str, Any] = {"rules": QUICKLY, "look_seconds": 0.05, "opener": lambda _: self.transcriber} | options
        worker = TeamWorker(self.settings, self.team_settings, self.entries, WorkerOptions(**given))
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            worker.stop()
            await running

    @asynccontextmanager
    async def person(self, access: Access = EVERYTHING, account: str = "klinik") -> AsyncIterator[Inbox]:
        """Open an inbox as a server of the team does."""
        database = PostgresDatabase(self.database.url)
        queue = WorkQueue(database, holds_recordings=self.recordings_key is not None)
        transcriber = NamedTranscriber(engine_name(self.settings))
        inbox = Inbox(self.entries[account].settings, transcriber, access=access, backing=TeamBacking(database, queue))
        try:
            yield inbox
        finally:
            await inbox.aclose()
            await database.aclose()

    async def poll_now(self, account: str = "klinik") -> None:
        """Do what workers do every few seconds for accounts that are due."""
        self.due(account)
        database = PostgresDatabase(self.database.url)
        try:
            await polling.defer_due(database, self.entries)
        finally:
            await database.aclose()

    async def forget(self) -> None:
        """Do what workers do every hour."""
        app, database = open_app(self.database.url), PostgresDatabase(self.database.url)
        queue = WorkQueue(database, holds_recordings=True)
        accounts = TeamAccounts(self.entries, TeamBacking(database, queue), engine_name(self.settings))
        try:
            async with app.open_async():
                await upkeep.forget(app.job_manager, database, accounts)
        finally:
            await accounts.aclose()
            await database.aclose()

    async def rescue(self) -> int:
        """Do what workers do for others that died, where none runs, and half a minute later."""
        app, database = open_app(self.database.url), PostgresDatabase(self.database.url)
        try:
            async with app.open_async():
                rescued = await upkeep.rescue(app.job_manager, database, stalled_seconds=0)
        finally:
            await database.aclose()
        self.run("UPDATE leases SET expires_at = now() - interval '1 second'")
        return rescued

    def start_worker(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``vm-mcp worker``."""
        return self.start("worker", *arguments, **environment)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "VM_MCP_ACCOUNTS": str(self.folder / "accounts.toml"),
            "VM_MCP_DATABASE_URL": self.database.url.get_secret_value(),
            "VM_MCP_BASE_URL": self.simulator.base_url,
            "VM_MCP_ENGINE": "remote",
            "VM_MCP_DATA_DIR": str(self.folder),
            "VM_MCP_LOG_LEVEL": "INFO",
            KEY_VARIABLE: self.simulator.api_key,
        }
        if self.recordings_key:
            variables["VM_MCP_RECORDINGS_KEY"] = self.recordings_key.get_secret_value()
        return subprocess.Popen(
            [sys.executable, "-m", "vm_mcp", *arguments],
            env=variables | environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
