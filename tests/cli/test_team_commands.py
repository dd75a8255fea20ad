"""The commands of a team's machines: what they say, and what they need."""

import asyncio
import importlib.util
import json
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from support.postgres_server import MakeDatabase, TeamDatabase
from support.team_work import Team, TeamTables, until

from vm_mcp.cli import main
from vm_mcp.net.listening import ListenAddress
from vm_mcp.team.work_schema import set_up_team

pytest_plugins = ["support.postgres_fixtures", "support.work_fixtures"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch, work_database: TeamDatabase) -> TeamTables:
    """The database that the commands use."""
    monkeypatch.setenv("VM_MCP_DATABASE_URL", work_database.url.get_secret_value())
    return TeamTables(work_database)


@pytest.mark.parametrize("command", [["worker"], ["jobs"], ["database", "setup"], ["database", "key"]])
def test_without_the_extra_each_command_says_how_to_install_it(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "procrastinate" else find(name))
    assert main(command) == 1
    assert "vm-mcp[team]" in capsys.readouterr().err


WITHOUT_THE_EXTRA = """
import sys
from importlib.machinery import PathFinder

class Finder(PathFinder):
    @classmethod
    def find_spec(cls, name, *rest):
        missing = ("psycopg", "psycopg_pool", "procrastinate", "prometheus_client")
        return None if name.split(".")[0] in missing else super().find_spec(name, *rest)

sys.meta_path[sys.meta_path.index(PathFinder)] = Finder
from vm_mcp.cli import main
for command in (
    ["worker"], ["jobs"], ["jobs", "retry", "all"], ["jobs", "drop", "1"], ["database", "setup"], ["database", "key"],
    ["archive", "copy", "--to-account", "klinik"], ["archive", "purge", "--of-account", "klinik", "--all", "--yes"],
):
    print(main(command))
"""


def test_no_command_imports_the_extra_before_it_looks_whether_it_is_installed() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_THE_EXTRA], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["1"] * 8, done.stderr
    assert done.stderr.count("vm-mcp[team]") == 8


@pytest.mark.parametrize(
    ("command", "named"),
    [(["worker"], "DATABASE_URL"), (["jobs"], "DATABASE_URL"), (["database", "setup"], "DATABASE_URL")],
)
def test_without_a_database_each_command_names_the_setting(
    command: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert named in capsys.readouterr().err


@pytest.mark.usefixtures("used")
def test_a_worker_without_accounts_and_a_setup_without_an_owner_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["worker"]) == 1
    assert "VM_MCP_ACCOUNTS" in capsys.readouterr().err
    assert main(["database", "setup"]) == 1
    assert "VM_MCP_DATABASE_OWNER_URL" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--queues", "poll,sleep"], ["--queues", ""], ["--concurrency", "0"]])
def test_a_worker_refuses_what_it_can_not_do(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["worker", *arguments])
    assert refused.value.code == 2


def test_each_new_key_is_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["database", "key"]) == main(["database", "key"]) == 0
    first, second = capsys.readouterr().out.split()
    assert first != second
    assert len(first) == 44


