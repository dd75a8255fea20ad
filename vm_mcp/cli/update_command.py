"""``vm-mcp update``: note that messages are told, done or open again."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from vm_mcp.cli import command_inbox, console, message_text
from vm_mcp.cli.command_arguments import Commands, add_command, add_json, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.handling import MarkState

if TYPE_CHECKING:
    from vm_mcp.inbox import Inbox, ListedVoicemail


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "update", "note on this computer that messages are told, done or open again; marks nothing as read"
    )
    parser.add_argument("uuids", nargs="+", metavar="UUID", help="messages, as vm-mcp list shows them, or their ends")
    parser.add_argument(
        "--state",
        required=True,
        choices=get_args(MarkState),
        help="told: you know of it; done: it is settled; open: it is not, after all",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="your words, which searches find (default: kept)")
    add_json(parser, "update_voicemails")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Note what a person says of messages.

    Raises:
        VmError: It can't be noted; the text says why.
    """
    from vm_mcp.views.voicemail_view import LOCAL, marked_voicemails

    settings, now = settings_of(arguments), datetime.now(UTC)
    marked = command_inbox.with_inbox(settings, lambda inbox: _mark(inbox, arguments))
    if arguments.json:
        console.print_json(marked_voicemails(marked, settings.zone, now).as_json())
        return ExitStatus.DONE
    table = console.table("State")
    for voicemail in marked:
        message = message_text.message(voicemail.uuid, voicemail, settings.zone)
        table.add_row(*console.cells(message, message_text.state(voicemail, settings.zone, now)))
    console.output().print(table)
    console.say(LOCAL)
    return ExitStatus.DONE


async def _mark(inbox: "Inbox", arguments: argparse.Namespace) -> "list[ListedVoicemail]":
    uuids = await inbox.whole_uuids(arguments.uuids)
    return await inbox.marking.mark(uuids, arguments.state, arguments.note)
