"""Translate texts for people, by the gettext catalogues in ``vm_mcp/locale``.

Nothing that a desk's server does at its start needs this module; `tests/test_start.py` keeps it so. Whoever changes a
text runs ``uv run python scripts/translations.py``, which updates the catalogues.
"""

import functools
import gettext
import string
from pathlib import Path

from vm_mcp.wording import CAPITAL, Words

DOMAIN = "vm_mcp"
FOLDER = Path(__file__).parent / "locale"


class Catalogue(string.Formatter):
    """One language's catalogue, and how the language writes numbers and capitals."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._messages = gettext.translation(DOMAIN, FOLDER, [language], fallback=True)

    def translate(self, text: str) -> str:
        """Return a text in the language; one that is no message of the catalogue stays as it is."""
        if not isinstance(text, Words):
            return self._find(text)
        message = (
            self._messages.ngettext(text.message, text.plural, text.number) if text.plural else self._find(text.message)
        )
        return self.vformat(message, (), text.values) if text.values else message

    def format_field(self, value: object, format_spec: str) -> str:
        """Return a value as it is written in the language."""
        if isinstance(value, Words):
            text = self.translate(value)
            return self._capitalise(text) if format_spec == CAPITAL else format(text, format_spec)
        written: str = format(value, format_spec)
        return written.replace(".", ",") if isinstance(value, float) and self._language == "tr" else written

    def _find(self, message: str) -> str:
        return self._messages.gettext(message) if message else message  # the catalogue's header is under the empty text

    def _capitalise(self, text: str) -> str:
        first = "İ" if self._language == "tr" and text[:1] == "i" else text[:1].upper()
        return first + text[1:]


def translate(text: str, language: str) -> str:
    """Return a text in a language: ``tr``, or ``en``, in which it is written."""
    return str(text) if language == "en" else _catalogue(language).translate(text)


@functools.cache
def _catalogue(language: str) -> Catalogue:
    return Catalogue(language)
