"""Store every text that Python has: PostgreSQL's has no NUL, and a caller's name may.

NUL is written as two characters, the first of them a private one that no font or PBX uses; that one is written twice.
"""

from psycopg import adapters
from psycopg.adapt import AdaptersMap, Buffer
from psycopg.types.string import StrDumperUnknown, TextLoader

_ESCAPE = "\U0010f8ff"
_NUL, _ESCAPED = f"{_ESCAPE}0", _ESCAPE * 2


class _TextDumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(without_nul(obj))


class _TextLoader(TextLoader):
    def load(self, data: Buffer) -> str:
        text = str(super().load(data))
        if _ESCAPE not in text:
            return text
        return _ESCAPE.join(part.replace(_NUL, "\0") for part in text.split(_ESCAPED))


def text_adapters() -> AdaptersMap:
    """Return psycopg's adapters with ours for text in place of its own."""
    ours = AdaptersMap(adapters)
    ours.register_dumper(str, _TextDumper)
    ours.register_loader("text", _TextLoader)
    return ours


def without_nul(text: str) -> str:
    """Return a text as it is stored."""
    if "\0" not in text and _ESCAPE not in text:
        return text
    return text.replace(_ESCAPE, _ESCAPED).replace("\0", _NUL)
