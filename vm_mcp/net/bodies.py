"""Bodies of HTTP answers, read up to a limit that holds also for what a packed one unpacks to.

An HTTP library unpacks each chunk as a whole before anybody can count it, and as often as a header says: 64 kB that
were packed twice become 67 GB.
"""

import zlib
from collections.abc import AsyncIterator

ACCEPTED = "gzip"
"""For ``Accept-Encoding``, where packing is welcome."""

_PACKED = {"gzip", "x-gzip", "deflate"}
_EITHER_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's own


class PackingError(Exception):
    """The body is packed in a way that was not asked for, or is damaged."""


class BrokenOffError(Exception):
    """The body ended before its packing did."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes | None:
    """Read a body to its end, and unpack it.

    Args:
        chunks: As they came over the line.
        encoding: What ``Content-Encoding`` says; empty when there is none.
        max_bytes: How long the body may be, unpacked.

    Returns:
        None when it is longer.

    Raises:
        PackingError: It is packed twice, in an unknown way, or is damaged.
        BrokenOffError: It ended too early.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return await _read_plain(chunks, max_bytes)
    if encoding not in _PACKED:
        raise PackingError
    return await _read_packed(chunks, max_bytes)


async def _read_plain(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes | None:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)


async def _read_packed(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes | None:
    body, unpacker, has_begun = bytearray(), zlib.decompressobj(_EITHER_HEADER), False
    async for chunk in chunks:
        has_begun = has_begun or bool(chunk)
        body += _unpack(unpacker, chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            return None
    if has_begun and not unpacker.eof:
        raise BrokenOffError
    return bytes(body)


def _unpack(unpacker: "zlib._Decompress", chunk: bytes, at_most: int) -> bytes:
    try:
        return b"" if unpacker.eof else unpacker.decompress(chunk, at_most)
    except zlib.error:
        # Not chained: there is nothing in it to act on.
        raise PackingError from None
