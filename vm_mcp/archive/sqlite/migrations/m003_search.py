"""Full-text search.

The step itself is empty: the index follows from the other tables, so `index.rebuild` makes it, after any last step.
"""

STATEMENTS: tuple[str, ...] = ()
