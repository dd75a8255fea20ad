"""What a server's answer says, however much of it there is: servers differ in which fields they fill, and how."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from vm_mcp.asr import hallucination
from vm_mcp.asr.whisper_languages import language_code
from vm_mcp.errors import TranscriptionError
from vm_mcp.models import Segment
from vm_mcp.text import clean_text

UNKNOWN_LOGPROB = -1.0
"""Stands for a certainty that the server doesn't tell: doubtful, so that the guard is as strict as it gets."""
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


class _Stretch(_Lenient):
    text: _Text = None
    start: _Number = None
    end: _Number = None
    avg_logprob: _Number = None
    no_speech_prob: _Number = None


class ServerTranscript(_Lenient):
    """A transcription as a server tells it; what it leaves out, or what can't be read, is None."""

    text: _Text = None
    language: _Text = None
    duration: _Number = None
    segments: Annotated[list[_Stretch] | None, WrapValidator(_or_none)] = None

    @property
    def language_code(self) -> str:
        """ISO 639-1 code of the language; empty when the server doesn't say."""
        return language_code(self.language or "")

    @property
    def seconds(self) -> float:
        """How long the recording is, as far as the answer shows."""
        return max(0.0, self.duration or 0.0, *(stretch.end or 0.0 for stretch in self.segments or ()))

    def spoken(self) -> tuple[Segment, ...]:
        """Give what was said, in order, without what the guard takes for invented; empty when nobody spoke."""
        seconds = self.seconds
        stretches = self.segments or [_Stretch(text=self.text, start=0.0, end=seconds)]
        segments = [_segment(stretch, seconds) for stretch in _bounded(stretches)]
        return tuple(segment for segment in segments if segment.text and not hallucination.is_invented(segment))


class _ListedModel(_Lenient):
    id: _Text = None


class _ModelList(_Lenient):
    data: list[_ListedModel]


def parse_heard(body: bytes) -> ServerTranscript:
    """Read the answer to a transcription.

    Raises:
        TranscriptionError: It is none.
    """
    try:
        heard = ServerTranscript.model_validate_json(body)
    except ValidationError:
        heard = ServerTranscript()
    if heard.text is None and heard.segments is None:
        raise TranscriptionError(
            "The speech server's answer is no transcription. Check that VM_MCP_REMOTE_URL is the address of an "
            "OpenAI-compatible API, and VM_MCP_MODEL a speech model that it serves."
        )
    return heard


def parse_models(body: bytes) -> list[str]:
    """Read the list of models; empty when the answer is none, since not every server has it."""
    try:
        listed = _ModelList.model_validate_json(body).data
    except ValidationError:
        return []
    return [model.id for model in listed if model.id]


def _bounded(stretches: list[_Stretch]) -> list[_Stretch]:
    """Keep no more text than can have been said."""
    kept, room = [], _MAX_CHARACTERS
    for stretch in stretches:
        text = clean_text(stretch.text or "")[:room]
        room -= len(text)
        if text:
            kept.append(stretch.model_copy(update={"text": text}))
    return kept


def _segment(stretch: _Stretch, seconds: float) -> Segment:
    start = min(max(stretch.start or 0.0, 0.0), seconds)
    return Segment(
        text=stretch.text or "",
        start_seconds=round(start, 2),
        end_seconds=round(max(stretch.end or 0.0, start), 2),
        avg_logprob=UNKNOWN_LOGPROB if stretch.avg_logprob is None else min(stretch.avg_logprob, 0.0),
        no_speech_prob=min(max(stretch.no_speech_prob or 0.0, 0.0), 1.0),
    )
