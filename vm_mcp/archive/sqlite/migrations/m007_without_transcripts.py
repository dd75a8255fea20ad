"""Search finds messages without a transcript, by who called and by notes.

The step itself is empty: `search_index.rebuild` creates the index in the last step, whichever that is.
"""

STATEMENTS: tuple[str, ...] = ()
