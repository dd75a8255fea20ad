"""``vm-mcp export``: transcripts for other programs."""

import argparse
import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console
from vm_mcp.cli.command_arguments import Commands, add_command, add_range, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.errors import InputError, VmError
from vm_mcp.files import write_atomically
from vm_mcp.os_reasons import os_reason
from vm_mcp.text import DOUBT_END, DOUBT_START, counted
from vm_mcp.wording import words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from zoneinfo import ZoneInfo

    from vm_mcp.inbox import Inbox, Transcription
    from vm_mcp.views import TranscriptionItem, TranscriptionList

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "export",
        "write transcripts as CSV, JSON or WebVTT; marks nothing as read",
        words(
            "Write the transcripts in the archive, oldest first, to a file or to stdout. Marks nothing as read. "
            "Doubtful words are marked: {doubt_start}so{doubt_end}.",
            doubt_start=DOUBT_START,
            doubt_end=DOUBT_END,
        ),
    )
    parser.add_argument("uuids", nargs="*", metavar="UUID", help="only these messages (default: all with a transcript)")
    add_range(parser, default="any time")
    parser.add_argument(
        "--format",
        type=_format,
        choices=("csv", "json", "vtt"),
        default="csv",
        help="vtt: WebVTT subtitles, one file per message (default: csv)",
    )
    parser.add_argument(
        "--delimiter",
        choices=tuple(DELIMITERS),
        default="comma",
        help="between the columns of CSV; spreadsheets set to Turkish need semicolon (default: comma)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="the file, or the folder for vtt (default: stdout)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_settings(parser)
    parser.set_defaults(command=run)


def _format(text: str) -> str:
    return {"webvtt": "vtt"}.get(text.lower(), text.lower())


def run(arguments: argparse.Namespace) -> int:
    """Export transcripts.

    Returns:
        `ExitStatus.PARTLY_FAILED` when a uuid that was given has no transcript, or a transcript can't be read.

    Raises:
        InputError: The arguments contradict each other, or a file exists already.
        VmError: The archive can't be read, or the file can't be written; the text says why.
    """
    _check(arguments)
    settings = settings_of(arguments)
    archived = command_inbox.with_inbox(settings, lambda inbox: _archived(inbox, arguments, settings.zone))
    found = len(archived.transcriptions)
    damaged = [item.uuid for item in archived.transcriptions if item.status == "failed"]
    archived.transcriptions = [item for item in archived.transcriptions if item.status != "failed"]
    if arguments.format == "vtt" and arguments.output:
        _write_folder(archived, arguments)
    else:
        _write(_content(archived, arguments), arguments)
    missing = len(set(arguments.uuids)) - found if arguments.uuids else 0
    _report(found - len(damaged), missing, damaged)
    return ExitStatus.PARTLY_FAILED if missing or damaged else ExitStatus.DONE


def _check(arguments: argparse.Namespace) -> None:
    if arguments.uuids and (arguments.since or arguments.until or arguments.extension):
        raise InputError("Give either uuids or --since, --until and --extension, not both.")
    if arguments.format == "vtt" and not arguments.output and len(arguments.uuids) != 1:
        raise InputError("WebVTT is one file per message. Give one uuid, or a folder as --output.")


async def _archived(inbox: "Inbox", arguments: argparse.Namespace, zone: "ZoneInfo") -> "TranscriptionList":
    from vm_mcp import views
    from vm_mcp.views.notices import QUOTED_SPEECH, join_notices

    items: list[TranscriptionItem] = []
    notices = {QUOTED_SPEECH: None}
    with console.progress() as bar:
        task = bar.add_task("Exporting", total=None)
        async for entry in _entries(inbox, arguments):
            item, of_item = views.transcription_item(entry, zone, inbox.account.clock())
            items.append(item)
            notices |= dict.fromkeys(of_item)
            bar.update(task, completed=len(items))
    return views.TranscriptionList(transcriptions=items, notice=join_notices(*notices))


async def _entries(inbox: "Inbox", arguments: argparse.Namespace) -> "AsyncIterator[Transcription]":
    from vm_mcp.inbox import ArchiveRequest

    if arguments.uuids:
        for entry in await inbox.history.look_up(await inbox.whole_uuids(arguments.uuids)):
            if entry.status != "missing":
                yield entry
        return
    request = ArchiveRequest(since=arguments.since, until=arguments.until, extension=arguments.extension)
    async for entry in inbox.history.transcriptions(request):
        yield entry


def _content(archived: "TranscriptionList", arguments: argparse.Namespace) -> str:
    from vm_mcp import views

    if arguments.format == "csv":
        return views.to_csv(archived.transcriptions, DELIMITERS[arguments.delimiter])
    if arguments.format == "json":
        return json.dumps(archived.model_dump(mode="json", exclude_defaults=True), indent=2, ensure_ascii=False) + "\n"
    return "".join(views.to_vtt(item) for item in archived.transcriptions)


def _write(content: str, arguments: argparse.Namespace) -> None:
    if arguments.output is None:
        console.write(content)
        return
    # Spreadsheets take a file for UTF-8 only if it begins with a byte order mark.
    encoding = "utf-8-sig" if arguments.format == "csv" else "utf-8"
    _save({arguments.output: content.encode(encoding)}, arguments)


def _write_folder(archived: "TranscriptionList", arguments: argparse.Namespace) -> None:
    from vm_mcp import views

    folder: Path = arguments.output
    files = {folder / f"voicemail-{_name(item)}.vtt": views.to_vtt(item).encode() for item in archived.transcriptions}
    _save(files, arguments)


def _name(item: "TranscriptionItem") -> str:
    """Return a file name from when the message was left and a digest of its uuid: the uuid is the vendor's text."""
    digest = hashlib.sha256(item.uuid.encode(errors="replace")).hexdigest()[:12]
    return f"{datetime.fromisoformat(item.received_at):%Y%m%d-%H%M%S}-{digest}" if item.received_at else digest


def _save(files: dict[Path, bytes], arguments: argparse.Namespace) -> None:
    """Write files; unless ``--overwrite`` is given, write none where one of them exists."""
    existing = [] if arguments.overwrite else [path for path in files if _is_file(path)]
    if existing:
        more = words(" (and {count} more)", count=len(existing) - 1) if existing[1:] else ""
        raise InputError(
            "Nothing was written, since {path} exists already{more}. Give another path as --output, or add "
            "--overwrite to replace it.",
            path=existing[0],
            more=more,
        )
    for path, content in files.items():
        _write_file(path, content)


def _is_file(path: Path) -> bool:
    # Before Python 3.14, Path's own methods raise where a folder may not be entered; writing then says what to do.
    return os.path.exists(path) and not os.path.isdir(path)  # noqa: PTH110, PTH112 - see above


def _write_file(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise VmError(
            "The export can't be written ({reason}). Give another path as --output.",
            reason=os_reason(error),
        ) from error


def _report(exported: int, missing: int, damaged: list[str]) -> None:
    console.say("Exported {transcripts}.", transcripts=counted(exported, "transcript"))
    if missing:
        console.say("Left out: {messages} without a transcript.", messages=counted(missing, "message"))
    if damaged:
        console.say(
            "Left out: {transcripts} that can't be read. To transcribe again: vm-mcp transcribe --refresh {uuids}",
            transcripts=counted(len(damaged), "transcript"),
            uuids=" ".join(damaged),
        )
