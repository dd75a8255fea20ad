"""The times in a transcript, as they are shown."""

from collections.abc import Sequence
from datetime import datetime

from vm_mcp.doubt.said_words import SaidWord
from vm_mcp.doubt.thresholds import NUMBER
from vm_mcp.doubt.times import TimeSaid, find_times
from vm_mcp.models import SaidTime
from vm_mcp.wording import joined

_DOUBTFUL_WORDS = "doubtful words: check by listening"


def said_times(said: Sequence[SaidWord], language: str, received_at: datetime) -> tuple[SaidTime, ...]:
    """Return the times that were said, in order.

    Args:
        said: The words of a transcript.
        language: ISO 639-1 code; empty: not known.
        received_at: When the message was left, aware, in the account's zone.
    """
    words = [word.text for word in said]
    return tuple(_shown(said, each) for each in find_times(words, language, received_at))


def _shown(said: Sequence[SaidWord], found: TimeSaid) -> SaidTime:
    words = [said[index] for index in found.words]
    doubt = _DOUBTFUL_WORDS if any(map(_is_doubtful, words)) else ""
    question = joined("; ", (found.question, doubt))
    return SaidTime(
        heard=" ".join(word.text for word in words).strip(".,;:!?\"'()“”… "),
        value=found.value,
        until=found.end,
        bound=found.bound,
        is_sure=not question,
        question=question,
    )


def _is_doubtful(word: SaidWord) -> bool:
    return word.doubt is not None and word.doubt > NUMBER
