"""The frames that the server and its worker process exchange: a JSON header, and bytes that are not encoded in it."""

import asyncio
import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_SIZES = struct.Struct(">II")


class Frame(NamedTuple):
    """One message between the processes."""

    header: dict[str, Any]
    body: bytes = b""


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """Return the frame's bytes: the sizes of header and body, 32 bits each, then both."""
    head = json.dumps(header).encode()
    return _SIZES.pack(len(head), len(body)) + head + body


def read(read_exactly: Callable[[int], bytes]) -> Frame:
    """Read a frame, blocking. Raises whatever ``read_exactly`` raises at the end of the stream."""
    head, body = _SIZES.unpack(read_exactly(_SIZES.size))
    return Frame(json.loads(read_exactly(head)), read_exactly(body))


async def receive(reader: asyncio.StreamReader) -> Frame:
    """Read a frame on the event loop.

    Raises:
        asyncio.IncompleteReadError: The stream ended.
    """
    head, body = _SIZES.unpack(await reader.readexactly(_SIZES.size))
    return Frame(json.loads(await reader.readexactly(head)), await reader.readexactly(body))
