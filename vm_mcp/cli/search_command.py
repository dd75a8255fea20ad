"""``vm-mcp search``: messages in which something was said."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
from vm_mcp.cli.spoken_language import spoken
from vm_mcp.text import counted
from vm_mcp.wording import words

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.text import Text

    from vm_mcp.models import SearchHit, SearchResult, Snippet

MOST = 500


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands, "search", "find messages by what was said, who called or a note; marks nothing as read"
    )
    parser.add_argument(
        "query",
        nargs="+",
        metavar="query",
        help="words that must all occur, each as the beginning of a word; '\"words in quotes\"' exactly; "
        "a number in any spelling",
    )
    add_range(parser, default="any time")
    add_limit(parser, MOST)
    add_json(parser, "search_transcripts")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Search the archive.

    Raises:
        VmError: It can't be searched; the text says why.
    """
    from vm_mcp.inbox import SearchRequest

    settings = settings_of(arguments)
    request = SearchRequest(
        query=" ".join(arguments.query),
        since=arguments.since,
        until=arguments.until,
        extension=arguments.extension,
        limit=arguments.limit,
    )
    result = command_inbox.with_inbox(settings, lambda inbox: inbox.history.search(request))
    if arguments.json:
        from vm_mcp import views

        console.print_json(views.search_hits(result, settings.zone, datetime.now(UTC)).as_json())
    else:
        _print(result, settings.zone)
    return ExitStatus.DONE


def _print(result: "SearchResult", zone: "ZoneInfo") -> None:
    from vm_mcp.views import nothing_found

    table = console.table("Found")
    for hit in result.hits:
        message = message_text.message(hit.voicemail.uuid, hit.voicemail, zone)
        table.add_row(*console.cells(message, _found(hit)))
    if not result.hits:
        console.say(nothing_found(result))
        return
    console.output().print(table)
    total = counted(result.total_count, "message")
    near = words(", {count} of them only nearly", count=result.near_count) if result.near_count else ""
    console.say("{shown} of {total} with these words{near}.", shown=len(result.hits), total=total, near=near)


def _found(hit: "SearchHit") -> "Text":
    from vm_mcp.views.search_view import NOT_TRANSCRIBED

    text = _highlighted(hit.snippet)
    if not hit.is_transcribed:
        text = text.append(spoken(NOT_TRANSCRIBED))
    return text.append(spoken(words(" (close: {names})", names=", ".join(hit.close)))) if hit.close else text


def _highlighted(snippet: "Snippet") -> "Text":
    from rich.text import Text

    text = Text(snippet.text)
    for start, end in snippet.marks:
        text.stylize("bold reverse", start, end)
    return text