def test_jobs_refuses_a_database_that_was_not_set_up(
    bare_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VM_MCP_DATABASE_URL", bare_database().url.get_secret_value())
    assert main(["jobs"]) == 1
    assert "vm-mcp database setup" in capsys.readouterr().err


def test_ten_setups_at_once_take_each_step_once(
    bare_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = bare_database()

    async def set_up() -> list[list[str]]:
        return await asyncio.gather(*(set_up_team(made.owner_url, made.url) for _ in range(10)))

    taken = [step for steps in asyncio.run(set_up()) for step in steps]
    assert sorted(taken) == sorted(set(taken))
    assert "m001_work" in taken
    monkeypatch.setenv("VM_MCP_DATABASE_URL", made.url.get_secret_value())
    assert main(["jobs"]) == 0
    assert "Nothing waits" in capsys.readouterr().err


def test_the_list_of_jobs_shows_what_waits_what_failed_and_whose_pbx_is_silent(
    used: TeamTables, capsys: pytest.CaptureFixture[str]
) -> None:
    args = json.dumps(
        {"account": "klinik", "uuid": "abc", "since": (datetime.now(UTC) - timedelta(hours=3)).timestamp()}
    )
    for status in ("todo", "todo", "failed", "todo"):
        used.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args) "
            "VALUES ('fetch', 'fetch', %s::procrastinate_job_status, %s)",
            status,
            args,
        )
    used.execute(
        "INSERT INTO job_failures (job_id, failures, kind, problem) VALUES (3, 8, 'PbxUnavailableError', %s), "
        "(4, 1, 'ConfigError', 'It was encrypted with another key.')",
        "The PBX does not answer. Try [b]later[/b].",
    )
    used.execute(
        "INSERT INTO account_polls (account, next_at, failures, failing_since, kind, problem) VALUES "
        "('otel', now() + interval '5 min', 2, now() - interval '2 days', 'PbxAuthError', 'The key was refused.')"
    )
    assert main(["jobs"]) == 0
    shown, said = capsys.readouterr()
    for word in (
        "klinik",
        "waiting",
        "2",
        "3 h",
        "otel",
        "2 d",
        "The key was refused.",
        "[b]later[/b]",
        "failed",
        "retrying",
        "another key",
    ):
        assert word in shown
    assert "vm-mcp jobs retry" in said
    assert main(["jobs", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [(group["state"], group["jobs"]) for group in answer["jobs"]] == [
        ("failed", 1),
        ("retrying", 1),
        ("waiting", 2),
    ]
    assert [group["problem"] for group in answer["jobs"]] == ["", "It was encrypted with another key.", ""]
    assert answer["failed"][0]["problem"].startswith("The PBX does not answer.")
    assert answer["accounts_in_trouble"][0]["account"] == "otel"
    assert main(["jobs", "retry", "3", "99"]) == 0
    assert capsys.readouterr().err == "1 job will start again.\n"
    assert main(["jobs", "drop", "3"]) == 1
    assert "No job that failed for good is numbered 3." in capsys.readouterr().err


def read_page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
        return str(response.read().decode())


async def test_a_workers_metrics_count_and_name_nobody(team: Team) -> None:
    team.simulator.faults.set("http429", "list", 1)
    team.simulator.faults.set("not_audio", "download", 1)
    purged = '{"account": "klinik", "uuid": "purged"}'
    team.run("INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('speech', 'transcribe', %s)", purged)
    team.due()
    async with team.worker() as worker:
        with worker.metrics.served(ListenAddress("127.0.0.1", 0)) as port:
            await team.until_transcribed()
            await until(lambda: asyncio.sleep(0, team.jobs() == []))
            await worker.metrics.refresh(worker.database)
            shown = await asyncio.to_thread(read_page, f"http://127.0.0.1:{port}/metrics")
    values = dict(line.rsplit(" ", 1) for line in shown.splitlines() if not line.startswith("#"))
    assert values["vm_mcp_pbx_429_total"] == "1.0"
    assert values["vm_mcp_transcription_seconds_count"] == "2.0"
    assert values['vm_mcp_failures_total{job="fetch",kind="RecordingError"}'] == "1.0"
    assert values["vm_mcp_recordings_asked_again_total"] == "1.0"
    assert "vm_mcp_oldest_message_seconds" in values
    assert all(secret not in shown for secret in ("klinik", "new-", "caller", "0532", team.simulator.api_key))


def test_a_worker_explains_an_address_of_metrics_that_is_none(team: Team) -> None:
    ended = team.start_worker("--metrics", "9100")
    assert "--metrics takes HOST:PORT" in ended.communicate()[1]
    assert ended.returncode == 1


def test_the_metrics_of_two_workers_can_not_be_served_at_one_address(team: Team) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = team.start_worker("--metrics", address)
        assert "Can't listen on" in ended.communicate()[1]
        assert ended.returncode == 1
