"""Transcripts that an older release stored are read and shown."""

import json
import zlib
from typing import Any

import pytest

from vm_mcp.archive.transcript_bodies import decompress
from vm_mcp.doubt import show
from vm_mcp.errors import DamagedTranscriptError

TEXT = "Ben Mehmet, numaram 0532 417 28 93."


def stored(**more: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
    """Return a transcript's body with the fields of 0.1.0, and others."""
    words = [
        {"text": word, "start_seconds": at, "end_seconds": at + 1, "probability": 0.95}
        for at, word in enumerate(TEXT.split())
    ]
    segment = {
        "text": TEXT,
        "start_seconds": 0,
        "end_seconds": 9,
        "avg_logprob": -0.3,
        "no_speech_prob": 0.1,
        "words": words,
    }
    body = {"language": "tr", "segments": [segment], "duration_seconds": 9, "engine": "faster-whisper", "model": "base"}
    return zlib.compress(json.dumps(body | more).encode())


@pytest.mark.parametrize("more", [{}, {"notice": ""}, {"speech_seconds": 7.5}, {"untranscribed": []}])
def test_a_transcript_of_an_older_release_is_read_and_shown(more: dict[str, Any]) -> None:
    shown = show(decompress(stored(**more)))
    assert shown.text == TEXT
    assert [(number.number, number.is_valid) for number in shown.phone_numbers] == [("0532 417 28 93", True)]
    assert not shown.has_marks
    assert decompress(stored(**more)).peaks == ""


@pytest.mark.parametrize("body", [b"", b"x", zlib.compress(b"[]"), zlib.compress(b'{"language": 1}'), stored()[:-9]])
def test_a_body_that_cannot_be_read_says_what_to_do(body: bytes) -> None:
    with pytest.raises(DamagedTranscriptError, match="refresh"):
        decompress(body)
