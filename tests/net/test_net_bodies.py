"""A body never takes more memory than allowed, whatever it decompresses to."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vm_mcp.net.bodies import ContentEncodingError, TruncatedBodyError, read_body

MEGABYTE = 1_000_000


async def _each(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def read(chunks: Iterable[bytes], encoding: str = "", max_bytes: int = MEGABYTE) -> bytes | None:
    return asyncio.run(read_body(_each(chunks), encoding, max_bytes))


def pieces(data: bytes, size: int = 64 * 1024) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@given(st.binary(max_size=2_000), st.integers(1, 500), st.sampled_from(["gzip", "x-gzip", "GZIP", "deflate"]))
def test_a_compressed_body_is_decompressed_however_it_is_cut(data: bytes, size: int, encoding: str) -> None:
    compressed = zlib.compress(data) if encoding == "deflate" else gzip.compress(data)
    assert read(pieces(compressed, size), encoding) == data
    assert read(pieces(data, size), "identity") == data


@given(st.binary(max_size=300), st.integers(0, 300))
def test_more_than_allowed_is_none_and_exactly_as_much_is_returned(data: bytes, allowed: int) -> None:
    expected = data if len(data) <= allowed else None
    assert read(pieces(data, 7), max_bytes=allowed) == expected
    assert read(pieces(gzip.compress(data), 7), "gzip", max_bytes=allowed) == expected


def test_a_bomb_takes_no_more_memory_than_was_allowed() -> None:
    bomb = pieces(gzip.compress(bytes(200 * MEGABYTE)))
    tracemalloc.start()
    try:
        assert read(bomb, "gzip") is None
        assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "compress", "x" * 1000])
def test_what_is_compressed_twice_or_in_a_way_nobody_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(ContentEncodingError):
        read([gzip.compress(gzip.compress(b"a"))], encoding)


@given(st.binary(min_size=3, max_size=200))
def test_any_bytes_said_to_be_compressed_are_decompressed_or_refused(data: bytes) -> None:
    try:
        read([data], "gzip")
    except (ContentEncodingError, TruncatedBodyError):
        return


def test_a_compressed_body_that_ends_too_early_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(TruncatedBodyError):
        read([gzip.compress(b"every word of it")[:-9]], "gzip")
    assert read([], "gzip") == b""
