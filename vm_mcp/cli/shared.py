"""What the commands share: the settings' flags, an inbox to work on, and how results and words get out.

Results go to stdout; what is said about them, and progress, go to stderr.
"""

import argparse
import asyncio
import io
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from vm_mcp.config import Settings, load_settings

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table
    from rich.text import Text

    from vm_mcp.inbox import Inbox, ListedVoicemail
    from vm_mcp.models import Voicemail

T = TypeVar("T")

PARTLY = 3
"""Exit status: some of what was asked for failed; the rest was printed."""
NOT_CONFIRMED = 4
"""Exit status: it has to be confirmed and was not; nothing was done."""
WIDE = 120
"""Columns of a table that goes into a file or a pipe."""
UNMARKED = "Doubtful words are not marked here; `vm-mcp show UUID` marks them."
MARKING = "marks them as read in the phone system, for everyone and for good"


class Parser(argparse.ArgumentParser):
    """Tells what is wrong in a few lines: by the command that it was said to, and without all the settings."""

    def format_usage(self) -> str:
        """Give the usage shown with an error: `--help` has the rest."""
        formatter = self._get_formatter()
        own = [action for action in self._actions if action.dest not in Settings.model_fields]
        formatter.add_usage(self.usage, own, self._mutually_exclusive_groups)
        return formatter.format_help()

    def parse_known_args(  # type: ignore[override]  # argparse overloads it for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Refuse what a command doesn't know; argparse would leave that to the whole program."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Offer every setting as a flag, except the keys."""
    group = parser.add_argument_group("settings", "Each wins over the VM_MCP_ variable of the same name.")
    for name, setting in Settings.model_fields.items():
        if "SecretStr" in str(setting.annotation):
            continue  # a key on the command line would show in every process list
        flag = f"--{name.replace('_', '-')}"
        if setting.annotation is bool:
            group.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=setting.description)
        else:
            group.add_argument(flag, default=argparse.SUPPRESS, metavar="VALUE", help=setting.description)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Read the settings, flags first.

    Raises:
        ConfigError: One is unusable.
    """
    return load_settings(flags_of(arguments))


def flags_of(arguments: argparse.Namespace) -> dict[str, object]:
    """Give the settings among a command's arguments."""
    return {name: value for name, value in vars(arguments).items() if name in Settings.model_fields}


def add_range(parser: argparse.ArgumentParser, *, default: str) -> None:
    """Offer a range of time and a mailbox."""
    forms = "ISO date or time, today, yesterday, or an age such as 7d or 12h"
    parser.add_argument("--since", default="", metavar="WHEN", help=f"earliest time: {forms} (default: {default})")
    parser.add_argument("--until", default="", metavar="WHEN", help="latest time, in the same forms (default: now)")
    parser.add_argument("--extension", default="", metavar="NUMBER", help="only this mailbox, such as 1001")


def add_json(parser: argparse.ArgumentParser, tool: str) -> None:
    """Offer output for programs."""
    parser.add_argument("--json", action="store_true", help=f"print JSON, as the tool {tool} structures it")


def number(least: int, most: int) -> Callable[[str], int]:
    """Read a number within bounds, for argparse."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"give a number from {least} to {most}")
        return int(text)

    return read


def with_inbox(settings: Settings, work: "Callable[[Inbox], Awaitable[T]]", *, listens: bool = False) -> T:
    """Do something with the inbox of these settings; without ``listens``, no speech engine is started for it."""
    from vm_mcp.cli.logs import configure_logging
    from vm_mcp.inbox import open_inbox

    configure_logging(settings)
    used = settings if listens else settings.model_copy(update={"engine": "none"})

    async def run() -> T:
        async with open_inbox(used) as inbox:
            await inbox.history.forget_old()
            return await work(inbox)

    return asyncio.run(run())


def print_json(answer: object) -> None:
    """Write a result for programs to stdout."""
    write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")


def write(text: str) -> None:
    """Write text to stdout, with the line ends of this computer."""
    _tolerate(sys.stdout)
    sys.stdout.write(text.replace("\r\n", "\n"))
    sys.stdout.flush()


def say(text: str) -> None:
    """Tell the person something about the result, on stderr."""
    _tolerate(sys.stderr)
    print(text, file=sys.stderr)


def output() -> "Console":
    """Give the console that results go to."""
    from rich.console import Console

    _tolerate(sys.stdout)
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDE)


def progress() -> "Progress":
    """Give a progress bar on stderr, which shows on a terminal alone."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    _tolerate(sys.stderr)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def table(*columns: str) -> "Table":
    """Begin a table of messages, which fits on 80 columns: the first column is theirs, see `message`."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, show_lines=True)
    made.add_column("Message", width=38, overflow="fold")
    for name in columns:
        made.add_column(name, overflow="fold")
    return made


def cells(*values: "str | Text") -> "Iterable[Text]":
    """Make cells of plain text: what a stranger wrote is never markup."""
    from rich.text import Text

    return (value if isinstance(value, Text) else Text(value) for value in values)


def message(uuid: str, voicemail: "Voicemail | None", zone: "ZoneInfo") -> "Text":
    """Show a message on three lines: when and for whom, who called, and the uuid by itself, to be copied."""
    from rich.text import Text

    if voicemail is None:
        return Text(uuid)
    length = "" if voicemail.duration_seconds is None else f"{voicemail.duration_seconds} s"
    extension = f"for {voicemail.extension}" if voicemail.extension else ""
    head = "  ".join(part for part in (when(voicemail.received_at, zone), extension, length) if part)
    return Text("\n").join([Text(head), Text(caller(voicemail)), Text(uuid, style="dim")])


def caller(voicemail: "Voicemail") -> str:
    """Name a caller."""
    parts = (voicemail.caller_id_name, voicemail.caller_id_number or "number hidden")
    return ", ".join(part for part in parts if part)


def heard(voicemail: "ListedVoicemail") -> str:
    """Tell who has heard a message."""
    shown = {"nobody": "nobody", "assistant": "assistant only", "person": "a person"}
    return shown.get(voicemail.heard_by or "", "read" if voicemail.is_read else "unread")


def counted(count: int, thing: str) -> str:
    """Say how many of something there are."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def when(moment: "datetime | None", zone: "ZoneInfo") -> str:
    """Write a moment for people."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "?"


def _tolerate(stream: object) -> None:
    """Keep a console without Turkish letters from ending the program."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
