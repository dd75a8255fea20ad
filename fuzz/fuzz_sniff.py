"""Fuzz the detection of audio formats: it finds one or none, and looks at the first bytes only."""

import atheris

with atheris.instrument_imports(include=["vm_mcp"]):
    from vm_mcp.audio import sniff

from harness import fuzz

MP3 = ".mp3"


def read(data: bytes) -> None:
    """Detect the format of an input."""
    found = sniff(data)
    if found is None:
        return
    assert found.suffix.startswith(".")
    assert found.mime_type.startswith("audio/")
    # An MP3 frame without a tag is recognised by the frame after it.
    assert found.suffix == MP3 or sniff(data[:64]) == found


if __name__ == "__main__":
    fuzz(read, "sniff")
