"""``vm-mcp show``: one message, and what was said in it."""

import argparse
from typing import TYPE_CHECKING

from vm_mcp.cli import shared
from vm_mcp.cli.transcribe_command import said
from vm_mcp.errors import ConfigError, PbxError

if TYPE_CHECKING:
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox, Transcription


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    help_text = "show one message, and its transcript if there is one; marks nothing as read"
    parser = commands.add_parser("show", help=help_text, description=help_text.capitalize() + ".")
    parser.add_argument("uuid", metavar="UUID", help="the message, as vm-mcp list shows it")
    shared.add_json(parser, "get_transcripts")
    shared.add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Show it.

    Raises:
        VmError: It can't be done, or nothing is known of it; the text says why.
    """
    settings = shared.settings_of(arguments)
    entry, outdated = shared.with_inbox(settings, lambda inbox: _look_up(inbox, arguments.uuid))
    if arguments.json:
        from vm_mcp import views

        shared.print_json(views.transcriptions([entry], settings.zone, full=True).as_json())
    else:
        _print(entry, settings)
    if outdated:
        shared.say(f"Shown as it was last listed: {outdated}")
    return 0


async def _look_up(inbox: "Inbox", uuid: str) -> "tuple[Transcription, str]":
    """Ask the PBX for the message; what is archived is worth showing without."""
    try:
        listed = await inbox.listing.one(uuid)
    except (PbxError, ConfigError) as error:
        [entry] = await inbox.history.look_up([uuid])
        if entry.voicemail is None and entry.transcript is None:
            raise
        return entry, str(error)
    [entry] = await inbox.history.look_up([listed.uuid])
    return entry.model_copy(update={"voicemail": listed}), ""


def _print(entry: "Transcription", settings: "Settings") -> None:
    from rich.table import Table

    from vm_mcp.inbox import ListedVoicemail

    voicemail, transcript = entry.voicemail, entry.transcript
    facts = {"UUID": entry.uuid}
    if voicemail:
        facts |= {
            "Received": shared.when(voicemail.received_at, settings.zone),
            "Caller": shared.caller(voicemail),
            "Extension": voicemail.extension,
            "Read": shared.when(voicemail.read_at, settings.zone) if voicemail.is_read else "no",
            "Heard by": shared.heard(voicemail) if isinstance(voicemail, ListedVoicemail) else "",
        }
    if transcript:
        facts |= {"Language": transcript.language, "Engine": f"{transcript.engine} {transcript.model}"}
    shown = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (facts | {"Said": said(entry)}).items():
        if value:
            shown.add_row(*shared.cells(name, value))
    shared.output().print(shown)
    if not transcript:
        again = "--refresh " if entry.status == "failed" else ""
        shared.say(f"`vm-mcp transcribe {again}{entry.uuid}` tells what was said; it marks the message as read.")
