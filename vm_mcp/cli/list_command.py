"""``vm-mcp list``: who called."""

import argparse
from typing import TYPE_CHECKING, get_args

from vm_mcp.cli import shared
from vm_mcp.models import NO_WORDS, ReadStatus

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from vm_mcp.inbox import ListedPage, ListRequest

MOST = 1000


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    help_text = "list messages, newest first; marks nothing as read"
    parser = commands.add_parser("list", help=help_text, description=help_text.capitalize() + ".")
    add_filters(parser, status="all")
    parser.add_argument("--cursor", default="", help="next_cursor of the JSON before; it repeats the filters")
    shared.add_json(parser, "list_voicemails")
    shared.add_settings(parser)
    parser.set_defaults(command=run)


def add_filters(parser: argparse.ArgumentParser, *, status: str) -> None:
    """Offer what a list can be narrowed by."""
    shared.add_range(parser, default="30 days before --until")
    parser.add_argument(
        "--status",
        choices=get_args(ReadStatus),
        default="",
        help=f"unheard: unread, or marked as read only because an assistant opened them (default: {status})",
    )
    parser.add_argument("--caller", default="", help="part of a name, or digits of a number")
    parser.add_argument(
        "--limit",
        type=shared.number(1, MOST),
        default=20,
        metavar="N",
        help=f"how many at most, 1 to {MOST} (default: 20)",
    )


def run(arguments: argparse.Namespace) -> int:
    """List.

    Raises:
        VmError: It can't be done; the text says why.
    """
    settings = shared.settings_of(arguments)
    asked = request(arguments, "all", arguments.cursor)
    page = shared.with_inbox(settings, lambda inbox: inbox.list_voicemails(asked))
    if arguments.json:
        from vm_mcp import views

        shared.print_json(views.voicemail_list(page, settings.zone).as_json())
        return 0
    _print(page, settings.zone)
    return 0


def request(arguments: argparse.Namespace, status: "ReadStatus", cursor: str = "") -> "ListRequest":
    """Put the filters into the inbox's words; ``status`` is meant where none was given."""
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
    shown = shared.table("Heard by", "Transcript begins")
    for voicemail in page.voicemails:
        begins = NO_WORDS if voicemail.no_speech else voicemail.first_line
        message = shared.message(voicemail.uuid, voicemail, zone)
        shown.add_row(*shared.cells(message, shared.heard(voicemail), begins))
    if page.voicemails:
        shared.output().print(shown)
    total = len(page.voicemails) if page.total_count is None else page.total_count
    bounds = f"{shared.when(page.since, zone)} to {shared.when(page.until, zone)}, times in {zone.key}"
    shared.say(f"{len(page.voicemails)} of {shared.counted(total, 'message')}, {bounds}.")
    if any(voicemail.first_line for voicemail in page.voicemails):
        shared.say(shared.UNMARKED)
    if page.next_cursor:
        shared.say("More match: raise --limit, or narrow --since and --until.")
    if page.notice:
        shared.say(page.notice)
