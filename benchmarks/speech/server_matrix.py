"""What a speech server with OpenAI's transcription API honours: asked directly, and through vm-mcp's own client."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import httpx
import numpy as np

from speech import wording
from speech.server_requests import (
    ENGLISH,
    LANGUAGES,
    LONG,
    NUMBER,
    TURKISH,
    Reply,
    Server,
    ask,
    greeting,
    hear,
    recordings,
    sound,
    transcriber,
    voice,
)
from vm_mcp import audio
from vm_mcp.asr import TranscribeOptions
from vm_mcp.asr.remote import RemoteTranscriber
from vm_mcp.asr.remote.recording_parts import write_wav
from vm_mcp.errors import VmError
from vm_mcp.models import Transcript
from vm_mcp.simulator import load_voices

_NO_SUCH = "no-such-thing"


class Finding(NamedTuple):
    """One thing that was tried."""

    tried: str
    server: str
    """What the server does by itself."""
    ours: str
    """What vm-mcp makes of it."""


async def first_answer(server: Server) -> Finding:
    """Measure the trial before the first message, for which a server may load the model, and the next."""
    seconds = []
    for _ in range(2):
        async with transcriber(server) as remote:
            started = time.monotonic()
            await remote.prepare()
            seconds.append(time.monotonic() - started)
    return Finding("first answer", "", f"{seconds[0]:.1f} s, then {seconds[1]:.1f} s")


async def language(server: Server, name: str) -> Finding:
    """Send a message without a language, in its own, and in the other."""
    spoken = load_voices()[name]
    other = next(code for code in LANGUAGES if code != spoken.language)
    parts = []
    for named in ("", spoken.language, other):
        reply = await ask(server, spoken.read(), **({"language": named} if named else {}))
        parts.append(
            f"{named or 'none'}: {_judged(reply, spoken.text, spoken.language)} as {reply.body.get('language')}"
        )
    heard = await hear(server, spoken.read())
    wer = _wer(spoken.text, heard.text, spoken.language)
    return Finding(f"{name}, {spoken.language}", "; ".join(parts), f"{wer:.0f} % wrong as {heard.language}")


async def short(server: Server) -> Finding:
    """Send the first two words of a message, a second and a half."""
    recording = write_wav(greeting())
    reply, heard = await ask(server, recording), await hear(server, recording)
    return Finding("“Merhaba, Gülümse”", _quoted(reply), f"“{heard.text}” as {heard.language}")


async def silence(server: Server) -> Finding:
    """Send three seconds of silence, and ten of a quiet line."""
    parts, ours = [], []
    for recording in (write_wav(np.zeros(3 * audio.SAMPLE_RATE, np.float32)), voice("sil1_noise")):
        parts.append(_quoted(await ask(server, recording)))
        ours.append(await _outcome(hear(server, recording)))
    return Finding("silence; a quiet line", "; ".join(parts), "; ".join(ours))


async def long(server: Server) -> Finding:
    """Send a message of about a minute."""
    spoken = [load_voices()[name] for name in LONG]
    recording = write_wav(sound(*LONG))
    said = " ".join(each.text for each in spoken)
    reply, started = await ask(server, recording), time.monotonic()
    heard = await hear(server, recording)
    took, wer = time.monotonic() - started, _wer(said, heard.text, "tr")
    seconds = sum(each.seconds for each in spoken)
    return Finding(f"{seconds:.0f} s", _judged(reply, said, "tr"), f"{wer:.0f} % wrong in {took:.0f} s {heard.notice}")


async def formats(server: Server) -> Finding:
    """Send two words in the formats that telephone systems write, and in rarer ones."""
    parts, ours = [], []
    for name, recording in recordings().items():
        parts.append(f"{name} {_quoted(await ask(server, recording))}")
        ours.append(f"{name} {await _outcome(hear(server, recording))}")
    return Finding("formats", "; ".join(parts), "; ".join(ours))


async def word_times(server: Server) -> Finding:
    """Ask for the times of words, and without details."""
    asked = await ask(server, write_wav(greeting()), **{"timestamp_granularities[]": "word"})
    plain = await ask(server, write_wav(greeting()), response_format="json")
    segments = asked.body.get("segments") or []
    words = asked.body.get("words") or [word for segment in segments for word in segment.get("words") or []]
    timed = sum(isinstance(word.get("start"), int | float) for word in words)
    keys = ", ".join(sorted(segments[0])) if segments else "no segments"
    return Finding(
        "word times",
        f"{asked.status}, {timed} times of words; without details {plain.status}; a segment has: {keys}",
        "unused",
    )


async def wrong_model(server: Server) -> Finding:
    """Ask for a model that the server doesn't have."""
    wrong = server._replace(model=_NO_SUCH)
    reply = await ask(wrong, write_wav(greeting()))
    return Finding("unknown model", _quoted(reply), await _outcome(hear(wrong, write_wav(greeting()))))


