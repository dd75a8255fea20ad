"""Cuts the part of a text that shows best what was found in it."""

from collections.abc import Sequence

from vm_mcp.archive.query import Span
from vm_mcp.models import Snippet

WIDTH = 160
"""Characters of a snippet at most, without its dots."""

_CUT = "…"


def snippet(text: str, spans: Sequence[Span], width: int = WIDTH) -> Snippet:
    """Cut at spaces where there are some.

    Args:
        text: All that was said.
        spans: The places found, in order; none shows the beginning.
        width: Characters to show at most.
    """
    start, end = _window(text, spans, width)
    before, after = _CUT * (start > 0), _CUT * (end < len(text))
    shift = len(before) - start
    marks = tuple(
        (max(first, start) + shift, min(last, end) + shift) for first, last in spans if first < end and last > start
    )
    return Snippet(text=before + text[start:end] + after, marks=marks)


def _window(text: str, spans: Sequence[Span], width: int) -> Span:
    if len(text) <= width:
        return 0, len(text)
    first = _densest(spans, width)
    start = max(0, min(first - width // 4, len(text) - width))
    end = start + width
    if start > 0:
        space = text.find(" ", start - 1, first)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", max(first, start) + 1, end + 1)
        end = space if space >= 0 else end
    return start, end


def _densest(spans: Sequence[Span], width: int) -> int:
    """Where the most places follow within what can be shown; the first of equals."""
    room = width - width // 4
    counts = [sum(start <= other[0] and other[1] <= start + room for other in spans) for start, _ in spans]
    return spans[counts.index(max(counts))][0] if counts else 0
