"""The arguments that commands share: the settings as flags, a range of time, JSON, numbers."""

import argparse
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from vm_mcp.config import Settings, load_settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name
"""What the program's commands are added to."""


class CommandParser(argparse.ArgumentParser):
    """An argparse parser whose usage errors are short, and name the command that was misused.

    argparse's own usage would list all the settings in front of every error, and report an argument that a command
    doesn't know as the whole program's.
    """

    def format_usage(self) -> str:
        """Return the usage for an error, without the settings; ``--help`` has them."""
        formatter = self._get_formatter()
        own = [action for action in self._actions if action.dest not in Settings.model_fields]
        formatter.add_usage(self.usage, own, self._mutually_exclusive_groups)
        return formatter.format_help()

    def parse_known_args(  # type: ignore[override]  # argparse overloads it for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse, and exit with an error for unknown arguments: argparse would leave that to the outermost parser."""
        parsed, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return parsed, unknown


def add_command(commands: Commands, name: str, help_text: str, description: str = "") -> argparse.ArgumentParser:
    """Add a command.

    Args:
        commands: The program's.
        name: As it is typed.
        help_text: For the list of commands, without a full stop.
        description: What its own ``--help`` begins with; empty: the help text.

    Returns:
        Its parser.
    """
    sentence = f"{help_text[:1].upper()}{help_text[1:]}."
    return commands.add_parser(name, help=help_text, description=description or sentence)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add every setting as a flag, except the keys: those would show in every process list."""
    group = parser.add_argument_group("settings", "Each takes precedence over the VM_MCP_ variable of the same name.")
    for name, setting in Settings.model_fields.items():
        if "SecretStr" in str(setting.annotation):
            continue
        flag = f"--{name.replace('_', '-')}"
        if setting.annotation is bool:
            group.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=setting.description)
        else:
            group.add_argument(flag, default=argparse.SUPPRESS, metavar="VALUE", help=setting.description)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """Return the settings of a command, its flags first.

    Raises:
        ConfigError: One is unusable.
    """
    return load_settings(flags_of(arguments))


def flags_of(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the settings among a command's arguments."""
    return {name: value for name, value in vars(arguments).items() if name in Settings.model_fields}


def add_range(parser: argparse.ArgumentParser, *, default: str) -> None:
    """Add a range of time and a mailbox; ``default`` says where the range begins by itself."""
    forms = "ISO date or time, today, yesterday, or an age such as 7d or 12h"
    parser.add_argument("--since", default="", metavar="WHEN", help=f"earliest time: {forms} (default: {default})")
    parser.add_argument("--until", default="", metavar="WHEN", help="latest time, in the same forms (default: now)")
    parser.add_argument("--extension", default="", metavar="NUMBER", help="only this mailbox, such as 1001")


def add_limit(parser: argparse.ArgumentParser, most: int) -> None:
    """Add a limit of 1 to ``most`` results."""
    parser.add_argument(
        "--limit", type=number(1, most), default=20, metavar="N", help=f"at most N, 1 to {most} (default: 20)"
    )


def add_json(parser: argparse.ArgumentParser, tool: str) -> None:
    """Add output for programs, in the shape of the tool that does the same."""
    parser.add_argument("--json", action="store_true", help=f"print JSON, in the shape of the tool {tool}")


def number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``least`` to ``most``, for argparse's ``type``."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"give a number from {least} to {most}")
        return int(text)

    return read
