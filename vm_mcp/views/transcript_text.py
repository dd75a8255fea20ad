"""How a transcription is written for people: its text, remarks on it, and what was read from its words."""

from collections.abc import Iterator

from vm_mcp.models import NO_WORDS
from vm_mcp.views.rows import MESSAGE_COLUMNS, NOT_KNOWN, message_cells
from vm_mcp.views.said_rows import HeardOtherwiseItem, PhoneNumberItem, TranscriptionItem
from vm_mcp.views.time_texts import said_time_text
from vm_mcp.views.view import tab_separated

COLUMNS = ("uuid ends in", "status", *MESSAGE_COLUMNS, "state", "language", "seconds")
"""Of the line above each text."""


def item_lines(item: TranscriptionItem, year: int | None) -> Iterator[str]:
    """Yield all that is told of one transcription; times in the current `year` are written without it."""
    yield tab_separated(cell or NOT_KNOWN for cell in _cells(item, year))
    if item.opened:
        yield "(this call marked it as read)"
    if item.same_as:
        yield f"(same recording as {item.same_as})"
    for segment in item.segments:
        language = f", {segment.language}" if segment.language else ""
        yield f"{segment.start_seconds:g}-{segment.end_seconds:g} s ({segment.avg_logprob:g}{language}): {segment.text}"
    if item.text and not item.segments:
        yield item.text
    yield from _remarks(item)
    yield from derived_lines(item)
    if item.engine:
        yield f"(engine: {item.engine})"
    if item.left_out:
        yield f"(left out: {item.left_out})"
    if item.error:
        yield item.error


def said_lines(item: TranscriptionItem) -> Iterator[str]:
    """Yield what a reader of one message sees: its text, if any, and the remarks on it."""
    remarks = list(_remarks(item))
    if item.text or not remarks:
        yield item.text or NO_WORDS
    yield from remarks


def _remarks(item: TranscriptionItem) -> Iterator[str]:
    yield from (f"({remark})" for remark in item.remarks)


def derived_lines(item: TranscriptionItem) -> Iterator[str]:
    """Yield what was read from the words: where to listen, telephone numbers, other numbers in doubt, then times."""
    if item.doubtful:
        yield f"listen at: {', '.join(item.doubtful)}"
    yield from map(_phone_number_text, item.phone_numbers)
    yield from map(_otherwise_text, item.heard_otherwise)
    for said in item.times:
        yield said_time_text(said, item.received_at)


def _cells(item: TranscriptionItem, year: int | None) -> tuple[str, ...]:
    return (
        item.short_uuid,
        item.status,
        *message_cells(item, year),
        item.state_cell,
        item.language,
        "" if item.duration_seconds is None else f"{item.duration_seconds:g}",
    )


def _otherwise_text(item: HeardOtherwiseItem) -> str:
    return f'"{item.heard}" may also be "{item.other}" ({_place(item)})'


def _place(item: HeardOtherwiseItem | PhoneNumberItem) -> str:
    """Return where to listen for something; empty if that isn't known."""
    if item.start_seconds is None or item.end_seconds is None:
        return ""
    return f"at {item.start_seconds:.1f}-{item.end_seconds:.1f} s"


def _phone_number_text(item: PhoneNumberItem) -> str:
    place = _place(item)
    if not item.number:
        return f"{item.verdict} ({'; '.join(filter(None, (place, f'heard as: {item.heard}')))})"
    facts = [
        place,
        "digits in braces are in doubt" if item.in_doubt else item.e164,
        "" if item.is_valid else "not a sure or not a complete number",
        "" if item.confidence is None else f"confidence {item.confidence:g}",
        item.verdict,
        f"heard as: {item.heard}",
    ]
    return f"number said: {item.in_doubt or item.number} ({'; '.join(fact for fact in facts if fact)})"
