"""Sizes that the decoder's graph is built with, apart from it, so that no reader of a graph imports its builder."""

from typing import Final

SLOTS: Final = 4
"""Windows in one step of the decoder."""
BEST: Final = 10
"""Likeliest tokens returned for a row: twice the beam, as some of them end the text."""
