"""Fuzz the detection of audio formats: it finds one or none, at the place that it says, and repairs no header badly."""

import contextlib

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.audio.formats import is_header_only, locate
    from vm_mcp.audio.headers import to_sources
    from vm_mcp.errors import AudioDecodeError

from harness import fuzz

HEAD = 64
FRAMES = {".mp3", ".aac", ".gsm"}


def read(data: bytes) -> None:
    """Detect the format of an input, and prepare it for FFmpeg."""
    located = locate(data)
    assert located or not is_header_only(data)
    if located is None:
        return
    found, offset = located
    assert found.suffix.startswith(".")
    assert found.mime_type.startswith("audio/")
    assert locate(data[offset:]) == (found, 0)
    # Frames are recognised by those after them, and what is behind an ID3 tag by its own first bytes.
    assert found.suffix in FRAMES or locate(data[: offset + HEAD]) == located
    with contextlib.suppress(AudioDecodeError):
        sources = to_sources(data, located)
        assert {source.demuxer for source in sources} <= {found.demuxer, "gsm"}
        # A header of ours may pad what the recorder's did not.
        assert sum(len(source.data) for source in sources) <= len(data) - offset + len(sources)


if __name__ == "__main__":
    fuzz(read, "sniff")
