"""Reads a speech server's answers. Servers differ in which fields they fill and how, so only the text is required."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from vm_mcp.asr import hallucination
from vm_mcp.errors import EngineFailedError
from vm_mcp.languages import language_code
from vm_mcp.models import Segment
from vm_mcp.text import clean_text

UNKNOWN_LOGPROB = -1.0
"""Stands for a mean log probability that the server doesn't give: so low that the hallucination filter is at its
strictest."""
# Longer than the text of any one window of Whisper's; of much longer texts, any compresses well.
_LOOP_CHARACTERS = 2_000
# Whisper fills a recording up with silence to a multiple of this, and may set the last end in there.
_WINDOW_SECONDS = 30.0
_MAX_CHARACTERS = 100_000  # half an hour of fast speech is a quarter of that


def _or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401  # whatever JSON holds
    try:
        return handler(value)
    except ValidationError:
        return None


_Text = Annotated[str | None, WrapValidator(_or_none)]
_Number = Annotated[float | None, Field(allow_inf_nan=False), WrapValidator(_or_none)]


class _Lenient(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class _ServerSegment(_Lenient):
    text: _Text = None
    start: _Number = None
    end: _Number = None
    avg_logprob: _Number = None
    no_speech_prob: _Number = None

    def up_to(self, seconds: float) -> dict[str, float | None]:
        """Return its times, none later than that."""
        return {name: time and min(time, seconds) for name, time in (("start", self.start), ("end", self.end))}


class ServerTranscript(_Lenient):
    """A transcription. Fields that are missing or can't be read are None."""

    text: _Text = None
    language: _Text = None
    detected_language: _Text = None
    """What whisper.cpp's server detected, whichever language it decoded as."""
    detected_language_probability: _Number = None
    duration: _Number = None
    segments: Annotated[list[_ServerSegment] | None, WrapValidator(_or_none)] = None

    @property
    def language_code(self) -> str:
        """ISO 639-1 code of the language; empty if the server doesn't say."""
        return language_code(self.language or "")

    @property
    def detected_code(self) -> str:
        """ISO 639-1 code of the language detected; empty if the server doesn't say."""
        return language_code(self.detected_language or "")

    @property
    def whole_text(self) -> str:
        """All text, that of the segments after the other, as they were received."""
        return " ".join(filter(None, (self.text, *(segment.text for segment in self.segments or ()))))

    @property
    def has_text(self) -> bool:
        """Whether there is any text."""
        return bool(clean_text(self.whole_text))

    @property
    def is_loop(self) -> bool:
        """Whether some of it repeats a phrase over and over, as Whisper does on speech that it can't make out."""
        received = self.segments or [_ServerSegment(text=self.text)]
        return any(
            hallucination.compression_ratio((each.text or "")[:_LOOP_CHARACTERS]) > hallucination.REPETITIVE
            for each in received
        )

    @property
    def last_end(self) -> float:
        """Seconds to the last end of a segment; 0 if none is given."""
        return max((segment.end or 0.0 for segment in self.segments or ()), default=0.0)

    @property
    def seconds(self) -> float:
        """Length of the recording: as stated, or the last end of a segment if that is later; 0 if neither is given."""
        return max(self.duration or 0.0, self.last_end)

    def within(self, seconds: float | None) -> "ServerTranscript":
        """Return it with times that fit into the recording, and without those in another unit.

        LocalAI states nanoseconds (`core/schema/transcription.go`, read in 2026-11).

        Args:
            seconds: Length of the recording; None if it is not known.
        """
        if seconds is None:
            return self
        latest = seconds + _WINDOW_SECONDS
        times = [time for segment in self.segments or () for time in (segment.start, segment.end) if time]
        unknown = dict[str, float | None](start=0.0, end=None) if max(times, default=0.0) > latest else None
        segments = self.segments and [each.model_copy(update=unknown or each.up_to(seconds)) for each in self.segments]
        duration = None if (self.duration or 0.0) > latest else self.duration
        return self.model_copy(update={"segments": segments, "duration": duration})

    def spoken_segments(self) -> tuple[Segment, ...]:
        """Return the segments in order, without hallucinations; empty if nobody spoke."""
        seconds = self.seconds
        received = self.segments or [_ServerSegment(text=self.text, start=0.0, end=seconds)]
        return hallucination.without_hallucinations(_to_segment(each, seconds) for each in _bounded(received))


class _ListedModel(_Lenient):
    id: _Text = None


class _ModelList(_Lenient):
    data: list[_ListedModel]


def parse_transcription(body: bytes) -> ServerTranscript:
    """Parse the answer to a transcription request.

    CPU-bound, up to a second for the longest answer: call through `asyncio.to_thread`.

    Raises:
        EngineFailedError: It is not a transcription.
    """
    try:
        answer = ServerTranscript.model_validate_json(body)
    except ValidationError:
        answer = ServerTranscript()
    if answer.text is None and answer.segments is None:
        raise EngineFailedError(
            "The speech server's answer is not a transcription. Check that VM_MCP_REMOTE_URL is the address of an "
            "OpenAI-compatible API, and that VM_MCP_MODEL is a speech model that it serves."
        )
    return answer


def parse_models(body: bytes) -> list[str]:
    """Return the ids in a list of models; empty if the answer is something else, since not every server has a list."""
    try:
        listed = _ModelList.model_validate_json(body).data
    except ValidationError:
        return []
    return [model.id for model in listed if model.id]


def _bounded(segments: list[_ServerSegment]) -> list[_ServerSegment]:
    """Return the segments that have text, cleaned, and up to the length that can have been said."""
    kept, remaining = [], _MAX_CHARACTERS
    for segment in segments:
        text = clean_text(segment.text or "")[:remaining]
        remaining -= len(text)
        if text:
            kept.append(segment.model_copy(update={"text": text}))
    return kept


def _to_segment(received: _ServerSegment, seconds: float) -> Segment:
    start = min(max(received.start or 0.0, 0.0), seconds)
    end = seconds if received.end is None else received.end
    return Segment(
        text=hallucination.without_loop(received.text or ""),
        start_seconds=round(start, 2),
        end_seconds=round(max(end, start), 2),
        avg_logprob=UNKNOWN_LOGPROB if received.avg_logprob is None else min(received.avg_logprob, 0.0),
        no_speech_prob=min(max(received.no_speech_prob or 0.0, 0.0), 1.0),
    )
