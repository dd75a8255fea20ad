"""Read response bodies under a size limit that also applies after decompression.

httpx decompresses each chunk whole before anyone can count its bytes, as many times as ``Content-Encoding`` says: 64 kB
compressed twice become 67 GB. So bodies are read raw and decompressed here, with an upper bound on each step.
"""

import zlib
from collections.abc import AsyncIterator

ACCEPTED = "gzip"
"""Value for ``Accept-Encoding``."""

_COMPRESSED = {"gzip", "x-gzip", "deflate"}
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # zlib detects which header it is


class ContentEncodingError(Exception):
    """The body's compression was not asked for, or its compressed data is corrupt."""


class TruncatedBodyError(Exception):
    """The body ended before its compressed data did."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes | None:
    """Read a response body to its end and decompress it.

    Args:
        chunks: The raw bytes, as received.
        encoding: Value of ``Content-Encoding``; empty when there is none.
        max_bytes: Largest size of the decompressed body, in bytes.

    Returns:
        The decompressed body; None when it is larger than ``max_bytes``.

    Raises:
        ContentEncodingError: The body is compressed twice or in an unknown way, or is corrupt.
        TruncatedBodyError: The body ended before its compressed data did.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return await _read_plain(chunks, max_bytes)
    if encoding not in _COMPRESSED:
        raise ContentEncodingError
    return await _read_compressed(chunks, max_bytes)


async def _read_plain(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes | None:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            return None
    return bytes(body)


async def _read_compressed(chunks: AsyncIterator[bytes], max_bytes: int) -> bytes | None:
    body, decompressor, has_data = bytearray(), zlib.decompressobj(_GZIP_OR_ZLIB), False
    async for chunk in chunks:
        has_data = has_data or bool(chunk)
        # One byte more than allowed tells a body that is too large from one that just fits.
        body += _decompress(decompressor, chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes:
            return None
    if has_data and not decompressor.eof:
        raise TruncatedBodyError
    return bytes(body)


def _decompress(decompressor: "zlib._Decompress", chunk: bytes, max_bytes: int) -> bytes:
    try:
        return b"" if decompressor.eof else decompressor.decompress(chunk, max_bytes)
    except zlib.error:
        # Not chained: zlib's text holds nothing to act on.
        raise ContentEncodingError from None
