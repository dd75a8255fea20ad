"""Requests to a speech server: direct ones, those of vm-mcp's own client, and the messages to send.

The messages are the simulator's voices, on the telephone: what a caller would say.
"""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import av
import httpx
import numpy as np
from pydantic import SecretStr

from vm_mcp import audio
from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.remote.endpoint import api_base
from vm_mcp.asr.remote.recording_parts import write_wav
from vm_mcp.models import Transcript
from vm_mcp.simulator import load_voices

LANGUAGES = ("tr", "en")
TURKISH, ENGLISH, NUMBER = "tr01_randevu", "en01_callback", "tr02_geri_ara"
LONG = (TURKISH, "tr05_klinik", NUMBER)
"""Voices whose messages, one after the other, take 48 seconds."""
GREETING, GREETING_SECONDS = "tr05_klinik", 2.1
"""A voice that begins with two words, and how long they take."""
_ASK_SECONDS = 600.0


class Server(NamedTuple):
    """A server, and what it is reached with."""

    url: str
    key: str = ""
    model: str = ""


class Reply(NamedTuple):
    """What the server answered."""

    status: int
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """The text; empty if there is none."""
        return str(self.body.get("text") or "").strip()


async def ask(server: Server, recording: bytes, **fields: str) -> Reply:
    """Send one request as a program of few lines would, without a retry."""
    known = audio.sniff(recording)
    assert known  # noqa: S101 - made here
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    sent = {"model": server.model, "response_format": "verbose_json", "temperature": "0"} | fields
    files = {"file": (f"voicemail{known.suffix}", recording, known.mime_type)}
    async with httpx.AsyncClient(timeout=_ASK_SECONDS, trust_env=False) as client:
        url = f"{api_base(server.url)}/audio/transcriptions"
        response = await client.post(url, headers=headers, data=sent, files=files)
    try:
        body = response.json()
    except ValueError:
        body = {}
    return Reply(response.status_code, body if isinstance(body, dict) else {})


@asynccontextmanager
async def transcriber(server: Server) -> AsyncIterator[RemoteTranscriber]:
    """Open vm-mcp's own client."""
    remote = RemoteTranscriber(server.url, SecretStr(server.key), server.model, LANGUAGES)
    try:
        yield remote
    finally:
        await remote.aclose()


async def hear(server: Server, recording: bytes) -> Transcript:
    """Transcribe as vm-mcp does for a message, after the trial that comes before it is opened."""
    async with transcriber(server) as remote:
        await remote.prepare()
        return await remote.transcribe(recording, TranscribeOptions())


async def named_model(server: Server) -> Server:
    """Return the server with the name of its model, which vm-mcp finds out if none is given."""
    async with transcriber(server) as remote:
        await remote.prepare()
        found = await remote.transcribe(write_wav(greeting()), TranscribeOptions())
    return server._replace(model=found.model)


def voice(name: str) -> bytes:
    """Return a voice's file: A-law at 8 kHz, or MP3."""
    return load_voices()[name].read()


def sound(*names: str) -> "audio.Samples":
    """Return what some voices say, one after the other."""
    return np.concatenate([audio.decode(voice(name)) for name in names])


def greeting() -> "audio.Samples":
    """Return two words."""
    return sound(GREETING)[: round(GREETING_SECONDS * audio.SAMPLE_RATE)]


def recordings() -> dict[str, bytes]:
    """Return the two words in several formats, by their names."""
    samples = greeting()
    encoded = {label: _encoded(samples, *how) for label, how in _ENCODINGS.items()}
    return {"PCM": write_wav(samples), **encoded}


_ENCODINGS = {
    "A-law": ("wav", "pcm_alaw", "s16", 8_000),
    "MP3": ("mp3", "libmp3lame", "s16p", 16_000),
    "ADPCM": ("wav", "adpcm_ms", "s16", 8_000),
    "Opus": ("ogg", "libopus", "s16", 16_000),
}


def _encoded(samples: "audio.Samples", container: str, codec: str, layout: str, rate: int) -> bytes:
    buffer = io.BytesIO()
    wanted = np.round(samples[:: audio.SAMPLE_RATE // rate] * 32767).astype("<i2").reshape(1, -1)
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - all of these codecs are for sound
        frame = av.AudioFrame.from_ndarray(wanted, format=layout, layout="mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            output.mux(packet)
    return buffer.getvalue()
