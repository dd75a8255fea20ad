"""What is asked of a speech server, and how often, so that a whole message comes back in the language it was spoken in.

Servers with the same API differ in what they do silently: take each message for English, leave out what follows the
first 30 s, answer nothing right after a silence, fail on a recording's encoding. Each shows in the answer, and is met
by another request. What a server is found unable to do is remembered. A recording that most would misread is sent as
PCM from the first, since no answer shows that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from vm_mcp import audio
from vm_mcp.asr.length_notices import length_notice
from vm_mcp.asr.remote.recording_parts import WHISPER_SECONDS, RecordingPart, cut, length_seconds, readable, to_pcm
from vm_mcp.asr.remote.speech_server import RequestRefusedError, ServerFailedError, Upload
from vm_mcp.asr.remote.transcription_response import ServerTranscript, parse_transcription
from vm_mcp.languages import is_in_script_of
from vm_mcp.models import Segment

Send = Callable[[Upload, dict[str, str], float], Awaitable[bytes]]
"""Sends a recording with the fields of a request, within a number of seconds, and returns the body of the answer."""

_DETAILED, _PLAIN = "verbose_json", "json"
"""Answers with segments, times and probabilities, or only with the text."""

# Seconds for a message: time in the server's queue, and real time for its bytes at the lowest usual bit rate.
_QUEUE_SECONDS, _BYTES_PER_SECOND = 60.0, 1_000
# Probability from which a server's guess of the language counts more than the account's first language.
_LIKELY = 0.5
# A segment that ends so near to 30 s was probably cut there; and times are rounded.
_CUT_SECONDS, _ROUNDING = 2.0, 0.5

_MAYBE_CUT = (
    "The speech server may have left out what was said after the first 30 seconds. Listen to the rest, or install "
    "vm-mcp as vm-mcp[whisper], which sends long messages in parts."
)
_LOOPS = (
    "The speech server's text repeats itself, so it did not make out what was said, perhaps because it took it for "
    "another language. Listen to the message, or set VM_MCP_MODEL to a larger model."
)


class Heard(NamedTuple):
    """A message, as the server transcribed it."""

    segments: tuple[Segment, ...]
    language: str
    """ISO 639-1 code of the language that it was decoded as; empty if that is not known."""
    seconds: float
    """Length of the recording; 0 if it is not known."""
    notice: str = ""
    """What the reader must know of it; else empty."""


class Conversation:
    """Requests to one server.

    Args:
        send: Sends a request.
        languages: ISO 639-1 codes of what callers speak, the most usual first.
    """

    def __init__(self, send: Send, languages: tuple[str, ...]) -> None:
        self._send = send
        self._languages = languages
        self._format, self._gives_details = _DETAILED, False
        self._needs_pcm = False
        self._needs_parts = False

    async def probe(self, recording: bytes, budget: float) -> None:
        """Have a recording transcribed only to see that the server does that.

        The language is named if the server knows it, so that it need not be detected in a word or two.
        """
        try:
            await self._ask_once(recording, self._languages[0], budget, _PLAIN)
        except RequestRefusedError:
            await self._ask_once(recording, "", budget, _PLAIN)

    async def transcribe(self, recording: bytes, language: str) -> Heard:
        """Return what was said in a recording, all of it, see `RemoteTranscriber.transcribe`."""
        language = language or (self._languages[0] if len(self._languages) == 1 else "")
        recording = await asyncio.to_thread(readable, recording)
        seconds = await asyncio.to_thread(length_seconds, recording)
        is_long = seconds is not None and seconds > WHISPER_SECONDS
        if is_long and self._needs_parts and (parts := await asyncio.to_thread(cut, recording)):
            return await self._hear_parts(parts, language, seconds or 0.0)
        answer, spoken = await self._hear(recording, language)
        answer = answer.within(seconds)
        notice = _LOOPS if answer.is_loop else ""
        if _may_be_cut(answer, seconds):
            parts = await asyncio.to_thread(cut, recording) if is_long else []
            if parts:
                self._needs_parts = True
                return await self._hear_parts(parts, language, seconds or 0.0)
            notice = f"{notice} {_MAYBE_CUT}".strip()
        timed = answer.model_copy(update={"duration": answer.duration or seconds})
        return Heard(timed.spoken_segments(), spoken, timed.seconds, notice)

    async def _hear_parts(self, parts: list[RecordingPart], language: str, recorded: float) -> Heard:
        segments, languages, notice = list[Segment](), list[str](), ""
        for part in parts:
            answer, spoken = await self._hear(part.data, language)
            found = answer.within(part.seconds).model_copy(update={"duration": part.seconds}).spoken_segments()
            segments += [_moved(segment, part.start_seconds) for segment in found]
            languages += [spoken] * bool(found)
            notice = _LOOPS if answer.is_loop else notice
        seconds = parts[-1].start_seconds + parts[-1].seconds
        if recorded > audio.MAX_SECONDS:
            notice = f"{notice} {length_notice(recorded)}".strip()
        return Heard(tuple(segments), languages[0] if languages else "", seconds, notice)

    async def _hear(self, recording: bytes, language: str) -> tuple[ServerTranscript, str]:
        """Return the server's answer, and the language that it was decoded as.

        It is asked again for another language where the answer shows that it took the wrong one, and where it answers
        nothing: after a silence, its own or another's, whisper.cpp's server may miss a whole message; and vLLM's
        details end with the last time that the model set, which may be none.
        """
        answer = await self._ask(recording, language)
        better = "" if language else better_language(answer, self._languages)
        if not better and not answer.has_text:
            answer = await self._ask(recording, language)
            better = "" if language else better_language(answer, self._languages)
        if better:
            answer = await self._ask(recording, better)
        spoken = better or language or answer.language_code
        if not answer.has_text and self._format != _PLAIN:
            answer = answer.model_copy(update={"text": (await self._ask(recording, spoken, _PLAIN)).text})
        return answer, spoken

    async def _ask(self, recording: bytes, language: str, response_format: str = "") -> ServerTranscript:
        """Return the server's answer, to the recording as PCM if the server fails on it as it is."""
        budget = _QUEUE_SECONDS + len(recording) / _BYTES_PER_SECOND
        pcm = await asyncio.to_thread(to_pcm, recording) if self._needs_pcm else None
        try:
            return await self._ask_for_details(pcm or recording, language, budget, response_format)
        except (RequestRefusedError, ServerFailedError):
            pcm = None if pcm else await asyncio.to_thread(to_pcm, recording)
            if not pcm:
                raise
        answer = await self._ask_for_details(pcm, language, budget, response_format)
        self._needs_pcm = True
        return answer

    async def _ask_for_details(
        self, recording: bytes, language: str, budget: float, response_format: str
    ) -> ServerTranscript:
        """Return the server's answer with all details, or the text alone where it refuses or fails to give details."""
        wanted = response_format or self._format
        try:
            answer = await self._ask_once(recording, language, budget, wanted)
        except (RequestRefusedError, ServerFailedError):
            if wanted == _PLAIN:
                raise
        else:
            self._gives_details = self._gives_details or wanted == _DETAILED
            return answer
        answer = await self._ask_once(recording, language, budget, _PLAIN)
        if not self._gives_details:
            self._format = _PLAIN
        return answer

    async def _ask_once(self, recording: bytes, language: str, budget: float, response_format: str) -> ServerTranscript:
        audio_format = audio.sniff(recording)
        assert audio_format  # noqa: S101  # checked before, and what is made here is WAV
        upload = Upload(recording, f"voicemail{audio_format.suffix}", audio_format.mime_type)
        fields = {"response_format": response_format, "temperature": "0"}
        if language:
            fields["language"] = language
        return await asyncio.to_thread(parse_transcription, await self._send(upload, fields, budget))


