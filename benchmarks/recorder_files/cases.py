"""One recording as a recorder writes it."""

from collections.abc import Callable
from dataclasses import dataclass

from recorder_files.second import Decoder, by_soundfile

G726 = "FFmpeg and libsndfile disagree about G.726"


@dataclass(frozen=True)
class Case:
    """A recording to make, and who else decodes it."""

    recorder: str
    what: str
    suffix: str
    make: Callable[[], bytes]
    second: Decoder = by_soundfile
    is_refused: bool = False
    """Whether nothing in its bytes says what it is, or no decoder for it is free."""
    differs: str = ""
    """Why both decoders differ, where that is known and no fault of ours."""
    is_joined: bool = False
    """Whether it is made of two, of which the second may come a moment earlier or later."""


def written(make: Callable[[], bytes]) -> Decoder:
    """Return a decoder that knows what was recorded, for files that no other program reads."""

    def recorded(data: bytes, suffix: str) -> bytes:  # noqa: ARG001  # a decoder's
        return make()

    return recorded
