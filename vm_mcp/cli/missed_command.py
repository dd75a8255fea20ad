"""``vm-mcp missed``: who was not answered and left no message."""

import argparse
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console
from vm_mcp.cli.command_arguments import Commands, add_command, add_json, add_range, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.wording import plural, words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from vm_mcp.inbox import MissedPage


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "missed", "list missed calls that left no message, and who called back; marks nothing as read"
    )
    add_range(parser, default="30 days before --until")
    parser.add_argument(
        "--returned",
        choices=("all", "yes", "no"),
        default="all",
        help="yes: only callers who were called back and answered; no: only the others (default: all)",
    )
    add_json(parser, "list_missed_calls")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """List missed calls.

    Raises:
        VmError: They are not known; the text says why.
    """
    from vm_mcp.inbox import MissedRequest
    from vm_mcp.views import missed_calls

    settings = settings_of(arguments)
    request = MissedRequest(
        since=arguments.since, until=arguments.until, extension=arguments.extension, returned=arguments.returned
    )
    page = command_inbox.with_inbox(settings, lambda inbox: inbox.missed.page(request))
    if arguments.json:
        console.print_json(missed_calls(page, settings.zone).as_json())
    else:
        _print(page, settings.zone)
    return ExitStatus.DONE


def _print(page: "MissedPage", zone: "ZoneInfo") -> None:
    from rich import box
    from rich.table import Table

    from vm_mcp.cli import message_text
    from vm_mcp.views.overview_rows import MISSED_COLUMNS, MissedItem

    table = Table(*(spoken(words("{name:capital}", name=words(name))) for name in MISSED_COLUMNS), box=box.SIMPLE_HEAD)
    year = page.until.astimezone(zone).year
    for caller in page.callers:
        table.add_row(*console.cells(*MissedItem.of_missed(caller, zone, page.until).missed_cells(year)))
    if page.callers:
        console.output().print(table)
    bounds = message_text.bounds(page.since, page.until, zone)
    console.say(
        plural(
            "{count} caller who was missed and left no message, {bounds}.",
            "{count} callers who were missed and left no message, {bounds}.",
            len(page.callers),
            bounds=bounds,
        )
    )
    if page.notice:
        console.say(page.notice)
