"""The recordings that come with the simulator, and what is said in each."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "voices"
_MIME_TYPES = {".wav": "audio/x-wav", ".mp3": "audio/mpeg"}


@dataclass(frozen=True)
class Voice:
    """One recording. ``text`` is what is said in it; it and ``language`` are empty when nobody speaks."""

    name: str
    path: Path
    seconds: float
    language: str
    text: str
    names: tuple[str, ...]
    phones: tuple[str, ...]
    origin: str

    @property
    def mime_type(self) -> str:
        """MIME type of the file."""
        return _MIME_TYPES[self.path.suffix]

    def read(self) -> bytes:
        """Return the file's bytes, 20 to 240 kB."""
        return _read(self.path)


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()


@cache
def load_voices() -> dict[str, Voice]:
    """Return every recording by its name, such as ``tr01_randevu``."""
    entries = json.loads((_FOLDER / "voices.json").read_text(encoding="utf-8"))
    return {name: _voice(name, entry) for name, entry in entries.items()}


def _voice(name: str, entry: dict[str, object]) -> Voice:
    return Voice(
        name=name,
        path=_FOLDER / str(entry["file"]),
        seconds=float(str(entry["seconds"])),
        language=str(entry["language"]),
        text=str(entry["text"]),
        names=_strings(entry["names"]),
        phones=_strings(entry["phones"]),
        origin=str(entry["origin"]),
    )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
