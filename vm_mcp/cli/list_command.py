"""``vm-mcp list``: who called."""

import argparse
from typing import TYPE_CHECKING, get_args

from vm_mcp.cli import command_inbox, console, message_text
from vm_mcp.cli.command_arguments import (
    Commands,
    add_command,
    add_json,
    add_limit,
    add_range,
    add_settings,
    settings_of,
)
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.models import NO_WORDS, NOT_UNDERSTOOD, ReadStatus
from vm_mcp.text import DOUBT_START, counted
from vm_mcp.wording import joined, words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from vm_mcp.inbox import ListedPage, ListRequest

MOST = 1000


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "list", "list messages, newest first; marks nothing as read")
    add_filters(parser, status="all")
    parser.add_argument(
        "--cursor", default="", metavar="CURSOR", help="next_cursor of the previous page's JSON; it holds the filters"
    )
    add_json(parser, "list_voicemails")
    add_settings(parser)
    parser.set_defaults(command=run)


def add_filters(parser: argparse.ArgumentParser, *, status: str) -> None:
    """Add the filters of a list; ``status`` is the one meant where none is given."""
    add_range(parser, default="30 days before --until")
    parser.add_argument(
        "--status",
        choices=get_args(ReadStatus),
        default="",
        help=words(
            "open: neither called back nor closed, whoever heard it; unheard: unread, or marked as read only "
            "because an assistant opened them (default: {status})",
            status=status,
        ),
    )
    parser.add_argument(
        "--caller", default="", metavar="CALLER", help="part of a caller's name, or digits of the number"
    )
    add_limit(parser, MOST)


def run(arguments: argparse.Namespace) -> int:
    """List messages.

    Raises:
        VmError: They can't be listed; the text says why.
    """
    settings = settings_of(arguments)
    wanted = request(arguments, "all", arguments.cursor)
    page = command_inbox.with_inbox(settings, lambda inbox: inbox.list_voicemails(wanted))
    if arguments.json:
        from vm_mcp import views

        console.print_json(views.voicemail_list(page, settings.zone).as_json())
    else:
        _print(page, settings.zone)
    return ExitStatus.DONE


def request(arguments: argparse.Namespace, status: "ReadStatus", cursor: str = "") -> "ListRequest":
    """Return the filters as the inbox takes them; ``status`` is meant where none was given."""
    from vm_mcp.inbox import ListRequest

    return ListRequest(
        since=arguments.since,
        until=arguments.until,
        status=arguments.status or status,
        extension=arguments.extension,
        caller=arguments.caller,
        limit=arguments.limit,
        cursor=cursor,
    )


def _print(page: "ListedPage", zone: "ZoneInfo") -> None:
    table = console.table("State", "Transcript begins")
    for voicemail in page.voicemails:
        no_words = NOT_UNDERSTOOD if voicemail.not_understood else NO_WORDS
        begins = no_words if voicemail.no_speech else voicemail.first_line
        message = message_text.message(voicemail.uuid, voicemail, zone)
        state = message_text.state(voicemail, zone, page.until)
        heard = message_text.heard(voicemail)
        who = words("heard by {who}", who=heard) if voicemail.heard_by else heard
        table.add_row(*console.cells(message, joined("\n", (state, who)), begins))
    if page.voicemails:
        console.output().print(table)
    total = len(page.voicemails) if page.total_count is None else page.total_count
    bounds = message_text.bounds(page.since, page.until, zone)
    console.say(
        "{shown} of {messages}, {bounds}.",
        shown=len(page.voicemails),
        messages=counted(total, "message"),
        bounds=bounds,
    )
    if any(DOUBT_START in voicemail.first_line for voicemail in page.voicemails):
        console.say(message_text.MARKED)
    if page.next_cursor:
        console.say("More messages match. Raise --limit, or narrow --since and --until.")
    if page.notice:
        console.say(page.notice)
