"""The language that the command line speaks, and its texts in that language.

``--lang`` goes first, then ``VM_MCP_LANG``, in the environment or the settings file, then the locale, then what Windows
or macOS is set to. Nothing is asked until a text is shown to a person.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar

from vm_mcp.languages import PEOPLES_LANGUAGES, peoples_language

VARIABLE = "VM_MCP_LANG"
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""In the order that POSIX gives them; the first that is set and not empty counts, whatever it names."""

_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)
"""The language; None: not asked for yet."""


def spoken(text: str) -> str:
    """Return a text in the person's language."""
    language = language_in_use()
    if language == "en":
        return str(text)
    from vm_mcp.translation import translate

    return translate(text, language)


@contextmanager
def speaking(arguments: Sequence[str]) -> Iterator[None]:
    """Speak the language that a command line names; empty: that of the settings or the computer."""
    token = _spoken.set(named_language(arguments) or None)
    try:
        yield
    finally:
        _spoken.reset(token)


@contextmanager
def argparse_speaking() -> Iterator[None]:
    """Have argparse, which asks gettext, speak the person's language."""
    import gettext

    from vm_mcp.translation import DOMAIN, FOLDER

    before, named = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(FOLDER))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = language_in_use()
    try:
        yield
    finally:
        gettext.textdomain(before)
        del os.environ["LANGUAGE"]
        os.environ.update({"LANGUAGE": named} if named is not None else {})


def named_language(arguments: Sequence[str]) -> str:
    """Return the language that ``--lang`` names, before anything is parsed; empty if it names none."""
    line = " ".join(arguments)
    found = re.findall(r"(?:^| )--lang[= ](\S+)", line.partition(" -- ")[0])
    return peoples_language(found[-1]) if found else ""


def locale_language(environment: Mapping[str, str]) -> str:
    """Return the language of a POSIX locale; empty if none is set, English for one that vm-mcp doesn't speak."""
    named = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    return (peoples_language(named) or "en") if named else ""


def language_in_use() -> str:
    """Return the language that the command line speaks, such as ``tr``."""
    language = _spoken.get()
    if language is None:
        language = _set_language() or locale_language(os.environ) or _system_language()
        _spoken.set(language)
    return language


def _set_language() -> str:
    """Return the language that a setting names; a settings file that can't be read is reported elsewhere."""
    from vm_mcp.config import in_file

    with suppress(OSError, UnicodeDecodeError):
        named = os.environ.get(VARIABLE) or str(in_file().get("lang") or "")
        return peoples_language(named)
    return ""


def _system_language() -> str:
    from vm_mcp.operating_system import this_system

    return peoples_language(this_system().language()) or PEOPLES_LANGUAGES[0]
