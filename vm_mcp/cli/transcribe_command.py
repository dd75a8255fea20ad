"""``vm-mcp transcribe``: what was said."""

import argparse
from typing import TYPE_CHECKING

from vm_mcp.cli import list_command as listing
from vm_mcp.cli import shared
from vm_mcp.errors import ConfigError, InputError
from vm_mcp.models import NO_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox, Transcription

NO_END = 365 * 86400.0
"""Seconds to wait: nobody cuts a command off but the person at the keyboard."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    help_text = f"tell what was said in messages; {shared.MARKING}"
    parser = commands.add_parser(
        "transcribe",
        help=help_text,
        description="Tell what was said in messages, given by uuid or chosen by the filters below. Retrieval "
        f"messages {shared.MARKING}; what was transcribed before is not opened again.",
    )
    parser.add_argument("uuids", nargs="*", metavar="UUID", help="messages, as vm-mcp list shows them")
    listing.add_filters(parser, status="unheard")
    parser.add_argument("--language", default="auto", metavar="CODE", help="auto, or a code such as tr (default: auto)")
    parser.add_argument("--refresh", action="store_true", help="transcribe again what was transcribed before")
    shared.add_json(parser, "transcribe_voicemails")
    shared.add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Transcribe; `shared.PARTLY` when some could not be.

    Raises:
        VmError: None could be; the text says why.
    """
    filters = (arguments.status, arguments.since, arguments.until, arguments.extension, arguments.caller)
    if bool(arguments.uuids) == any(filters):
        raise InputError("Say which: uuids as `vm-mcp list` shows them, or a filter such as --status unheard.")
    settings = shared.settings_of(arguments)
    if settings.read_only:
        raise ConfigError("VM_MCP_READ_ONLY is set, and transcribing marks messages as read. `vm-mcp show` opens none.")
    entries = shared.with_inbox(settings, lambda inbox: _transcribe(inbox, arguments), listens=True)
    print_transcriptions(entries, settings, as_json=arguments.json)
    failed = sum(entry.status == "failed" for entry in entries)
    if failed:
        shared.say(f"{failed} of {len(entries)} could not be transcribed.")
    return shared.PARTLY if failed else 0


async def _transcribe(inbox: "Inbox", arguments: argparse.Namespace) -> "list[Transcription]":
    uuids = arguments.uuids or await _chosen(inbox, arguments)
    if not uuids:
        shared.say("No message matches.")
        return []
    known = [] if arguments.refresh else [e for e in await inbox.history.look_up(uuids) if e.status != "missing"]
    opened = len(dict.fromkeys(uuids)) - len(known)
    if opened:
        counted = shared.counted(opened, "message")
        shared.say(
            f"About to open {counted}. What is opened is marked as read in the phone system, for everyone and for good."
        )
    language = "" if arguments.language == "auto" else arguments.language
    with shared.progress() as bar:
        task = bar.add_task("Transcribing", total=len(uuids))

        async def on_progress(done: float, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await inbox.transcribing.transcribe(
            uuids, language=language, wait_seconds=NO_END, refresh=arguments.refresh, on_progress=on_progress
        )


async def _chosen(inbox: "Inbox", arguments: argparse.Namespace) -> list[str]:
    page = await inbox.list_voicemails(listing.request(arguments, "unheard"))
    if page.next_cursor:
        shared.say(f"More than {arguments.limit} match; the newest are taken. Raise --limit to take more.")
    if page.notice:
        shared.say(page.notice)
    return [voicemail.uuid for voicemail in page.voicemails]


def print_transcriptions(entries: "Sequence[Transcription]", settings: "Settings", *, as_json: bool) -> None:
    """Write transcriptions to stdout, as a table or as JSON."""
    if as_json:
        from vm_mcp import views

        shared.print_json(views.transcriptions(entries, settings.zone, full=True).as_json())
    elif entries:
        shown = shared.table("What was said")
        for entry in entries:
            message = shared.message(entry.uuid, entry.voicemail, settings.zone)
            shown.add_row(*shared.cells(message, said(entry)))
        shared.output().print(shown)


def said(entry: "Transcription") -> str:
    """Show what was said, with its doubts, and the telephone numbers in it; or why that isn't known."""
    from vm_mcp import doubt

    if entry.transcript is None:
        return entry.error or "(not transcribed yet)"
    number = entry.voicemail.caller_id_number if entry.voicemail else ""
    name = entry.voicemail.caller_id_name if entry.voicemail else ""
    shown = doubt.show(entry.transcript, caller_number=number, caller_name=name)
    numbers = [f"{phone.number}: {phone.verdict or 'said in the message'}" for phone in shown.phone_numbers]
    return "\n".join([shown.text or NO_WORDS, *numbers])
