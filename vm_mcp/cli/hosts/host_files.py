"""Read and write a host's configuration file, losing nothing that its owner put there."""

import json
import math
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from vm_mcp.errors import ConfigError
from vm_mcp.files import write_atomically
from vm_mcp.os_reasons import os_reason
from vm_mcp.wording import Words, words

_BOM = b"\xef\xbb\xbf"


class Document(NamedTuple):
    """A configuration file as it was read."""

    path: Path
    """Its real path, with symbolic links resolved."""
    raw: bytes | None
    """None when the file doesn't exist yet."""
    data: dict[str, Any]


def read(path: Path, *, by_hand: Words | None = None) -> Document:
    """Read a configuration file; a missing or empty one holds no data.

    Args:
        path: The file.
        by_hand: For the error's text: what the user can do by hand to a file that can't be parsed.

    Raises:
        ConfigError: It can't be read, or holds what would be lost in writing it again, such as comments.
    """
    real = path.resolve()
    try:
        raw = real.read_bytes() if real.exists() else None
    except OSError as error:
        raise ConfigError("{path} can't be read. Check its permissions, then try again.", path=path) from error
    return Document(real, raw, _parse(path, raw, by_hand) if raw and raw.strip() else {})


def write(document: Document, data: dict[str, Any]) -> Path | None:
    """Replace a configuration file in one step.

    Returns:
        The copy of the file as it was before, with the same permissions; None when there was no file.

    Raises:
        ConfigError: It can't be written, or was changed since it was read; it was left as it was.
    """
    copies: list[Path] = []

    def check_and_back_up() -> None:
        _check_unchanged(document)
        copies.extend(_back_up(document.path))

    try:
        write_atomically(
            document.path, _serialise(data, document.raw), keep_mode=True, before_replace=check_and_back_up
        )
    except OSError as error:
        raise ConfigError(
            "{path} can't be written ({reason}). Make room or correct the permissions of its folder, then try again.",
            path=document.path,
            reason=os_reason(error),
        ) from error
    return copies[0] if copies else None


def _parse(path: Path, raw: bytes, by_hand: Words | None) -> dict[str, Any]:
    try:
        data = json.loads(
            raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        advice = (
            words("Correct it, or {by_hand} by hand.", by_hand=by_hand)
            if by_hand
            else words("Correct it, then try again.")
        )
        raise ConfigError(
            "{path} is not plain JSON (a comment, an extra comma, the same key twice?), so nothing was changed. "
            "{advice}",
            path=path,
            advice=advice,
        ) from error
    if not isinstance(data, dict):
        raise ConfigError("{path} is not a JSON object, so nothing was changed. Correct it, then try again.", path=path)
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key occurs twice")
    return data


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _serialise(data: dict[str, Any], before: bytes | None) -> bytes:
    """Return JSON in the file's own style: its indent, its line ends, its byte order mark."""
    style = before or b""
    indent = re.match(rb"[\xef\xbb\xbf\s]*\{\s*?\r?\n([ \t]+)", style)
    step = indent[1].decode() if indent else "  "
    try:
        encoded = json.dumps(data, indent=step, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate, which only JSON's ASCII form can express
        encoded = json.dumps(data, indent=step).encode()
    encoded += b"\n"
    if b"\r\n" in style:
        encoded = encoded.replace(b"\n", b"\r\n")
    return (_BOM if style.startswith(_BOM) else b"") + encoded


def _check_unchanged(document: Document) -> None:
    path = document.path
    if (path.read_bytes() if path.exists() else None) != document.raw:
        raise ConfigError(
            "{path} was changed by another program just now. Close that program, then try again.", path=path
        )


def _back_up(path: Path) -> list[Path]:
    if not path.exists():
        return []
    backup = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.bak")
    shutil.copy2(path, backup)
    return [backup]
