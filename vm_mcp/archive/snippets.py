"""Cut out the part of a text that best shows what a search found in it."""

from collections.abc import Sequence

from vm_mcp.archive.query import Span
from vm_mcp.models import Snippet

WIDTH = 160
"""Maximum characters of a snippet, not counting its ellipses."""

_CUT = "…"


def snippet(text: str, spans: Sequence[Span], width: int = WIDTH) -> Snippet:
    """Return the part of a text that shows most of the places found, cut at spaces where possible.

    Args:
        text: A transcript's whole text.
        spans: The places found, in order; without any, the snippet is the beginning of the text.
        width: Maximum characters of the text to show.
    """
    start, end = _window(text, spans, width)
    before, after = _CUT * (start > 0), _CUT * (end < len(text))
    shift = len(before) - start
    highlights = tuple(
        (max(first, start) + shift, min(last, end) + shift) for first, last in spans if first < end and last > start
    )
    return Snippet(text=before + text[start:end] + after, marks=highlights)


def _window(text: str, spans: Sequence[Span], width: int) -> Span:
    """Choose what to show: a quarter of the width is context before the first place shown."""
    if len(text) <= width:
        return 0, len(text)
    first = _densest(spans, width)
    start = max(0, min(first - width // 4, len(text) - width))
    end = start + width
    # Both cuts move inwards to a space, but not past the beginning of the place, which must stay visible.
    if start > 0:
        space = text.find(" ", start - 1, first)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", max(first, start) + 1, end + 1)
        end = space if space >= 0 else end
    return start, end


def _densest(spans: Sequence[Span], width: int) -> int:
    """Return the start of the place that the most others follow within the window; the first such place."""
    room = width - width // 4
    counts = [sum(start <= other[0] and other[1] <= start + room for other in spans) for start, _ in spans]
    return spans[counts.index(max(counts))][0] if counts else 0