async def wrong_key(server: Server) -> Finding:
    """Send a key that the server doesn't know."""
    wrong = server._replace(key=_NO_SUCH)
    reply = await ask(wrong, write_wav(greeting()))
    return Finding("wrong key", _quoted(reply), await _outcome(hear(wrong, write_wav(greeting()))))


async def two_at_once(server: Server) -> Finding:
    """Send two messages at once, each of which was sent alone before."""
    names = (TURKISH, ENGLISH)
    async with transcriber(server) as remote:
        await remote.prepare()
        started = time.monotonic()
        alone = [(await remote.transcribe(voice(name), TranscribeOptions())).text for name in names]
        middle = time.monotonic()
        both = await asyncio.gather(*(remote.transcribe(voice(name), TranscribeOptions()) for name in names))
    same = "the same texts" if [each.text for each in both] == alone else "other texts"
    return Finding("two at once", "", f"{same}, {(time.monotonic() - middle) / (middle - started):.2f} of the time")


async def hang_up(server: Server) -> Finding:
    """Cancel a long message while the server works on it, and send another at once."""
    async with transcriber(server) as remote:
        await remote.prepare()
        await _cancelled(remote)
        started = time.monotonic()
        text = (await remote.transcribe(voice(ENGLISH), TranscribeOptions())).text
    spoken = load_voices()[ENGLISH]
    wer = _wer(spoken.text, text, "en")
    return Finding("cancelled", "", f"the next message: {wer:.0f} % wrong after {time.monotonic() - started:.1f} s")


async def killed(server: Server, kill: Callable[[], None]) -> Finding:
    """End the server while it works on a message."""
    recording = write_wav(sound(*LONG))
    async with transcriber(server) as remote:
        await remote.prepare()
        task = asyncio.ensure_future(_outcome(remote.transcribe(recording, TranscribeOptions())))
        await asyncio.sleep(1)
        kill()
        started = time.monotonic()
        return Finding("killed", "", f"{await task} ({time.monotonic() - started:.1f} s)")


CHECKS: dict[str, Callable[[Server], Awaitable[Finding]]] = {
    # Silero's voice detector, which several servers apply, takes half of this one for silence.
    "number": lambda server: language(server, NUMBER),
    "turkish": lambda server: language(server, TURKISH),
    "english": lambda server: language(server, ENGLISH),
    "short": short,
    "silence": silence,
    "long": long,
    "formats": formats,
    "words": word_times,
    "model": wrong_model,
    "key": wrong_key,
    "two": two_at_once,
    "cancelled": hang_up,
}


async def _cancelled(remote: RemoteTranscriber) -> None:
    recording = write_wav(sound(*LONG))
    task = asyncio.ensure_future(remote.transcribe(recording, TranscribeOptions()))
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _outcome(heard: Awaitable[Transcript]) -> str:
    try:
        transcript = await heard
    except VmError as error:
        return f"{type(error).__name__}: {error}"
    return f"“{transcript.text}” {transcript.notice}".strip()


def _judged(reply: Reply, said: str, code: str) -> str:
    return f"{_wer(said, reply.text, code):.0f} % wrong" if reply.status == httpx.codes.OK else str(reply.status)


def _quoted(reply: Reply) -> str:
    return f"{reply.status} “{reply.text}”"


def _wer(said: str, heard: str, code: str) -> float:
    return wording.rates([wording.pair(said, heard, code)]).wer
