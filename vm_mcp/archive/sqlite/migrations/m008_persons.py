"""Who retrieved a recording and who said what became of a message, by name; empty at a desk, where nobody logs in."""

STATEMENTS = (
    "ALTER TABLE openings ADD COLUMN opened_by TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE marks ADD COLUMN marked_by TEXT NOT NULL DEFAULT ''",
)
