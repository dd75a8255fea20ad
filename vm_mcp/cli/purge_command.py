"""``vm-mcp purge``: delete messages and transcripts from this computer."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console, message_text
from vm_mcp.cli.asking import is_confirmed
from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.errors import AccountMismatchError, InputError
from vm_mcp.text import clean_text, counted
from vm_mcp.wording import Words, sentences, words

if TYPE_CHECKING:
    from vm_mcp.archive import Purged
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "purge",
        "delete messages and transcripts from this computer, for good",
        "Delete messages and their transcripts from the archive on this computer, and overwrite them. The phone system "
        "keeps its own copies. Asks for confirmation; without a terminal, --yes is required.",
    )
    add_selection(parser)
    add_settings(parser)
    parser.set_defaults(command=run)


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what to delete."""
    parser.add_argument("--before", default="", metavar="WHEN", help="left before a date, or an age such as 90d")
    parser.add_argument(
        "--caller", type=str.strip, metavar="CALLER", help="of one caller: a number in any spelling, or a whole name"
    )
    parser.add_argument("--all", action="store_true", help="everything, also the record of what assistants opened")
    parser.add_argument("--yes", action="store_true", help="don't ask for confirmation")


def check_selection(arguments: argparse.Namespace) -> None:
    """Check that the arguments say what to delete.

    Raises:
        InputError: They don't.
    """
    if arguments.caller == "":
        raise InputError("--caller is empty. Give a number or a whole name, or leave it out.")
    if bool(arguments.before or arguments.caller) == arguments.all:
        raise InputError("Say what to delete: --before WHEN, --caller WHO, or both; or --all.")


def run(arguments: argparse.Namespace) -> int:
    """Delete what the arguments select.

    Returns:
        `ExitStatus.NOT_CONFIRMED` when the user did not say yes; nothing was deleted.

    Raises:
        InputError: The arguments don't say what to delete.
        VmError: It can't be deleted; the text says why.
    """
    check_selection(arguments)
    settings = settings_of(arguments)
    before = moment(arguments.before, settings)
    archive = (
        words("the archive of `{account}`", account=settings.account) if settings.account else words("the archive")
    )
    here = words("from this computer")
    if not (arguments.yes or is_confirmed(question(arguments, before, settings, archive, here))):
        console.say("Nothing was deleted.")
        return ExitStatus.NOT_CONFIRMED
    purged, similar = command_inbox.with_inbox(settings, lambda inbox: _purge(inbox, arguments, before))
    report(purged)
    if arguments.caller and not purged.messages:
        _report_similar_callers(similar, before)
    _report_recordings(settings)
    return ExitStatus.DONE


async def _purge(inbox: "Inbox", arguments: argparse.Namespace, before: datetime | None) -> "tuple[Purged, list[str]]":
    """Delete; where a caller had no message, return the callers who might be meant."""
    caller = arguments.caller or ""
    try:
        purged = await inbox.history.purge(before=before, caller=caller, everything=arguments.all)
    except AccountMismatchError:
        # Deleting shows nothing, and a user who names an archive on this computer could also delete its file.
        if not (arguments.all and hasattr(arguments, "account")):
            raise
        return await _purge_named(inbox.settings), []
    return purged, [] if purged.messages or not caller else await inbox.history.callers_like(caller)


async def _purge_named(settings: "Settings") -> "Purged":
    """Delete everything in the archive of a named account without its key."""
    from vm_mcp.archive.sqlite import SqliteArchive

    archive = SqliteArchive(settings.archive_path)
    try:
        return await archive.purge(everything=True)
    finally:
        await archive.aclose()


def moment(text: str, settings: "Settings") -> datetime | None:
    """Return the moment that ``--before`` names; None where it is not given.

    Raises:
        InputError: It is no moment.
    """
    from vm_mcp.dates import parse_moment

    return parse_moment(text, zone=settings.zone, now=datetime.now(UTC), edge="start") if text else None


def question(
    arguments: argparse.Namespace, before: datetime | None, settings: "Settings", archive: Words, place: Words
) -> Words:
    """Return the question to ask before anything is deleted.

    Args:
        arguments: What to delete.
        before: The moment that they name.
        settings: With the time zone.
        archive: What all of is deleted, in words.
        place: Where from, in words.
    """
    whose = words(" of the caller {caller}", caller=clean_text(arguments.caller)) if arguments.caller else ""
    age = (
        words(" left before {moment} ({zone})", moment=message_text.when(before, settings.zone), zone=settings.timezone)
        if before
        else ""
    )
    if not arguments.all:
        what = words("all messages{whose}{age}, with their transcripts,", whose=whose, age=age)
        return words("Delete {what} {place}? This can't be undone. [y/N] ", what=what, place=place)
    return words(
        "Delete everything in {archive} {place}? This can't be undone. A message that only an assistant opened will "
        "then look as if a person had heard it. [y/N] ",
        archive=archive,
        place=place,
    )


def print_counts(purged: "Purged") -> None:
    """Print how much was deleted."""
    console.tell(
        "Deleted {messages} and {transcripts}.",
        messages=counted(purged.messages, "message"),
        transcripts=counted(purged.transcripts, "transcript"),
    )


def report(purged: "Purged") -> None:
    """Say how much was deleted from this computer, and what may be left."""
    print_counts(purged)
    if not purged.is_overwritten:
        console.say(
            "Another vm-mcp was reading the archive, so the deleted bytes may still be in its file. Close the hosts "
            "that use it, and run this again."
        )
    if purged.set_aside:
        names = ", ".join(purged.set_aside)
        console.say(
            "Damaged archives were left in place, and may hold the same: {names}. Delete them with --all.", names=names
        )


def _report_similar_callers(similar: "list[str]", before: datetime | None) -> None:
    archived = (
        words("Similar callers here: {callers}.", callers="; ".join(similar))
        if similar
        else words("No caller here is similar.")
    )
    newer = words("Perhaps all messages of theirs are newer.") if before and similar else ""
    console.say(sentences(words("--caller takes a number in any spelling, or a whole name."), archived, newer))


def _report_recordings(settings: "Settings") -> None:
    """Say which recordings are left: a person asked for these files, so only that person deletes them."""
    left = sum(1 for _ in settings.recordings_dir.glob("voicemail-*"))
    if left:
        console.say(
            "Not deleted: {recordings} saved on request, in {recordings_dir}. Delete those that you don't need.",
            recordings=counted(left, "recording"),
            recordings_dir=settings.recordings_dir,
        )
