"""``vm-mcp show``: one message, and what was said in it."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console, message_text
from vm_mcp.cli.command_arguments import Commands, add_command, add_json, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.errors import ConfigError, PbxError
from vm_mcp.wording import Words, words

if TYPE_CHECKING:
    from vm_mcp.config import Settings
    from vm_mcp.inbox import Inbox, Transcription


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "show", "show one message, and its transcript if any; marks nothing as read")
    parser.add_argument("uuid", metavar="UUID", help="the message, as vm-mcp list shows it")
    add_json(parser, "get_transcripts")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Show a message.

    Raises:
        VmError: The PBX can't say, and the archive doesn't hold it; the text says why.
    """
    settings = settings_of(arguments)
    entry, problem = command_inbox.with_inbox(settings, lambda inbox: _look_up(inbox, arguments.uuid))
    if arguments.json:
        from vm_mcp import views

        console.print_json(views.transcriptions([entry], settings.zone, full=True, now=datetime.now(UTC)).as_json())
    else:
        _print(entry, settings)
    if problem:
        console.say("Shown as it was last listed: {problem}", problem=problem)
    return ExitStatus.DONE


async def _look_up(inbox: "Inbox", uuid: str) -> "tuple[Transcription, Words | None]":
    """Return the message, and why the PBX could not be asked for it; what the archive holds is worth showing then."""
    [uuid] = await inbox.whole_uuids([uuid])
    try:
        listed = await inbox.listing.one(uuid)
    except (PbxError, ConfigError) as error:
        [entry] = await inbox.history.look_up([uuid])
        if entry.voicemail is None and entry.transcript is None:
            raise
        return entry, error.words
    [entry] = await inbox.history.look_up([listed.uuid])
    return entry.model_copy(update={"voicemail": listed}), None


def _print(entry: "Transcription", settings: "Settings") -> None:
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in _facts(entry, settings).items():
        if value:
            table.add_row(*console.cells(name, value))
    console.output().print(table)
    if not entry.transcript:
        again = "--refresh " if entry.status == "failed" else ""
        console.say(
            "To see what was said: `vm-mcp transcribe {again}{uuid}`, which marks the message as read.",
            again=again,
            uuid=entry.uuid,
        )


def _facts(entry: "Transcription", settings: "Settings") -> dict[Words, str]:
    voicemail, transcript = entry.voicemail, entry.transcript
    facts = {words("UUID"): entry.uuid}
    if voicemail:
        facts |= {
            words("Received"): message_text.when(voicemail.received_at, settings.zone),
            words("Caller"): message_text.caller(voicemail),
            words("Extension"): voicemail.extension,
            words("Read"): message_text.when(voicemail.read_at, settings.zone) if voicemail.is_read else words("no"),
            words("Heard by"): message_text.heard(voicemail),
            words("State"): message_text.state(voicemail, settings.zone, datetime.now(UTC)),
        }
    if transcript:
        facts |= {
            words("Language"): ", ".join(transcript.languages),
            words("Engine"): f"{transcript.engine} {transcript.model}",
        }
    return facts | {words("Said"): message_text.said(entry, settings.zone, datetime.now(UTC))}
