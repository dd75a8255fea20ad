"""Times said in a message: days, hours and deadlines, in Turkish and English, counted from when it was left.

A small grammar of our own: of seventeen readers of dates none fits, since they read names, counts and prices as times,
know no Turkish bounds, and tell one of several readings without a word. This one reads a phrase only if it understands
all of it that is about time, and says which values have to be asked.

CPU-bound, well under a millisecond for a transcript.
"""

from vm_mcp.doubt.times.message_times import TimeSaid, find_times

__all__ = ["TimeSaid", "find_times"]
