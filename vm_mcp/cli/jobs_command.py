"""``vm-mcp jobs``: what a team's workers have to do, what failed for good, and what becomes of that."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from vm_mcp.cli import console
from vm_mcp.cli.command_arguments import Commands, add_command, unusable
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.cli.team_commands import database_url, quiet_logging, team_settings
from vm_mcp.errors import InputError
from vm_mcp.text import counted
from vm_mcp.wording import template, words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType

    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.team.job_list import JobList

T = TypeVar("T")

_NO_REASON = "It is not known why: see the workers' logs. Perhaps they are of another release."
_AGES = ((86_400, template("{count} d")), (3600, template("{count} h")), (60, template("{count} min")))
"""Seconds of each unit, and how it is written."""


def add_to(commands: Commands) -> None:
    """Add the commands."""
    jobs = add_command(
        commands,
        "jobs",
        "list a team's work: what waits, runs, and failed for good",
        "List a team's work: what waits, runs, and failed for good, by account and kind, and accounts whose PBX can't "
        "be asked.",
    )
    jobs.add_argument("--json", action="store_true", help="print JSON")
    jobs.set_defaults(command=_list)
    actions = jobs.add_subparsers(title="actions", metavar="ACTION")
    retry = add_command(actions, "retry", "have jobs that failed for good start again")
    retry.set_defaults(command=_retry)
    drop = add_command(actions, "drop", "delete jobs that failed for good, with the recordings held for them")
    drop.set_defaults(command=_drop)
    for parser in (retry, drop):
        parser.add_argument(
            "ids", nargs="+", type=_id, metavar="ID", help="as `vm-mcp jobs` lists them; all: every one"
        )


def _list(arguments: argparse.Namespace) -> int:
    found = _with_database(lambda database: _job_list().list_jobs(database))
    if arguments.json:
        console.print_json(_as_json(found))
    else:
        _print(found)
    return ExitStatus.DONE


def _retry(arguments: argparse.Namespace) -> int:
    again = _with_database(lambda database: _of(database, arguments.ids, _job_list().retry_jobs))
    _check_found(arguments.ids, again)
    console.say("{jobs} will start again.", jobs=counted(len(again), "job"))
    return ExitStatus.DONE


def _drop(arguments: argparse.Namespace) -> int:
    dropped = _with_database(lambda database: _of(database, arguments.ids, _job_list().drop_jobs))
    _check_found(arguments.ids, dropped)
    console.say("{jobs} dropped.", jobs=counted(len(dropped), "job"))
    return ExitStatus.DONE


def _check_found(ids: list[int | None], found: list[int]) -> None:
    """Raise InputError if none of the jobs that were named has failed for good."""
    if not found and None not in ids:
        named = ", ".join(map(str, ids))
        raise InputError("No job that failed for good is numbered {named}. `vm-mcp jobs` lists them.", named=named)


async def _of(
    database: "PostgresDatabase",
    ids: list[int | None],
    work: "Callable[[PostgresDatabase, list[int]], Awaitable[list[int]]]",
) -> list[int]:
    """Do something with the jobs named, or with all that failed for good."""
    named = [each for each in ids if each is not None]
    if len(named) < len(ids):
        named = [job.id for job in (await _job_list().list_jobs(database, most_dead=1_000_000)).dead]
    return await work(database, named)


def _job_list() -> "ModuleType":
    """Import the module only once the settings are checked: without the extra, it can't be."""
    from vm_mcp.team import job_list

    return job_list


def _with_database(work: "Callable[[PostgresDatabase], Awaitable[T]]") -> T:
    url = database_url(team_settings())
    quiet_logging()
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.team.work_schema import check_work_schema

    async def run() -> T:
        database = PostgresDatabase(url, pool_size=2)
        try:
            async with database.operation() as connection:
                await check_work_schema(connection)
            return await work(database)
        finally:
            await database.aclose()

    return asyncio.run(run())


def _print(found: "JobList") -> None:
    now = datetime.now(UTC)
    if not any(found):
        console.say("Nothing waits, runs or has failed.")
    if found.groups:
        table = _table("Account", "Job", "State", "Jobs", "Oldest", "Last error")
        for group in found.groups:
            table.add_row(
                *console.cells(
                    group[0],
                    words(group[1]),
                    words(group[2]),
                    str(group.jobs),
                    _age(now, group.oldest_at),
                    words(group.problem),
                )
            )
        console.output().print(table)
    if found.troubled:
        table = _table("Account", "PBX not asked", "Next try", "Why")
        for account in found.troubled:
            since = _age(now, account.failing_since)
            table.add_row(*console.cells(account.account, since, _age(account.next_at, now), words(account.problem)))
        console.output().print(table)
    if found.dead:
        table = _table("ID", "Account", "Job", "Message", "Failed", "Why")
        for job in found.dead:
            row = (
                str(job.id),
                job.account,
                job.job,
                job.uuid[-12:],
                _age(now, job.failed_at),
                words(job.problem or _NO_REASON),
            )
            table.add_row(*console.cells(*row))
        console.output().print(table)
        console.say("These failed for good: `vm-mcp jobs retry ID…` or `vm-mcp jobs drop ID…`.")


def _table(*columns: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - rich's type would import it
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        made.add_column(spoken(name), overflow="fold")
    return made


def _as_json(found: "JobList") -> dict[str, list[dict[str, object]]]:
    return {
        "jobs": [_plain(group._asdict()) for group in found.groups],
        "accounts_in_trouble": [_plain(account._asdict()) for account in found.troubled],
        "failed": [_plain(job._asdict()) for job in found.dead],
    }


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _age(now: datetime, then: datetime | None) -> str:
    if then is None:
        return ""
    seconds = max(0, round((now - then).total_seconds()))
    for unit, name in _AGES:
        if seconds >= 2 * unit:
            return words(name, count=seconds // unit)
    return words("{count} s", count=seconds)


def _id(text: str) -> int | None:
    """Return the number of a job; None for all."""
    if text == "all":
        return None
    if not text.isdecimal():
        raise unusable("give numbers as `vm-mcp jobs` lists them, or all")
    return int(text)