def better_language(answer: ServerTranscript, languages: tuple[str, ...]) -> str:
    """Return the language to ask for in place of the one that an answer was decoded as; empty: that one is right.

    whisper.cpp's server decodes as English unless told, and says beside it which language it detected. WhisperLiveKit
    0.2 detects a language and does not say which: for a Turkish greeting it answered in Arabic letters.

    Args:
        answer: The answer to a request that named no language.
        languages: ISO 639-1 codes of what callers speak, the most usual first.
    """
    decoded, detected = answer.language_code, answer.detected_code
    if detected and detected != decoded:
        probability = answer.detected_language_probability
        is_likely = detected in languages and (probability is None or probability >= _LIKELY)
        wanted = detected if is_likely else languages[0]
    elif decoded not in languages if decoded else not is_in_script_of(answer.whole_text, languages):
        wanted = languages[0]
    else:
        return ""
    return "" if wanted == decoded else wanted


def _may_be_cut(answer: ServerTranscript, seconds: float | None) -> bool:
    """Return whether the server may have heard only the first 30 s: nothing in its answer comes from later.

    Args:
        answer: The answer.
        seconds: Length of the recording; None if it is not known.
    """
    reaches = answer.last_end
    if seconds is None:
        return not answer.duration and not reaches
    if seconds <= WHISPER_SECONDS + _ROUNDING or reaches > WHISPER_SECONDS + _ROUNDING:
        return False
    heard_all = (answer.duration or 0.0) >= seconds - 2 * _ROUNDING
    return not heard_all or reaches >= WHISPER_SECONDS - _CUT_SECONDS


def _moved(segment: Segment, seconds: float) -> Segment:
    times = {name: round(getattr(segment, name) + seconds, 2) for name in ("start_seconds", "end_seconds")}
    return segment.model_copy(update=times)
