"""Cut out the part of a text that best shows what a search found in it."""

from collections.abc import Sequence

from vm_mcp.archive.query import Span, merge
from vm_mcp.models import Snippet
from vm_mcp.text import DOUBT_END, DOUBT_START, doubt_mark_spans

WIDTH = 160
"""Maximum characters of a snippet, not counting its ellipses."""

_CUT = "…"


def snippet(text: str, spans: Sequence[Span], width: int = WIDTH) -> Snippet:
    """Return the part of a text that shows most of the places found, cut at spaces where possible.

    Args:
        text: A transcript's whole text, with doubt marks. A mark that is cut is closed.
        spans: The places found, in order; without any, the snippet is the beginning of the text.
        width: Maximum characters of the text to show.
    """
    marks = doubt_mark_spans(text)
    whole = merge(_with_whole_mark(span, marks) for span in spans)
    start, end = _window(text, whole, width)
    before = _CUT * (start > 0) + DOUBT_START * _is_inside(start, marks)
    after = DOUBT_END * _is_inside(end, marks) + _CUT * (end < len(text))
    shift = len(before) - start
    highlights = tuple(
        (max(first, start) + shift, min(last, end) + shift) for first, last in whole if first < end and last > start
    )
    return Snippet(text=before + text[start:end] + after, marks=highlights)


def _with_whole_mark(span: Span, marks: Sequence[Span]) -> Span:
    """Return a place; one of which only an end is within a mark, with all of the mark."""
    crossed = [mark for mark in marks if mark[0] < span[1] and span[0] < mark[1] and not _contains(mark, span)]
    return min([span[0], *(start for start, _ in crossed)]), max([span[1], *(end for _, end in crossed)])


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] < inner[0] and inner[1] < outer[1]


def _is_inside(at: int, marks: Sequence[Span]) -> bool:
    return any(start < at < end for start, end in marks)


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
