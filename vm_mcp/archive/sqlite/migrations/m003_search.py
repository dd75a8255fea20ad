"""Full-text search.

The step itself is empty: `search_index.rebuild` creates the index in the last step, whichever that is.
"""

STATEMENTS: tuple[str, ...] = ()
