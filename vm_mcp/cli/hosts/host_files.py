"""Reading and writing a host's configuration, which is somebody else's file."""

import json
import math
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from vm_mcp.errors import ConfigError
from vm_mcp.files import write_atomically

_BOM = b"\xef\xbb\xbf"


class Document(NamedTuple):
    """A configuration as it was read."""

    path: Path
    """Where it really is, whatever links lead there."""
    raw: bytes | None
    """None when there is none yet."""
    data: dict[str, Any]


def read(path: Path, *, by_hand: str = "") -> Document:
    """Read a configuration; one that is not there, or empty, holds nothing.

    Args:
        path: Its file.
        by_hand: What a person can do to a file that can't be understood, if anything but mending it.

    Raises:
        ConfigError: It can't be read, or is not the JSON that can be written again without losing something.
    """
    real = path.resolve()
    try:
        raw = real.read_bytes() if real.exists() else None
    except OSError as error:
        raise ConfigError(f"{path} can't be read. Check its rights, then try again.") from error
    return Document(real, raw, _parse(path, raw, by_hand) if raw and raw.strip() else {})


def write(document: Document, data: dict[str, Any]) -> Path | None:
    """Replace a configuration at once, or not at all.

    Returns:
        The copy of what was there before, if there was something; it is as private as the file itself.

    Raises:
        ConfigError: It can't be written, or was changed since it was read.
    """
    kept: list[Path] = []

    def keep_what_is_there() -> None:
        _check_unchanged(document)
        kept.extend(_back_up(document.path))

    try:
        write_atomically(
            document.path, _serialise(data, document.raw), keep_mode=True, before_replace=keep_what_is_there
        )
    except OSError as error:
        raise ConfigError(
            f"{document.path} can't be written. Check the rights of its folder, then try again."
        ) from error
    return kept[0] if kept else None


def _parse(path: Path, raw: bytes, by_hand: str) -> dict[str, Any]:
    try:
        data = json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        what_to_do = f"Mend it, or {by_hand} by hand." if by_hand else "Mend it."
        raise ConfigError(
            f"{path} is not plain JSON (comments, a comma too many, a key twice?), so nothing was changed. {what_to_do}"
        ) from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path} holds no JSON object, so nothing was changed. Mend it, then try again.")
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _serialise(data: dict[str, Any], before: bytes | None) -> bytes:
    """Write JSON in the file's own style: its indent, its line ends, its byte order mark."""
    style = before or b""
    indent = re.match(rb"[\xef\xbb\xbf\s]*\{\s*?\r?\n([ \t]+)", style)
    step = indent[1].decode() if indent else "  "
    try:
        encoded = json.dumps(data, indent=step, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, which JSON can write in ASCII alone
        encoded = json.dumps(data, indent=step).encode()
    encoded += b"\n"
    if b"\r\n" in style:
        encoded = encoded.replace(b"\n", b"\r\n")
    return (_BOM if style.startswith(_BOM) else b"") + encoded


def _check_unchanged(document: Document) -> None:
    path = document.path
    if (path.read_bytes() if path.exists() else None) != document.raw:
        raise ConfigError(f"{path} was changed by another program meanwhile. Close it, then try again.")


def _back_up(path: Path) -> list[Path]:
    if not path.exists():
        return []
    kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.bak")
    shutil.copy2(path, kept)
    return [kept]
