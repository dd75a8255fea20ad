"""``vm-mcp purge``: forget messages and transcripts."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.cli import shared
from vm_mcp.errors import AccountMismatchError, InputError
from vm_mcp.text import clean_text

if TYPE_CHECKING:
    from vm_mcp.archive import Purged
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = commands.add_parser(
        "purge",
        help="delete messages and transcripts from this computer, for good",
        description="Delete messages and their transcripts from the archive on this computer, and overwrite them. The "
        "phone system keeps its own. Asks first; where there is nobody to ask, it wants --yes.",
    )
    parser.add_argument("--before", default="", metavar="WHEN", help="those left before a date, or an age such as 90d")
    parser.add_argument("--caller", type=str.strip, help="those of a caller: a number in any spelling, or a whole name")
    parser.add_argument("--all", action="store_true", help="all of it, and what assistants opened")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    shared.add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Purge; `shared.NOT_CONFIRMED` when the person did not say yes.

    Raises:
        InputError: It isn't said what to delete.
        VmError: It can't be done; the text says why.
    """
    if arguments.caller == "":
        raise InputError("--caller is empty. Give a number or a whole name, or leave it out.")
    chosen = bool(arguments.before or arguments.caller)
    if chosen == arguments.all:
        raise InputError("Say what to delete: --before WHEN, --caller WHO, or both; or --all.")
    settings = shared.settings_of(arguments)
    before = _moment(arguments.before, settings)
    if not (arguments.yes or _is_confirmed(_question(arguments, before, settings))):
        shared.say("Nothing was deleted.")
        return shared.NOT_CONFIRMED
    purged, like = shared.with_inbox(settings, lambda inbox: _purge(inbox, arguments, before))
    _report(purged)
    if arguments.caller and not purged.messages:
        _tell_of_callers(like, before)
    _tell_of_recordings(settings)
    return 0


async def _purge(inbox: "Inbox", arguments: argparse.Namespace, before: datetime | None) -> "tuple[Purged, list[str]]":
    """Delete, and where nothing was, name the callers who might be meant."""
    caller = arguments.caller or ""
    try:
        purged = await inbox.history.purge(before=before, caller=caller, everything=arguments.all)
    except AccountMismatchError:
        # It shows nothing, and who sits here and names an archive may as well delete its file.
        if not (arguments.all and hasattr(arguments, "account")):
            raise
        return await _purge_unseen(inbox.settings), []
    return purged, [] if purged.messages or not caller else await inbox.history.callers_like(caller)


async def _purge_unseen(settings: "Settings") -> "Purged":
    """Empty the archive of a named account whose key is gone."""
    from vm_mcp.archive.sqlite import SqliteArchive

    archive = SqliteArchive(settings.archive_path)
    try:
        return await archive.purge(everything=True)
    finally:
        await archive.aclose()


def _tell_of_callers(like: "list[str]", before: datetime | None) -> None:
    known = f" Known here and like that: {'; '.join(like)}." if like else " Nobody like that is known here."
    aged = " Perhaps no message of theirs is that old." if before and like else ""
    shared.say(f"--caller takes a number in any spelling, or a whole name.{known}{aged}")


def _tell_of_recordings(settings: "Settings") -> None:
    """Say which files are left: a person asked for them, so they are that person's to delete."""
    left = sum(1 for _ in settings.recordings_dir.glob("voicemail-*"))
    if left:
        shared.say(f"{shared.counted(left, 'recording')} saved on request stay in {settings.recordings_dir}.")


def _moment(text: str, settings: "Settings") -> datetime | None:
    from vm_mcp.dates import parse_moment

    return parse_moment(text, zone=settings.zone, now=datetime.now(UTC), edge="start") if text else None


def _question(arguments: argparse.Namespace, before: datetime | None, settings: "Settings") -> str:
    whose = f" of the caller {clean_text(arguments.caller)}" if arguments.caller else ""
    age = f" left before {shared.when(before, settings.zone)} ({settings.timezone})" if before else ""
    archive = f"the archive of `{settings.account}`" if settings.account else "the archive"
    what = f"everything in {archive}" if arguments.all else f"all messages{whose}{age}, with their transcripts,"
    also = (
        " A message that only an assistant opened will then look as if a person had heard it." if arguments.all else ""
    )
    return f"Delete {what} from this computer? This can't be undone.{also} [y/N] "


def _is_confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        shared.say("This is no terminal to ask in: add --yes to delete without a question.")
        return False
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "e", "evet"}


def _report(purged: "Purged") -> None:
    messages, transcripts = (
        shared.counted(purged.messages, "message"),
        shared.counted(purged.transcripts, "transcript"),
    )
    print(f"Deleted {messages} and {transcripts}.")
    if not purged.is_overwritten:
        shared.say(
            "Another vm-mcp was reading the archive, so their bytes may still be in its file. Close the hosts that use "
            "it, and run this again."
        )
    if purged.set_aside:
        names = ", ".join(purged.set_aside)
        shared.say(f"Damaged archives may hold the same and were left in place: {names}. --all deletes them.")
