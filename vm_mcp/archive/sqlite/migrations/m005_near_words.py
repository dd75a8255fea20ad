"""Search by words that were misheard, and by any digits that were said.

The step itself is empty: `search_index.rebuild` creates the index in the last step, whichever that is.
"""

STATEMENTS: tuple[str, ...] = ()
