"""``vm-mcp search``: messages in which something was said."""

import argparse
from typing import TYPE_CHECKING

from vm_mcp.cli import shared

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from vm_mcp.models import SearchResult, Snippet

MOST = 500


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    help_text = "find messages by what was said or who called, among those transcribed; marks nothing as read"
    parser = commands.add_parser("search", help=help_text, description=help_text.capitalize() + ".")
    parser.add_argument(
        "query",
        nargs="+",
        help="words that must all occur, each as a beginning; '\"words in quotes\"' exactly; a number",
    )
    shared.add_range(parser, default="any time")
    parser.add_argument(
        "--limit",
        type=shared.number(1, MOST),
        default=20,
        metavar="N",
        help=f"how many at most, 1 to {MOST} (default: 20)",
    )
    shared.add_json(parser, "search_transcripts")
    shared.add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Search.

    Raises:
        VmError: It can't be done; the text says why.
    """
    from vm_mcp.inbox import SearchRequest

    settings = shared.settings_of(arguments)
    request = SearchRequest(
        query=" ".join(arguments.query),
        since=arguments.since,
        until=arguments.until,
        extension=arguments.extension,
        limit=arguments.limit,
    )
    found = shared.with_inbox(settings, lambda inbox: inbox.history.search(request))
    if arguments.json:
        from vm_mcp import views

        shared.print_json(views.search_hits(found, settings.zone).as_json())
        return 0
    _print(found, settings.zone)
    return 0


def _print(found: "SearchResult", zone: "ZoneInfo") -> None:
    shown = shared.table("Found")
    for hit in found.hits:
        message = shared.message(hit.voicemail.uuid, hit.voicemail, zone)
        shown.add_row(*shared.cells(message, _marked(hit.snippet)))
    if found.hits:
        shared.output().print(shown)
    total = shared.counted(found.total_count, "transcribed message")
    shared.say(f"{len(found.hits)} of {total} with these words.")
    if found.hits:
        shared.say(shared.UNMARKED)


def _marked(snippet: "Snippet") -> "Text":
    from rich.text import Text

    text = Text(snippet.text)
    for start, end in snippet.marks:
        text.stylize("bold reverse", start, end)
    return text
