"""Fuzz the detection of audio formats: it finds one or none, at the place that it says, and repairs no header badly."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.audio.formats import is_header_only, locate
    from vm_mcp.audio.headers import to_source

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
    source = to_source(data, located)
    assert source.demuxer in {found.demuxer, "gsm"}
    assert len(source.data) <= len(data) - offset


if __name__ == "__main__":
    fuzz(read, "sniff")
