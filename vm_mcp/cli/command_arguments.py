"""The arguments that commands share: the settings as flags, a range of time, JSON, numbers."""

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import ContextVar
from gettext import gettext
from typing import Any, NoReturn, TypeAlias

from vm_mcp.cli.spoken_language import argparse_speaking, spoken
from vm_mcp.config import Settings, load_settings
from vm_mcp.languages import PEOPLES_LANGUAGES, peoples_language
from vm_mcp.wording import Words, words

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name
"""What the program's commands are added to."""


class _MisusedError(Exception):
    """The command line is wrong; argparse has said so in English."""


_is_final: ContextVar[bool] = ContextVar("is_final", default=False)
"""Whether a usage error ends the program; set while a wrong command line is parsed once more."""


class SpokenHelp(argparse.HelpFormatter):
    """Writes help in the person's language.

    A text is translated when it is shown, and not when argparse tries out the help of an argument that is added: that
    would cost every start.
    """

    _is_shown = False

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: "Iterable[argparse._MutuallyExclusiveGroup]",
        prefix: str | None = None,
    ) -> None:
        """Add the usage line."""
        self._is_shown = True
        super().add_usage(usage, actions, groups, spoken("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        """Begin a group of arguments."""
        self._is_shown = True
        super().start_section(heading and spoken(heading))

    def add_text(self, text: str | None) -> None:
        """Add a paragraph."""
        super().add_text(text and spoken(text))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return spoken(action.help) if action.help and self._is_shown else action.help

    def _get_default_metavar_for_optional(self, action: argparse.Action) -> str:
        name = super()._get_default_metavar_for_optional(action)
        return spoken(name) if self._is_shown else name

    def _metavar_formatter(self, action: argparse.Action, default_metavar: str) -> Callable[[int], tuple[str, ...]]:
        names = super()._metavar_formatter(action, default_metavar)
        if not (action.metavar and self._is_shown):
            return names
        return lambda size: tuple(map(spoken, names(size)))


class CommandParser(argparse.ArgumentParser):
    """An argparse parser whose usage errors are short, in the person's language, and name the command that was misused.

    argparse's own usage would list all the settings in front of every error, and report an argument that a command
    doesn't know as the whole program's. Its own words are translated only where they are shown: a wrong command line
    is parsed once more, with argparse speaking the person's language.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - whatever argparse takes
        super().__init__(*args, **{"formatter_class": SpokenHelp, **options})

    def parse_args(  # type: ignore[override]  # argparse overloads it for other namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse, and exit with an error in the person's language if that fails."""
        with suppress(_MisusedError):
            return super().parse_args(args, namespace)
        token = _is_final.set(True)
        try:
            with argparse_speaking():
                return super().parse_args(args, namespace)
        finally:
            _is_final.reset(token)

    def error(self, message: str) -> NoReturn:
        """Exit with a short error; the first time, have the command line parsed once more."""
        if not _is_final.get():
            raise _MisusedError
        for name in (action.metavar for action in self._actions if not action.option_strings):
            message = message.replace(str(name), spoken(str(name))) if name else message
        super().error(message)

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
            self.error(gettext("unrecognized arguments: %s") % " ".join(unknown))
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
    sentence = words("{text:capital}.", text=Words.of(help_text))
    parser = commands.add_parser(name, help=help_text, description=description or sentence)
    add_language(parser)
    return parser


def add_language(parser: argparse.ArgumentParser) -> None:
    """Add the language that a person is spoken to in."""
    parser.add_argument(
        "--lang",
        choices=PEOPLES_LANGUAGES,
        type=lambda name: peoples_language(name) or name,
        default=argparse.SUPPRESS,
        help="language of texts and errors (default: VM_MCP_LANG, else this computer's)",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add every setting as a flag, except the keys: those would show in every process list."""
    group = parser.add_argument_group("settings", "Each takes precedence over the VM_MCP_ variable of the same name.")
    for name, setting in Settings.model_fields.items():
        if "SecretStr" in str(setting.annotation) or name == "lang":
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
    forms = words("ISO date or time, today, yesterday, or an age such as 7d or 12h")
    parser.add_argument(
        "--since",
        default="",
        metavar="WHEN",
        help=words("earliest time: {forms} (default: {default})", forms=forms, default=words(default)),
    )
    parser.add_argument("--until", default="", metavar="WHEN", help="latest time, in the same forms (default: now)")
    parser.add_argument("--extension", default="", metavar="NUMBER", help="only this mailbox, such as 1001")


def add_limit(parser: argparse.ArgumentParser, most: int) -> None:
    """Add a limit of 1 to ``most`` results."""
    parser.add_argument(
        "--limit",
        type=number(1, most),
        default=20,
        metavar="N",
        help=words("at most N, 1 to {most} (default: 20)", most=most),
    )


def add_json(parser: argparse.ArgumentParser, tool: str) -> None:
    """Add output for programs, in the shape of the tool that does the same."""
    parser.add_argument(
        "--json", action="store_true", help=words("print JSON, in the shape of the tool {tool}", tool=tool)
    )


def unusable(text: str, /, **values: object) -> argparse.ArgumentTypeError:
    """Return the error of an argument's ``type``, in the person's language: argparse would make it plain English."""
    return argparse.ArgumentTypeError(spoken(words(text, **values)))


def number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``least`` to ``most``, for argparse's ``type``."""

    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise unusable("give a number from {least} to {most}", least=least, most=most)
        return int(text)

    return read
