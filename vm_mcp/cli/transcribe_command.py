"""``vm-mcp transcribe``: what was said."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console, list_command, message_text
from vm_mcp.cli.command_arguments import Commands, add_command, add_json, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.errors import ConfigError, InputError
from vm_mcp.text import counted
from vm_mcp.wording import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox, Transcription

NO_END = 365 * 86400.0
"""Seconds to wait: only the person at the keyboard ends a command early."""

FOR_GOOD = words("as read in the phone system, for everyone and for good")


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "transcribe",
        words("transcribe messages; marks them {for_good}", for_good=FOR_GOOD),
        words(
            "Transcribe messages, given by uuid or selected by the filters below. A message is opened for that, which "
            "marks it {for_good}. A message that has a transcript is not opened again.",
            for_good=FOR_GOOD,
        ),
    )
    parser.add_argument("uuids", nargs="*", metavar="UUID", help="messages, as vm-mcp list shows them")
    list_command.add_filters(parser, status="unheard")
    parser.add_argument("--language", default="auto", metavar="CODE", help="auto, or a code such as tr (default: auto)")
    parser.add_argument("--refresh", action="store_true", help="also transcribe messages that have a transcript")
    add_json(parser, "transcribe_voicemails")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Transcribe messages.

    Returns:
        `ExitStatus.PARTLY_FAILED` when some could not be transcribed.

    Raises:
        VmError: None could be transcribed; the text says why.
    """
    filters = (arguments.status, arguments.since, arguments.until, arguments.extension, arguments.caller)
    if bool(arguments.uuids) == any(filters):
        raise InputError("Give either uuids, as `vm-mcp list` shows them, or a filter such as --status unheard.")
    settings = settings_of(arguments)
    if settings.read_only:
        raise ConfigError(
            "VM_MCP_READ_ONLY is set, and transcribing would mark messages as read. Unset it, or use `vm-mcp show`, "
            "which opens none."
        )
    entries = command_inbox.with_inbox(settings, lambda inbox: _transcribe(inbox, arguments), listens=True)
    _print(entries, settings, as_json=arguments.json)
    failed = sum(entry.status == "failed" for entry in entries)
    if failed:
        console.say("{failed} of {total} could not be transcribed.", failed=failed, total=len(entries))
    return ExitStatus.PARTLY_FAILED if failed else ExitStatus.DONE


async def _transcribe(inbox: "Inbox", arguments: argparse.Namespace) -> "list[Transcription]":
    uuids = await (inbox.whole_uuids(arguments.uuids) if arguments.uuids else _select(inbox, arguments))
    if not uuids:
        console.say("No message matches.")
        return []
    await _announce(inbox, uuids, is_refreshed=arguments.refresh)
    language = "" if arguments.language.lower() == "auto" else arguments.language
    with console.progress() as bar:
        task = bar.add_task("Transcribing", total=len(uuids))

        async def on_progress(done: float, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await inbox.transcribing.transcribe(
            uuids, language=language, wait_seconds=NO_END, refresh=arguments.refresh, on_progress=on_progress
        )


async def _select(inbox: "Inbox", arguments: argparse.Namespace) -> list[str]:
    """Return the uuids that the filters select."""
    page = await inbox.list_voicemails(list_command.request(arguments, "unheard"))
    if page.next_cursor:
        console.say(
            "More messages match. Only the newest {shown} are transcribed; raise --limit.", shown=len(page.voicemails)
        )
    if page.notice:
        console.say(page.notice)
    return [voicemail.uuid for voicemail in page.voicemails]


async def _announce(inbox: "Inbox", uuids: "Sequence[str]", *, is_refreshed: bool) -> None:
    """Say how many messages will be opened, before any is: nothing makes a message unread again."""
    known = [] if is_refreshed else [e for e in await inbox.history.look_up(uuids) if e.status != "missing"]
    opened = len(dict.fromkeys(uuids)) - len(known)
    if opened:
        console.say(
            words(
                "About to open {messages}. Opening marks a message {for_good}.",
                messages=counted(opened, "message"),
                for_good=FOR_GOOD,
            )
        )


def _print(entries: "Sequence[Transcription]", settings: "Settings", *, as_json: bool) -> None:
    if as_json:
        from vm_mcp import views

        console.print_json(views.transcriptions(entries, settings.zone, full=True, now=datetime.now(UTC)).as_json())
    elif entries:
        table = console.table("What was said")
        for entry in entries:
            message = message_text.message(entry.uuid, entry.voicemail, settings.zone)
            table.add_row(*console.cells(message, message_text.said(entry, settings.zone, datetime.now(UTC))))
        console.output().print(table)
