"""``vm-mcp archive``: move a desk's archive into the team's database, and delete messages there."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from vm_mcp.cli import console, purge_command
from vm_mcp.cli.asking import is_confirmed
from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, settings_of, unusable
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.cli.team_commands import database_url, quiet_logging, team_settings
from vm_mcp.config import AccountSettings
from vm_mcp.errors import ConfigError
from vm_mcp.text import counted
from vm_mcp.wording import words

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pydantic import SecretStr

    from vm_mcp.archive import Purged
    from vm_mcp.archive.copying import TableCopy
    from vm_mcp.config import Settings

_SHOWN_DIGITS = 16
"""Of a digest; all are compared."""
_NOT_OVERWRITTEN = (
    "PostgreSQL overwrites deleted rows only after a vacuum; its write-ahead log and your backups keep them until they "
    "expire."
)


def add_to(commands: Commands) -> None:
    """Add the commands."""
    archive = add_command(commands, "archive", "move this computer's archive into a team's PostgreSQL, or purge there")
    actions = archive.add_subparsers(title="actions", metavar="ACTION", required=True)
    copy = add_command(
        actions,
        "copy",
        "copy messages, transcripts, marks, retrievals, calls and contacts to a team's account",
        "Copy this computer's archive of an account into an account of the team's database, in VM_MCP_DATABASE_URL, "
        "and compare the two. Nothing here is changed. It may be interrupted and run again at any time; what the team "
        "has written meanwhile stays where it is newer.",
    )
    copy.add_argument("--to-account", required=True, type=_account, metavar="NAME", help="the team's account")
    add_settings(copy)
    copy.set_defaults(command=_copy_archive)
    purge = add_command(
        actions,
        "purge",
        "delete messages and transcripts of a team's account, for good",
        "Delete messages and their transcripts from the team's database, in VM_MCP_DATABASE_URL. The phone system "
        "keeps its own copies, and backups theirs. Asks for confirmation; without a terminal, --yes is required.",
    )
    purge.add_argument("--of-account", required=True, type=_account, metavar="NAME", help="the team's account")
    purge_command.add_selection(purge)
    add_settings(purge)
    purge.set_defaults(command=_purge_account)


def _copy_archive(arguments: argparse.Namespace) -> int:
    """Copy the archive, and print how many rows there are of each kind, and their digests."""
    url = database_url(team_settings())
    settings = settings_of(arguments)
    from vm_mcp.cli.logs import configure_logging

    configure_logging(settings)
    copies = asyncio.run(_copy(settings, url, arguments.to_account))
    _print(copies)
    newer = sum(copy.newer for copy in copies)
    console.say("The copy is equal to the archive on this computer.")
    if newer:
        console.say(
            "{rows} stayed as the team has written them since, and were not compared.", rows=counted(newer, "row")
        )
    return ExitStatus.DONE


async def _copy(settings: "Settings", url: "SecretStr", account: str) -> "list[TableCopy]":
    from vm_mcp.archive.copying import copy_archive
    from vm_mcp.archive.postgres import PostgresDatabase
    from vm_mcp.archive.postgres.copy_target import CopyTarget
    from vm_mcp.archive.sqlite.copy_source import open_copy_source

    path = await _archive_path(settings)
    database = PostgresDatabase(url, pool_size=2)
    try:
        with open_copy_source(path) as source, console.progress() as bar:
            task = bar.add_task("Copying messages", total=source.counts()["messages"])
            target = CopyTarget(database, account)
            return await copy_archive(source, target, lambda done: bar.update(task, completed=done))
    finally:
        await database.aclose()


def _purge_account(arguments: argparse.Namespace) -> int:
    """Delete what the arguments select from a team's account."""
    purge_command.check_selection(arguments)
    url = database_url(team_settings())
    settings = settings_of(arguments)
    before = purge_command.moment(arguments.before, settings)
    name = words("the account `{account}`", account=arguments.of_account)
    place = (
        words("from the team's database")
        if arguments.all
        else words("of {account} from the team's database", account=name)
    )
    question = purge_command.question(arguments, before, settings, name, place)
    if not (arguments.yes or is_confirmed(question)):
        console.say("Nothing was deleted.")
        return ExitStatus.NOT_CONFIRMED
    quiet_logging()
    purged, had_messages = asyncio.run(_purge(url, arguments, before))
    purge_command.print_counts(purged)
    if not had_messages:
        console.say("The team's database has no message of {name}. Check the name.", name=name)
    elif not purged.is_overwritten:
        console.say(_NOT_OVERWRITTEN)
    return ExitStatus.DONE


async def _purge(url: "SecretStr", arguments: argparse.Namespace, before: "datetime | None") -> "tuple[Purged, bool]":
    """Delete; also return whether the account had any message before."""
    from vm_mcp.archive.postgres import PostgresArchive, PostgresDatabase
    from vm_mcp.archive.postgres.copy_target import CopyTarget

    database = PostgresDatabase(url, pool_size=2)
    try:
        had_messages = await CopyTarget(database, arguments.of_account).count() > 0
        archive = PostgresArchive(database, arguments.of_account)
        purged = await archive.purge(before=before, caller=arguments.caller or "", everything=arguments.all)
        return purged, had_messages
    finally:
        await database.aclose()


async def _archive_path(settings: "Settings") -> "Path":
    """Return the file of the account's archive, of which another account's is never taken.

    Raises:
        ConfigError: There is none.
    """
    from vm_mcp.archive.sqlite import SqliteArchive
    from vm_mcp.inbox import open_inbox

    async with open_inbox(settings.model_copy(update={"engine": "none"})) as inbox:
        archive = await inbox.account.archive()
    if not isinstance(archive, SqliteArchive) or not await asyncio.to_thread(archive.path.is_file):
        raise ConfigError(
            "There is no archive of this account on this computer. Name the account in VM_MCP_ACCOUNT, or the folder "
            "of its archive in VM_MCP_ARCHIVE_DIR."
        )
    return archive.path


def _account(text: str) -> str:
    try:
        name = AccountSettings(account=text).account
    except ValueError:
        name = ""
    if not name:
        raise unusable("give the name of an account in the accounts file, such as klinik")
    return name


def _print(copies: "list[TableCopy]") -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in map(words, ("Kind", "Here", "There", "Digest here", "Digest there", "Newer there")):
        table.add_column(spoken(name))
    for copy in copies:
        digests = (copy.source.hex[:_SHOWN_DIGITS], copy.target.hex[:_SHOWN_DIGITS])
        counts = (str(copy.source.count), str(copy.target.count))
        table.add_row(*console.cells(copy.name.replace("_", " "), *counts, *digests, str(copy.newer or "")))
    console.output().print(table)
