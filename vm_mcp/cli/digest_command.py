"""``vm-mcp digest``: what is open, for people, and every morning by itself."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vm_mcp.cli import command_inbox, console
from vm_mcp.cli.command_arguments import Commands, add_command, add_settings, settings_of
from vm_mcp.cli.exit_status import ExitStatus
from vm_mcp.errors import ConfigError, InputError, VmError
from vm_mcp.os_reasons import os_reason

if TYPE_CHECKING:
    from vm_mcp.cli.digest.digest_mail import Outbox
    from vm_mcp.cli.digest.digest_material import DigestMaterial
    from vm_mcp.config import Settings
    from vm_mcp.views.digest import DigestDocument

FORMATS = ("text", "markdown", "html")


def add_to(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        "digest",
        "write what is open, to stdout, a file or by mail",
        "Write who waits for an answer and what they said, and who called without leaving a message. Marks nothing as "
        "read unless --transcribe is given. --schedule does it every day.",
    )
    parser.add_argument("--format", choices=FORMATS, default=None, help="form of the file or of stdout (default: text)")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="PATH", help="the file, which is replaced; readable only by you"
    )
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="send it there, as text and HTML, over your own mail server (VM_MCP_SMTP_HOST); may be repeated",
    )
    parser.add_argument("--only-if-open", action="store_true", help="write and send nothing when nothing is open")
    parser.add_argument(
        "--transcribe",
        action="store_true",
        help="first transcribe open messages; marks them as read in the phone system, for everyone and for good",
    )
    parser.add_argument("--since", default="", metavar="WHEN", help="earliest time, as in vm-mcp list (default: 30d)")
    parser.add_argument("--extension", default="", metavar="NUMBER", help="only this mailbox, such as 1001")
    parser.add_argument(
        "--schedule",
        default="",
        metavar="HH:MM",
        help="print the entry that has this computer do it every day at that time, with the other options as they are",
    )
    parser.add_argument("--install", action="store_true", help="install that entry, after asking")
    parser.add_argument("--uninstall", action="store_true", help="remove the installed entry, after asking")
    parser.add_argument("--yes", action="store_true", help="don't ask")
    add_settings(parser)
    parser.set_defaults(command=run)


def run(arguments: argparse.Namespace) -> int:
    """Write or send a digest, or schedule it.

    Returns:
        `ExitStatus.PARTLY_FAILED` when some of it failed: a transcription, or one of several recipients.

    Raises:
        InputError: The arguments contradict each other.
        VmError: The inbox can't be listed, or the digest can't be written or sent; the text says why.
    """
    settings = settings_of(arguments)
    _check(arguments, settings)
    if arguments.schedule or arguments.install or arguments.uninstall:
        from vm_mcp.cli.digest.schedule_command import run_schedule

        return run_schedule(arguments, settings)
    outbox = _outbox(arguments)
    from vm_mcp.cli.digest.digest_material import gather

    material = command_inbox.with_inbox(settings, lambda inbox: gather(inbox, arguments), listens=arguments.transcribe)
    is_sent_to_all = True
    if material.is_anything_open or not arguments.only_if_open:
        is_sent_to_all = _hand_out(material, arguments, settings, outbox)
    return ExitStatus.DONE if is_sent_to_all and material.is_complete else ExitStatus.PARTLY_FAILED


def _check(arguments: argparse.Namespace, settings: "Settings") -> None:
    """Raise an error where the arguments contradict each other or the settings."""
    if arguments.to and arguments.format and not arguments.out:
        raise InputError("A mail holds the digest as text and as HTML. Give --format with --out, or leave it out.")
    if arguments.transcribe and settings.read_only:
        raise ConfigError(
            "VM_MCP_READ_ONLY is set, and transcribing would mark messages as read. Unset it, or leave out "
            "--transcribe."
        )


def _outbox(arguments: argparse.Namespace) -> "Outbox | None":
    if not arguments.to:
        return None
    from vm_mcp.cli.digest.digest_mail import open_outbox

    return open_outbox(arguments.to)


def _hand_out(
    material: "DigestMaterial", arguments: argparse.Namespace, settings: "Settings", outbox: "Outbox | None"
) -> bool:
    """Write and send a digest; return whether everybody got it."""
    from vm_mcp.cli.digest.digest_content import digest_document, digest_subject

    document = digest_document(material, settings)
    if arguments.out:
        _write_file(arguments.out, _written(document, arguments.format).encode())
    if not outbox:
        if not arguments.out:
            console.write(_written(document, arguments.format))
        return True
    sent_at = material.overview.until.astimezone(settings.zone)
    refused = outbox.send(digest_subject(material, settings), document, sent_at)
    if refused:
        console.say("The mail server refused {recipients}; the others were sent to.", recipients=", ".join(refused))
    return not refused


def _written(document: "DigestDocument", form: str | None) -> str:
    from vm_mcp.views.digest import digest_html, digest_markdown, digest_text

    return {"markdown": digest_markdown, "html": digest_html}.get(form or "", digest_text)(document)


def _write_file(path: Path, content: bytes) -> None:
    from vm_mcp.files import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise VmError(
            "The digest can't be written ({reason}). Give another path as --out.",
            reason=os_reason(error),
        ) from error
