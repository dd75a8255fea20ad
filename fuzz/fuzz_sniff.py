"""Recordings' first bytes: a format or none, told by the head alone."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.audio import sniff

from harness import fuzz

MP3 = ".mp3"


def read(data: bytes) -> None:
    """Sniff an input."""
    found = sniff(data)
    if found is None:
        return
    assert found.suffix.startswith(".")
    assert found.mime_type.startswith("audio/")
    # Only a bare MP3 frame is told by what follows it.
    assert found.suffix == MP3 or sniff(data[:64]) == found


if __name__ == "__main__":
    fuzz(read, "sniff")
